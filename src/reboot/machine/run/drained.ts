/**
 * From the cordon to the empty node, with the pool's delays before the first eviction and before the order,
 * and its hook.
 */
import { delayFrom, hookFrom, isSuspended, waitOf } from '../../deadlines/hook-waits.ts';
import type { CordonOwner, Draining, Reboot } from '../../state/reboot.ts';
import type { DrainProgress, DrainSummary } from '../../state/drain-facts.ts';
import { type Instant, toInstant, toTimestamp } from '../../time/time.ts';
import { type Context, enter, rejected, type RebootEvent, type Step, unchanged } from '../events/events.ts';

/** The timeout of the drain counts from the end of `drainDelay`. */
export function cordoned(
  reboot: Reboot,
  state: Draining,
  { owner, workloads }: Extract<RebootEvent, { type: 'cordoned' }>,
  { pool, now }: Context,
): Step {
  const recorded = workloads === undefined ? {} : { workloads };
  const { drainDelay } = pool.hooks;
  if (drainDelay === 0 || state.drainDelay !== undefined)
    return enter(reboot, { ...state, cordon: owner }, recorded);
  const deadline = toTimestamp(now + drainDelay + pool.drain.timeout);
  return enter(
    reboot,
    { ...state, cordon: owner, deadline, drainDelay: delayFrom(now, drainDelay) },
    recorded,
  );
}

/**
 * Progress that arrives in a wait belongs to a finished drain. The drain before the order finds nothing to
 * move, and must not replace the progress of the first one.
 */
export function progressed(
  reboot: Reboot,
  state: Draining,
  { progress, daemonsBefore }: Extract<RebootEvent, { type: 'drain-progressed' }>,
): Step {
  const next = withProgress(state, progress);
  const recorded = daemonsBefore === undefined ? {} : { daemonsBefore };
  return next === state && daemonsBefore === undefined ? unchanged(reboot) : enter(reboot, next, recorded);
}

const withProgress = (state: Draining, progress: DrainProgress): Draining =>
  isSuspended(state) || (wasEmptied(state) && progress.total === 0)
    ? state
    : { ...state, drain: withLastGone(progress, state.drain) };

const wasEmptied = ({ rebootDelay, beforeHook }: Draining): boolean =>
  rebootDelay !== undefined || beforeHook !== undefined;

/**
 * The drain reports how many pods are gone. When the last one left is found by comparison, independently of
 * the worker that runs the drain.
 */
function withLastGone(progress: DrainProgress, before: DrainProgress | undefined): DrainProgress {
  const went = before !== undefined && progress.gone > before.gone ? progress.at : before?.wentAt;
  return went === undefined ? progress : { ...progress, wentAt: went };
}

/** A delay is over at the first reconcile after its time, however late that is. */
export function waited(reboot: Reboot, state: Draining, { pool, now }: Context): Step {
  const wait = waitOf(state);
  if (wait === undefined || now < toInstant(wait.until)) return unchanged(reboot);
  const deadline = toTimestamp(now + pool.drain.timeout);
  const { drainDelay, rebootDelay } = state;
  return enter(reboot, {
    ...state,
    deadline,
    ...(drainDelay ? { drainDelay: { ...drainDelay, over: true } } : {}),
    ...(rebootDelay ? { rebootDelay: { ...rebootDelay, over: true } } : {}),
  });
}

/**
 * On the first time that the node is empty, the pool's delay and then its hook may follow. Pods are not
 * watched in that time, so the drain runs again after each: no order is given before the node is known to be
 * empty.
 */
export function drained(
  found: Reboot,
  before: Draining,
  { pods, progress, daemonsBefore }: Extract<RebootEvent, { type: 'drained' }>,
  context: Context,
): Step {
  const { pool, now } = context;
  const reboot = daemonsBefore === undefined ? found : { ...found, daemonsBefore };
  const state = progress === undefined ? before : withProgress(before, progress);
  const { cordon, rebootDelay } = state;
  if (cordon === undefined)
    return rejected('not-possible-now', `${reboot.node.name} is not known to be cordoned.`);
  // Result of a drain that started before the wait. The node may have changed since.
  if (isSuspended(state)) return unchanged(reboot);
  if (rebootDelay === undefined && pool.hooks.rebootDelay > 0)
    return enter(reboot, {
      ...emptied(state),
      rebootDelay: { ...delayFrom(now, pool.hooks.rebootDelay), pods },
    });
  if (state.beforeHook === undefined && pool.hooks.before !== undefined)
    return enter(reboot, {
      ...emptied(state),
      beforeHook: { ...hookFrom(now, pool.hooks.before), pods },
    });
  return order(reboot, { cordon, state, drained: summaryOf(state, pods, now) }, context);
}

/** The last progress may name pods and budgets that no longer block. */
const emptied = ({ drain, ...state }: Draining): Draining =>
  drain ? { ...state, drain: { ...drain, gone: drain.total, leaving: [], waiting: [] } } : state;

const summaryOf = (
  { since, rebootDelay, beforeHook }: Draining,
  pods: number,
  now: Instant,
): DrainSummary => ({
  startedAt: since,
  endedAt: rebootDelay?.since ?? beforeHook?.since ?? toTimestamp(now),
  pods: pods + (rebootDelay?.pods ?? 0) + (beforeHook?.pods ?? 0),
});

/** The phase records the intent, and is stored before the order is given. */
const order = (
  reboot: Reboot,
  { cordon, state, drained: summary }: { cordon: CordonOwner; state: Draining; drained: DrainSummary },
  { pool, now }: Context,
): Step =>
  enter(reboot, {
    phase: 'Rebooting',
    since: toTimestamp(now),
    deadline: toTimestamp(now + pool.rebootTimeout),
    decision: state.decision,
    cordon,
    drained: summary,
  });
