import { clearedByAnyTurn, clearedByTurn } from '../scheduling/blockers/blocker-facts.ts';
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { withoutTurn } from '../scheduling/snapshot/ledger.ts';
import { startQueue } from '../scheduling/plan/start-queue.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { stuckSince } from '../deadlines/stuck.ts';
import { retryOf, undoOf } from '../deadlines/retry.ts';
import { toTimestamp } from '../time/time.ts';
import { announce } from '../show/announce.ts';
import { applyTo, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { recentPlan } from './plans.ts';
import { snapshotOf } from './snapshot.ts';

/**
 * Undoes a drain that budgets have blocked for longer than giveUpTurnAfter, where another node waits for
 * nothing but a turn. Nodes whose own drain was undone do not count: two stuck nodes would evict each other's
 * pods alternately.
 */
export async function giveUpTurn(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  const pool = poolFor(deps, reboot);
  if (!isIn(reboot, 'Draining') || pool.giveUpTurnAfter === 0) return undefined;
  const since = stuckSince(reboot.state);
  if (since === undefined || deps.clock.now() - since < pool.giveUpTurnAfter) return undefined;
  if (!(await isTurnWanted(deps, reboot))) return undefined;
  const applied = await applyTo(deps, reboot, { type: 'undone', why: 'stuck' });
  if (applied === 'conflict' || applied.outcome !== 'saved') return undefined;
  await announce(deps, applied.reboot);
  return applied.reboot;
}

/**
 * Whether a waiting Reboot would go before it in the queue. Otherwise this one would take its turn again and
 * evict the same pods.
 */
async function isTurnWanted(deps: ServiceDeps, reboot: In<'Draining'>): Promise<boolean> {
  const { blocked } = await recentPlan(deps);
  const queue = startQueue(await snapshotAfterUndo(deps, reboot), deps.policy());
  const clearing = (other: Reboot): ReadonlySet<string> =>
    other.pool === reboot.pool ? clearedByTurn : clearedByAnyTurn;
  return queue
    .slice(
      0,
      queue.findIndex(({ name }) => name === reboot.name),
    )
    .some(
      (other) =>
        other.state.retry === undefined &&
        blocked.get(other.name)?.every(({ code }) => clearing(other).has(code)) === true,
    );
}

/** The snapshot as it would be after the undo. */
async function snapshotAfterUndo(deps: ServiceDeps, reboot: In<'Draining'>): Promise<Snapshot> {
  const at = toTimestamp(deps.clock.now());
  const { decision } = reboot.state;
  const now = deps.clock.now();
  const pool = poolFor(deps, reboot);
  const retry = retryOf(undoOf(reboot.state, { why: 'stuck' }, { pool, now }), pool.drain, now);
  const state = { phase: 'Approved', since: at, decision, retry } as const;
  const snapshot = await snapshotOf(deps, { ...reboot, state });
  return { ...snapshot, ledger: withoutTurn(snapshot.ledger, reboot.name) };
}
