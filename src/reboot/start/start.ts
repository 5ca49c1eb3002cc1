/** Starts an approved Reboot: the last checks, the turn, and the change to Draining. */
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import type { Turn } from '../scheduling/snapshot/ledger.ts';
import { mayStart } from '../scheduling/plan/plan.ts';
import { matchesPool } from '../policy/pools.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { type Applied, apply, applyTo, poolFor } from '../loop/apply.ts';
import { observedEvent, passOn } from '../loop/observed.ts';
import type { Observation } from '../nodes/observation.ts';
import { announce } from '../show/announce.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { checkGates, clearHeld, isCheckRecent, withoutHeld } from './gate-check.ts';
import { currentPlan } from './plans.ts';
import { snapshotOf } from './snapshot.ts';
import { releaseUnclaimed, restoreTurns, takeTurn } from './turns.ts';

/** What came of a start. `refused`: not now, for a reason that the next plan may not see yet. */
export type StartOutcome =
  | { readonly outcome: 'started'; readonly reboot: Reboot }
  | { readonly outcome: 'changed'; readonly reboot: Reboot }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'blocked' }
  | { readonly outcome: 'turns-restored' };

const refused: StartOutcome = { outcome: 'refused' };

const changedOr = (reboot: Reboot | undefined, otherwise: StartOutcome): StartOutcome =>
  reboot === undefined ? otherwise : { outcome: 'changed', reboot };

/**
 * Starts an approved Reboot if the plan allows it. That is decided twice here: first from the watches, which
 * is cheap; then, after the gate checks, on freshly read nodes. The turn is then taken by compare-and-swap,
 * with the limits checked in the same write.
 */
export async function startIfPlanned(deps: ServiceDeps, reboot: In<'Approved'>): Promise<StartOutcome> {
  const planned = await plannedStart(deps, reboot);
  const snapshot = planned ?? (await snapshotOf(deps, withoutHeld(reboot)));
  if (planned === undefined && !startsIn(deps, snapshot, reboot)) {
    // The turn was taken before a crash. A Reboot that may not start now must not keep it.
    await releaseUnused(deps, snapshot, reboot);
    return changedOr(await clearHeld(deps, reboot), refused);
  }
  const checked = isCheckRecent(deps, reboot) ? undefined : await checkGates(deps, reboot, snapshot);
  if (checked !== 'free') {
    // The turn was taken before an error prevented the start. A blocked Reboot must not keep it.
    await releaseUnused(deps, snapshot, reboot);
    return changedOr(checked, { outcome: 'blocked' });
  }
  if (await restoreTurns(deps, snapshot.ledger)) return { outcome: 'turns-restored' };
  return startOnFreshReads(deps, reboot, snapshot);
}

/**
 * The snapshot of the current plan, where that starts the Reboot: Reboots that start together need no plan
 * for each. Undefined otherwise, since the plan may be older than the Reboot.
 */
async function plannedStart(deps: ServiceDeps, { name }: Reboot): Promise<Snapshot | undefined> {
  const { starts, snapshot } = await currentPlan(deps);
  return starts.includes(name) ? snapshot : undefined;
}

async function startOnFreshReads(
  deps: ServiceDeps,
  reboot: In<'Approved'>,
  snapshot: Snapshot,
): Promise<StartOutcome> {
  const [fresh, seenAnew] = await Promise.all([
    withFreshNodes(deps, snapshot, reboot),
    observeAnew(deps, reboot),
  ]);
  if (!startsIn(deps, fresh, reboot)) return changedOr(await clearHeld(deps, reboot), refused);
  const observation = withFreshNode(seenAnew, reboot, fresh);
  const seen = await applyTo(deps, reboot, observedEvent(deps, reboot, observation));
  if (seen === 'conflict' || seen.outcome !== 'unchanged')
    return changedOr(await announceChange(deps, reboot, seen), refused);
  if (!(await takeTurn(deps, reboot, fresh))) return changedOr(await clearHeld(deps, reboot), refused);
  return begin(deps, reboot, observation);
}

/**
 * A decision is bound to the packages, and the watch may not show yet that they have changed. The node itself
 * is in the list that is read meanwhile.
 */
function observeAnew({ cluster }: ServiceDeps, { node: { name } }: Reboot): Promise<Observation> {
  const node = cluster.cachedNode(name);
  return cluster.observe(name, { daemonPods: false, ...(node === undefined ? {} : { node }) });
}

function withFreshNode(seen: Observation, { node: { name } }: Reboot, { nodes }: Snapshot): Observation {
  const node = nodes.find((each) => each.name === name);
  return node === undefined ? seen : { ...seen, node };
}

async function announceChange(
  deps: ServiceDeps,
  before: Reboot,
  seen: Applied | 'conflict',
): Promise<Reboot | undefined> {
  if (seen === 'conflict' || seen.outcome !== 'saved') return undefined;
  if (seen.reboot.state.phase !== before.state.phase) await announce(deps, seen.reboot);
  return seen.reboot;
}

const turnOf = ({ name, node }: Reboot): Pick<Turn, 'reboot' | 'node'> => ({
  reboot: name,
  node: node.name,
});

export const holdsTurnIn = ({ ledger }: Snapshot, { name }: Reboot): boolean =>
  ledger.turns.some((turn) => turn.reboot === name);

async function releaseUnused(deps: ServiceDeps, snapshot: Snapshot, reboot: Reboot): Promise<void> {
  const hasStarted = (stored: Reboot): boolean => !isIn(stored, 'Approved');
  if (!holdsTurnIn(snapshot, reboot)) return;
  if (await releaseUnclaimed(deps, turnOf(reboot), hasStarted)) await deps.queue.plan();
}

const startsIn = (deps: ServiceDeps, snapshot: Snapshot, { name }: Reboot): boolean =>
  mayStart(name, snapshot, deps.policy(), deps.clock.now());

async function withFreshNodes(deps: ServiceDeps, snapshot: Snapshot, reboot: Reboot): Promise<Snapshot> {
  const pool = poolFor(deps, reboot);
  const [members, pauses] = await Promise.all([
    deps.cluster.freshNodes(pool, reboot.node.name),
    deps.pauses.read(),
  ]);
  const others = snapshot.nodes.filter((node) => !matchesPool(pool, node));
  return { ...snapshot, nodes: [...others, ...members], pauses, heardAt: deps.clock.now() };
}

async function begin(deps: ServiceDeps, reboot: Reboot, observation: Observation): Promise<StartOutcome> {
  const applied = await apply(deps, reboot.name, { type: 'turn-taken' });
  if (applied.outcome === 'saved' || applied.outcome === 'unchanged') {
    passOn(deps, applied.reboot, { observation, fresh: true });
    await announce(deps, applied.reboot);
    return { outcome: 'started', reboot: applied.reboot };
  }
  // Cancelled or deleted since the plan, so the turn has no owner; or another worker has started it, and the
  // node is already out of service.
  if (await releaseUnclaimed(deps, turnOf(reboot))) await deps.queue.plan();
  return refused;
}
