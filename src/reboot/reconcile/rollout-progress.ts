/** Rollouts in stages, over the ports: what a start is compared with, and whose card tells of the whole. */
import { membersOf, type Snapshot } from '../scheduling/snapshot.ts';
import { PortError } from '../ports/port-error.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { comparedBefore, type Rollout, rolloutOf, sameRollout } from '../rollout/rollout.ts';
import { leaderOf } from '../rollout/rollout-view.ts';
import { second, toInstant } from '../ports/time.ts';
import type { WorkloadBefore, WorkloadReadiness } from '../rollout/workloads.ts';
import { fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export function rolloutIn(deps: ServiceDeps, reboot: Reboot, snapshot: Snapshot): Rollout | undefined {
  const pool = poolFor(deps, reboot);
  if (pool.rollout === undefined) return undefined;
  return rolloutOf(reboot, { pool, snapshot, members: membersOf(snapshot, deps.policy()) });
}

/**
 * With what the workloads are compared if this one starts now; nothing where it is not the first of its
 * stage.
 */
export function baselineOf(deps: ServiceDeps, reboot: Reboot, snapshot: Snapshot): readonly WorkloadBefore[] {
  // The snapshot has the Reboot without what held it: here that counts.
  const reboots = snapshot.reboots.map((each) => (each.name === reboot.name ? reboot : each));
  const rollout = rolloutIn(deps, reboot, { ...snapshot, reboots });
  return rollout === undefined ? [] : comparedBefore(rollout, deps.clock.now());
}

/** From the turn on: longer than an API server takes to know its roles when it starts. */
const askedFor = 20 * second;

/**
 * How ready the workloads of the node are before it is disturbed. An API server that does not answer is asked
 * again for a while; one that does not let us look, which looks the same while it starts, must not stop all
 * reboots: then nothing is compared, and the log says so.
 */
export async function noteWorkloads(
  deps: ServiceDeps,
  reboot: Reboot,
): Promise<readonly WorkloadReadiness[] | undefined> {
  // A retry goes on from what was there before the first try.
  if (poolFor(deps, reboot).rollout === undefined || reboot.workloads !== undefined) return undefined;
  try {
    return await deps.cluster.workloadsOn(reboot.node.name);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const asked = deps.clock.now() - toInstant(reboot.state.since);
    if (error.retryable && asked < askedFor) throw error;
    deps.logger.error('workloads cannot be read; the rollout goes on without comparing them', {
      ...fieldsOf(reboot),
      err: error,
    });
    return undefined;
  }
}

/** The Reboot whose card carries what is told of the rollout of this one. */
export function leaderFor(deps: ServiceDeps, reboot: Reboot): string | undefined {
  if (poolFor(deps, reboot).rollout === undefined) return undefined;
  const others = deps.store.all().filter(({ name }) => name !== reboot.name);
  return leaderOf(sameRollout([...others, reboot], reboot))?.name;
}

/**
 * Cards beyond these are brought up to date by the next scan: in a pool of a thousand nodes nobody reads them
 * all at once.
 */
const mostCards = 20;

/** A rollout is halted, or goes on: the cards of those that wait for it say so. */
export async function renderWaiting(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const waiting = sameRollout(deps.store.all(), reboot).filter(
    (other) => other.name !== reboot.name && isIn(other, 'Approved'),
  );
  for (const { name } of waiting.slice(0, mostCards)) await deps.queue.render(name);
}

/** Something has happened to a Reboot: what is told of its rollout may be something else now. */
export async function renderRollout(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const leader = leaderFor(deps, reboot);
  if (leader !== undefined && leader !== reboot.name) await deps.queue.render(leader);
}
