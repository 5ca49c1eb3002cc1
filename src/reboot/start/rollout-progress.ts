/**
 * Staged rollouts, over the ports: what a start is compared with, and which card carries the rollout's view.
 */
import { membersOf, type Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { PortError } from '../ports/port-error.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { comparedBefore, type Rollout, rolloutOf, sameRollout } from '../rollout/rollout.ts';
import { leaderOf } from '../rollout/rollout-view.ts';
import { second, toInstant } from '../time/time.ts';
import type { WorkloadBefore, WorkloadReadiness } from '../nodes/workloads.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export function rolloutIn(deps: ServiceDeps, reboot: Reboot, snapshot: Snapshot): Rollout | undefined {
  const pool = poolFor(deps, reboot);
  if (pool.rollout === undefined) return undefined;
  return rolloutOf(reboot, { pool, snapshot, members: membersOf(snapshot, deps.policy()) });
}

/** The workload readiness to compare with if this Reboot starts now; empty where nothing is compared. */
export function baselineOf(deps: ServiceDeps, reboot: Reboot, snapshot: Snapshot): readonly WorkloadBefore[] {
  // The snapshot has the Reboot without its stored blockers. The comparison needs them.
  const reboots = snapshot.reboots.map((each) => (each.name === reboot.name ? reboot : each));
  const rollout = rolloutIn(deps, reboot, { ...snapshot, reboots });
  return rollout === undefined ? [] : comparedBefore(rollout, deps.clock.now());
}

/**
 * How long to retry, from the start of the drain, in milliseconds: longer than a starting API server needs to
 * load its RBAC roles.
 */
const retryFor = 20 * second;

/**
 * Records the readiness of the node's workloads before it is disturbed. A retryable error is thrown again for
 * a while. A missing permission, which looks the same as a starting API server, must not stop all reboots:
 * then nothing is compared, and an error is logged.
 */
export async function recordWorkloads(
  deps: ServiceDeps,
  reboot: Reboot,
): Promise<readonly WorkloadReadiness[] | undefined> {
  // A retry keeps the record of the first attempt.
  if (poolFor(deps, reboot).rollout === undefined || reboot.workloads !== undefined) return undefined;
  try {
    return await deps.cluster.workloadsOn(reboot.node.name);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const elapsed = deps.clock.now() - toInstant(reboot.state.since);
    if (error.retryable && elapsed < retryFor) throw error;
    deps.logger.error('workloads cannot be read; the rollout goes on without comparing them', {
      ...fieldsOf(reboot),
      err: error,
    });
    return undefined;
  }
}

/** The name of the Reboot whose card carries the view of this Reboot's rollout. */
export function leaderFor(deps: ServiceDeps, reboot: Reboot): string | undefined {
  if (poolFor(deps, reboot).rollout === undefined) return undefined;
  const others = deps.store.all().filter(({ name }) => name !== reboot.name);
  return leaderOf(sameRollout([...others, reboot], reboot))?.name;
}

/**
 * Further cards are rendered by the next resync: in a pool of a thousand nodes nobody reads them all at once.
 */
const mostCards = 20;

/** Renders the cards of Reboots that wait for the rollout, after it was halted or resumed. */
export async function renderWaiting(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const waiting = sameRollout(deps.store.all(), reboot).filter(
    (other) => other.name !== reboot.name && isIn(other, 'Approved'),
  );
  for (const { name } of waiting.slice(0, mostCards)) await deps.queue.render(name);
}

/** Renders the card with the rollout's view, after one of its Reboots has changed. */
export async function renderRollout(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const leader = leaderFor(deps, reboot);
  if (leader !== undefined && leader !== reboot.name) await deps.queue.render(leader);
}
