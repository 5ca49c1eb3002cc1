/** Taking, keeping and giving back the right to disturb a node. */
import { holdsTurn, isOut } from '../state/ownership.ts';
import type { LedgerState, Turn, TurnLimits } from '../scheduling/ledger.ts';
import { roomOf } from '../scheduling/room.ts';
import { type Snapshot, turnFor } from '../scheduling/snapshot.ts';
import { limitsOf } from '../scheduling/turn-limits.ts';
import type { Reboot } from '../state/reboot.ts';
import { fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Takes the turn of a Reboot, with all limits checked in the very write that takes it. */
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

/** Whether a Reboot that has started holds its turn still, or gets it anew. */
export async function keepTurn(deps: ServiceDeps, reboot: Reboot): Promise<boolean> {
  const { turns } = await deps.ledger.read();
  if (turns.some((turn) => turn.reboot === reboot.name)) return true;
  return takeTurn(deps, reboot, { nodes: await deps.cluster.freshNodes(poolFor(deps, reboot)) });
}

/**
 * Gives a turn back unless the Reboot, as it is stored when the turn goes, has a claim on it, or its node is
 * cordoned for it still.
 */
export async function releaseUnclaimed(
  deps: ServiceDeps,
  { reboot: name, node }: Pick<Turn, 'reboot' | 'node'>,
  claims: (reboot: Reboot) => boolean = holdsTurn,
): Promise<boolean> {
  const released = await deps.ledger.release(name, async () => {
    const stored = await deps.store.get(name);
    return stored === undefined ? !(await isCordonedFor(deps, name, node)) : !claims(stored);
  });
  return released === 'released';
}

/**
 * Of a Reboot that is gone: the turn goes after the cordon, at the next resync, also where the watch has not
 * shown that.
 */
async function isCordonedFor(deps: ServiceDeps, reboot: string, node: string): Promise<boolean> {
  const { node: fresh } = await deps.cluster.observe(node);
  return fresh?.unschedulable === true && fresh.cordonedBy === reboot;
}

const unlimited: TurnLimits = { cluster: Number.POSITIVE_INFINITY, pool: Number.POSITIVE_INFINITY };

/**
 * Writes the turns back that Reboots with a node out of service have lost: somebody deleted the ledger, or
 * put an older one in its place. A node that is out through us is out, whatever the ledger says.
 */
export async function restoreTurns(deps: ServiceDeps, { turns }: LedgerState): Promise<boolean> {
  const held = new Set(turns.map(({ reboot }) => reboot));
  let restored = false;
  for (const seen of deps.store.all().filter((each) => isOut(each) && !held.has(each.name))) {
    const reboot = await deps.store.get(seen.name);
    if (!reboot || !isOut(reboot)) continue;
    const about = { pool: poolFor(deps, reboot), nodes: deps.cluster.nodes(), now: deps.clock.now() };
    await deps.ledger.take(turnFor(reboot, about), unlimited);
    deps.logger.warn('turn written back that was lost', fieldsOf(reboot));
    restored = true;
  }
  return restored;
}
