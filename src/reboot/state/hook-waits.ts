import type { HookRun, HookStep } from './hook-facts.ts';
import type { HooksPolicy, WebhookHook } from '../policy/pool-hooks.ts';
import type { Draining, RebootState } from './reboot.ts';
import { type Instant, type Millis, type Timestamp, toTimestamp } from '../ports/time.ts';

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

const hookSteps: readonly HookStep[] = ['before', 'after'];

export const hookFrom = (now: Instant, { timeout }: WebhookHook): HookRun => ({
  since: toTimestamp(now),
  until: toTimestamp(now + timeout),
});

/**
 * The hook that is asked now. While a booted node is not healthy nobody is asked whether it may be
 * uncordoned.
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

/** A sentence of its own; what a webhook gives as its reason may end as one. */
export const hookSays = (step: HookStep, said: string): string =>
  `The hook ${step} the reboot ${said}${/[.!?]$/.test(said) ? '' : '.'}`;

/** A hook that the reboot has gone on without, and why. */
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
 * Whether the store has dropped a hook: a custom resource definition of an earlier version does not know it.
 */
export const lostHook = (written: RebootState, stored: RebootState): boolean =>
  written.phase === stored.phase &&
  hookSteps.some((step) => runOf(written, step) !== undefined && runOf(stored, step) === undefined);

function runOf(state: RebootState, step: HookStep): HookRun | undefined {
  if (step === 'before') return state.phase === 'Draining' ? state.beforeHook : undefined;
  return state.phase === 'Settling' ? state.afterHook : undefined;
}

/** Nothing is evicted now: a delay of the pool, or its hook. */
export const isHeld = (state: Draining): boolean =>
  waitOf(state) !== undefined || pendingHook(state) !== undefined;

/** Since when the drain that runs now may run: what was told before belongs to an earlier one. */
export const drainsSince = ({
  since,
  drainDelay,
  rebootDelay,
  beforeHook,
}: Pick<Draining, 'since' | 'drainDelay' | 'rebootDelay' | 'beforeHook'>): Timestamp =>
  beforeHook?.endedAt ?? rebootDelay?.until ?? drainDelay?.until ?? since;
