import { z } from 'zod';
import { flag, list, name, type Stored, time } from '../../schema/field.ts';

/** The right to disrupt a node now. A turn has no time-to-live: a node that is still down keeps it. */
export type Turn = Stored<typeof turn>;
const turn = z.object({
  reboot: z.string().min(1).meta({ description: 'Name of the Reboot that has it.', maxLength: 512 }),
  node: name('The node that may be out of service.'),
  pool: name('The pool that it was taken for.'),
  controlPlane: flag('Whether the node is of the control plane.'),
  zone: name('The node’s value of the pool’s topology label.').exactOptional(),
  since: time('When it was taken.'),
});

/** All turns of a cluster. */
export type LedgerState = Stored<typeof ledgerRecord>;
export const ledgerRecord = z
  .object({ turns: list(turn, 'Every turn of the cluster.') })
  .meta({ description: 'The turns of a cluster. All limits are checked in the write that takes one.' });

export interface TurnLimits {
  /** The most turns of all pools together. */
  readonly cluster: number;
  /** The most turns of this pool. */
  readonly pool: number;
  /** The most zones of the pool with a turn at once. */
  readonly zones?: number;
  /** The pool's nodes now; absent where they are not known. */
  readonly room?: PoolRoom;
}

/** How many nodes of a pool may be out of service. */
export interface PoolRoom {
  /**
   * Names of the pool's nodes. A turn on one of them counts for the pool, even if it was taken under another
   * pool name.
   */
  readonly members: readonly string[];
  /** Names of nodes that are out of service for any reason but a turn. */
  readonly out: readonly string[];
  /** The most nodes that may be out at once. */
  readonly mostOut: number;
}

export type TakeResult =
  | { readonly taken: true }
  | {
      readonly taken: false;
      readonly why: 'cluster' | 'pool' | 'control-plane' | 'zone' | 'too-many-out';
      readonly holders: readonly Turn[];
    };

export const emptyLedger: LedgerState = { turns: [] };

/**
 * Whether the ledger has room for a turn. A Reboot that holds its turn already is admitted: a crash may have
 * come between the write and the start.
 */
export function admit(ledger: LedgerState, turn: Turn, limits: TurnLimits): TakeResult {
  if (ledger.turns.some((taken) => taken.reboot === turn.reboot)) return { taken: true };
  // A node has one turn at a time: the Reboot of its next boot waits until this one is proven.
  const sameNode = ledger.turns.filter((taken) => taken.node === turn.node);
  if (sameNode.length > 0) return { taken: false, why: 'pool', holders: sameNode };
  const members = new Set(limits.room?.members);
  const samePool = ledger.turns.filter((taken) => taken.pool === turn.pool || members.has(taken.node));
  const controlPlane = ledger.turns.filter((taken) => taken.controlPlane);
  if (turn.controlPlane && controlPlane.length > 0)
    return { taken: false, why: 'control-plane', holders: controlPlane };
  if (samePool.length >= limits.pool) return { taken: false, why: 'pool', holders: samePool };
  const zones = new Set(samePool.map(({ zone }) => zone));
  if (limits.zones !== undefined && !zones.has(turn.zone) && zones.size >= limits.zones)
    return { taken: false, why: 'zone', holders: samePool };
  if (ledger.turns.length >= limits.cluster) return { taken: false, why: 'cluster', holders: ledger.turns };
  if (limits.room !== undefined && nodesOut(turn, samePool, limits.room) >= limits.room.mostOut)
    return { taken: false, why: 'too-many-out', holders: samePool };
  return { taken: true };
}

/**
 * Counts the other nodes that are out of service or hold a turn. Only this check sees two starts that race.
 */
function nodesOut(turn: Turn, others: readonly Turn[], { members, out }: PoolRoom): number {
  const known = new Set(members);
  const gone = new Set([...out, ...others.map(({ node }) => node).filter((node) => known.has(node))]);
  gone.delete(turn.node);
  return gone.size;
}

export function withTurn(ledger: LedgerState, turn: Turn): LedgerState {
  if (ledger.turns.some((taken) => taken.reboot === turn.reboot)) return ledger;
  return { turns: [...ledger.turns, turn] };
}

export const withoutTurn = (ledger: LedgerState, reboot: string): LedgerState => ({
  turns: ledger.turns.filter((taken) => taken.reboot !== reboot),
});
