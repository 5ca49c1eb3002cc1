import type { HookRun, HookStep } from '../state/hook-facts.ts';
import type { HooksPolicy, WebhookHook } from '../policy/pool-hooks.ts';
import type { Draining, RebootState } from '../state/reboot.ts';
import { type Instant, type Millis, type Timestamp, toTimestamp } from '../time/time.ts';

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

/** Whether the pool puts a taint or annotations on nodes that wait for their reboot. */
export const labelsWaiting = ({ preferNoSchedule, annotateState }: HooksPolicy): boolean =>
  preferNoSchedule || annotateState;

export const delayFrom = (now: Instant, duration: Millis) =>
  ({ since: toTimestamp(now), until: toTimestamp(now + duration), over: false }) as const;

/** The delay that the drain is in; undefined when it is in none. */
export function waitOf({
  drainDelay,
  rebootDelay,
}: Pick<Draining, 'drainDelay' | 'rebootDelay'>):
  | { readonly before: 'drain' | 'order'; readonly since: string; readonly until: string }
  | undefined {
  if (drainDelay?.over === false) return { before: 'drain', ...drainDelay };
  return rebootDelay?.over === false ? { before: 'order', ...rebootDelay } : undefined;
}

const hookSteps: readonly HookStep[] = ['before', 'after'];

export const hookFrom = (now: Instant, { timeout }: WebhookHook): HookRun => ({
  since: toTimestamp(now),
  until: toTimestamp(now + timeout),
});

/**
 * The hook that is being called. The hook before the uncordon is called only while the booted node is
 * healthy.
 */
export function pendingHook(
  state: RebootState,
): { readonly step: HookStep; readonly run: HookRun } | undefined {
  if (state.phase === 'Draining') return pending('before', state.beforeHook);
  if (state.phase !== 'Settling' || state.healthySince === undefined) return undefined;
  return pending('after', state.afterHook);
}

const pending = (step: HookStep, run: HookRun | undefined): ReturnType<typeof pendingHook> =>
  run === undefined || run.endedAt !== undefined ? undefined : { step, run };

/** A complete sentence. The reason that a webhook returns may end with its own full stop. */
export const hookSays = (step: HookStep, said: string): string =>
  `The hook ${step} the reboot ${said}${/[.!?]$/.test(said) ? '' : '.'}`;

/** A hook that ended without agreement and that the reboot continued without, with its reason. */
export function passedHook(
  state: RebootState,
): { readonly step: HookStep; readonly said: string } | undefined {
  return hookSteps
    .flatMap((step) => {
      const { endedAt, said } = runOf(state, step) ?? {};
      return endedAt === undefined || said === undefined ? [] : [{ step, said }];
    })
    .at(0);
}

/**
 * Whether the stored object lacks a hook that was written. The API server drops fields that a custom resource
 * definition of an earlier version does not declare.
 */
export const lostHook = (written: RebootState, stored: RebootState): boolean =>
  written.phase === stored.phase &&
  hookSteps.some((step) => runOf(written, step) !== undefined && runOf(stored, step) === undefined);

function runOf(state: RebootState, step: HookStep): HookRun | undefined {
  if (step === 'before') return state.phase === 'Draining' ? state.beforeHook : undefined;
  return state.phase === 'Settling' ? state.afterHook : undefined;
}

/** Evictions are suspended by a delay or a hook of the pool. */
export const isSuspended = (state: Draining): boolean =>
  waitOf(state) !== undefined || pendingHook(state) !== undefined;

/** When the current drain could start evicting. Earlier progress belongs to an earlier drain. */
export const drainsSince = ({
  since,
  drainDelay,
  rebootDelay,
  beforeHook,
}: Pick<Draining, 'since' | 'drainDelay' | 'rebootDelay' | 'beforeHook'>): Timestamp =>
  beforeHook?.endedAt ?? rebootDelay?.until ?? drainDelay?.until ?? since;
