import type { HooksPolicy } from './policy.ts';
import type { Draining } from './reboot.ts';
import { type Instant, type Millis, type Timestamp, toTimestamp } from './time.ts';

export const noHooks: HooksPolicy = {
  labels: { before: {}, after: {} },
  annotations: { before: {}, after: {} },
  preferNoSchedule: false,
  annotateState: false,
  drainConditions: false,
  excludeFromLoadBalancers: false,
  drainDelay: 0,
  rebootDelay: 0,
};

/** Whether a node that only waits may wear something of ours. */
export const marksWaiting = ({ preferNoSchedule, annotateState }: HooksPolicy): boolean =>
  preferNoSchedule || annotateState;

export const delayFrom = (now: Instant, span: Millis) =>
  ({ since: toTimestamp(now), until: toTimestamp(now + span), over: false }) as const;

/** What a drain waits for now beside the pods; undefined: it is carried out. */
export function waitOf({
  drainDelay,
  rebootDelay,
}: Pick<Draining, 'drainDelay' | 'rebootDelay'>):
  | { readonly before: 'drain' | 'order'; readonly since: string; readonly until: string }
  | undefined {
  if (drainDelay?.over === false) return { before: 'drain', ...drainDelay };
  return rebootDelay?.over === false ? { before: 'order', ...rebootDelay } : undefined;
}

/** Since when the drain that runs now may run: what was told before belongs to an earlier one. */
export const drainsSince = ({
  since,
  drainDelay,
  rebootDelay,
}: Pick<Draining, 'since' | 'drainDelay' | 'rebootDelay'>): Timestamp =>
  rebootDelay?.until ?? drainDelay?.until ?? since;
