/** Taking, keeping and releasing turns. */
import { holdsTurn, isOut } from '../ownership/ownership.ts';
import type { LedgerState, Turn, TurnLimits } from '../scheduling/snapshot/ledger.ts';
import { roomOf } from '../scheduling/gates/limits/room.ts';
import { type Snapshot, turnFor } from '../scheduling/snapshot/snapshot.ts';
import { limitsOf } from '../scheduling/gates/limits/turn-limits.ts';
import type { Reboot } from '../state/reboot.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Takes the turn of a Reboot, with all limits checked in the same write. */
export async function takeTurn(
  deps: ServiceDeps,
  reboot: Reboot,
  snapshot: Pick<Snapshot, 'nodes'>,
): Promise<boolean> {
  const policy = deps.policy();
  const pool = poolFor(deps, reboot);
  const limits: TurnLimits = { ...limitsOf(policy, pool), room: roomOf(snapshot, policy, pool) };
  const turn = turnFor(reboot, { pool, nodes: snapshot.nodes, now: deps.clock.now() });
  const result = await deps.ledger.take(turn, limits);
  if (!result.taken) {
    deps.logger.info('turn not free', {
      ...fieldsOf(reboot),
      why: result.why,
      holders: result.holders.map((holder) => holder.node),
    });
  }
  return result.taken;
}

/**
 * Whether a started Reboot still holds its turn, or could take it again. Always read: a late worker may have
 * started a Reboot that was cancelled, its turn released, and approved again meanwhile.
 */
export async function keepTurn(deps: ServiceDeps, reboot: Reboot): Promise<boolean> {
  const { turns } = await deps.ledger.read();
  if (turns.some((turn) => turn.reboot === reboot.name)) return true;
  return takeTurn(deps, reboot, { nodes: await deps.cluster.freshNodes(poolFor(deps, reboot)) });
}

/**
 * Releases a turn, unless the stored Reboot has a claim on it at the time of the write, or the Reboot is gone
 * and its node is still cordoned for it.
 */
export async function releaseUnclaimed(
  deps: ServiceDeps,
  { reboot: name, node }: Pick<Turn, 'reboot' | 'node'>,
  owns: (reboot: Reboot) => boolean = holdsTurn,
): Promise<boolean> {
  const released = await deps.ledger.release(name, async () => {
    const stored = await deps.store.get(name);
    return stored === undefined ? !(await isCordonedFor(deps, name, node)) : !owns(stored);
  });
  return released === 'released';
}

/**
 * For a Reboot that is gone: the turn is released after the cordon, at the next resync. Reads the node
 * afresh, since the watch may lag.
 */
async function isCordonedFor(deps: ServiceDeps, reboot: string, node: string): Promise<boolean> {
  const { node: fresh } = await deps.cluster.observe(node);
  return fresh?.unschedulable === true && fresh.cordonedBy === reboot;
}

const unlimited: TurnLimits = { cluster: Number.POSITIVE_INFINITY, pool: Number.POSITIVE_INFINITY };

/**
 * Restores lost turns of Reboots whose node is out of service: the ledger was deleted, or replaced by an
 * older one. Such a node counts against the limits, whatever the ledger says.
 */
export async function restoreTurns(deps: ServiceDeps, { turns }: LedgerState): Promise<boolean> {
  const withTurn = new Set(turns.map(({ reboot }) => reboot));
  let restored = false;
  for (const seen of deps.store.all().filter((each) => isOut(each) && !withTurn.has(each.name))) {
    const reboot = await deps.store.get(seen.name);
    if (!reboot || !isOut(reboot)) continue;
    const about = { pool: poolFor(deps, reboot), nodes: deps.cluster.nodes(), now: deps.clock.now() };
    await deps.ledger.take(turnFor(reboot, about), unlimited);
    deps.logger.warn('turn written back that was lost', fieldsOf(reboot));
    restored = true;
  }
  return restored;
}
