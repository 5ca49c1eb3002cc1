/**
 * From the cordon to the empty node, with the waits of the pool before the first eviction and before the
 * order, and its hook.
 */
import { delayFrom, hookFrom, isHeld, waitOf } from '../state/hook-waits.ts';
import type { CordonOwner, Draining, Reboot } from '../state/reboot.ts';
import type { DrainProgress, DrainSummary } from '../state/drain-facts.ts';
import { type Instant, toInstant, toTimestamp } from '../ports/time.ts';
import { type Context, enter, rejected, type RebootEvent, type Step, unchanged } from './events.ts';

/** The drain's time begins when its evictions may. */
export function cordoned(
  reboot: Reboot,
  state: Draining,
  { owner, workloads, daemonsBefore }: Extract<RebootEvent, { type: 'cordoned' }>,
  { pool, now }: Context,
): Step {
  const noted = {
    ...(workloads === undefined ? {} : { workloads }),
    ...(daemonsBefore === undefined ? {} : { daemonsBefore }),
  };
  const { drainDelay } = pool.hooks;
  if (drainDelay === 0 || state.drainDelay !== undefined)
    return enter(reboot, { ...state, cordon: owner }, noted);
  const deadline = toTimestamp(now + drainDelay + pool.drain.timeout);
  return enter(reboot, { ...state, cordon: owner, deadline, drainDelay: delayFrom(now, drainDelay) }, noted);
}

/**
 * What is told in a wait is of a drain that is over. The last look before the order finds nothing to move:
 * what was moved before is what people want to read.
 */
export function progressed(reboot: Reboot, state: Draining, progress: DrainProgress): Step {
  if (isHeld(state) || (wasEmptied(state) && progress.total === 0)) return unchanged(reboot);
  return enter(reboot, { ...state, drain: withLastGone(progress, state.drain) });
}

const wasEmptied = ({ rebootDelay, beforeHook }: Draining): boolean =>
  rebootDelay !== undefined || beforeHook !== undefined;

/**
 * The drain tells how many are gone. Since when nothing has gone any more is found by comparing, whichever
 * worker carries it out.
 */
function withLastGone(progress: DrainProgress, before: DrainProgress | undefined): DrainProgress {
  const went = before !== undefined && progress.gone > before.gone ? progress.at : before?.wentAt;
  return went === undefined ? progress : { ...progress, wentAt: went };
}

/** A wait whose time has come is over, whoever finds it so, and however late. */
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
 * Empty for the first time, the node may have to wait, for the delay of its pool and then for its hook.
 * Nobody watches its pods meanwhile, so that the drain looks through it once more after each: no order is
 * given before the node is known to be empty.
 */
export function drained(reboot: Reboot, state: Draining, pods: number, context: Context): Step {
  const { pool, now } = context;
  const { cordon, rebootDelay } = state;
  if (cordon === undefined)
    return rejected('not-possible-now', `${reboot.node.name} is not known to be cordoned.`);
  // Of a drain that began before the wait: it says nothing about the node as it will be then.
  if (isHeld(state)) return unchanged(reboot);
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

/** What was told last may name pods and budgets that nobody waits for any more. */
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

/** Entering this phase is the intent to give the order, written before it is given. */
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
