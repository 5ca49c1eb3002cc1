import type { Timestamp } from '../ports/time.ts';

/** The right to disrupt a node now. It has no time-to-live: a node that is still down keeps it. */
export interface Turn {
  readonly reboot: string;
  readonly node: string;
  readonly pool: string;
  readonly controlPlane: boolean;
  /** The value of the label by which its pool keeps zones apart. */
  readonly zone?: string;
  readonly since: Timestamp;
}

/** All turns of a cluster. */
export interface LedgerState {
  readonly turns: readonly Turn[];
}

export interface TurnLimits {
  /** Turns of all pools together. */
  readonly cluster: number;
  /** Turns of this pool. */
  readonly pool: number;
  /** Most zones of the pool with a turn at once. */
  readonly zones?: number;
  /** The pool as it is now, where its nodes are known. */
  readonly room?: PoolRoom;
}

/** What a pool can spare, by the nodes it has. */
export interface PoolRoom {
  /** A turn on one of these is a turn of the pool, under whatever name of the pool it was taken. */
  readonly members: readonly string[];
  /** Nodes out of service for any reason, turns apart. */
  readonly out: readonly string[];
  /** Most nodes that may be out at once. */
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
 * Whether the ledger has room for a turn. Holding it already counts as taking it: a crash may have come
 * between.
 */
export function admit(ledger: LedgerState, turn: Turn, limits: TurnLimits): TakeResult {
  if (ledger.turns.some((held) => held.reboot === turn.reboot)) return { taken: true };
  // One machine is disturbed for one reason at a time: its next boot waits until this one is proven.
  const sameNode = ledger.turns.filter((held) => held.node === turn.node);
  if (sameNode.length > 0) return { taken: false, why: 'pool', holders: sameNode };
  const members = new Set(limits.room?.members);
  const samePool = ledger.turns.filter((held) => held.pool === turn.pool || members.has(held.node));
  const controlPlane = ledger.turns.filter((held) => held.controlPlane);
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
 * Nodes besides the one in question that are out, or about to be. Two starts at once see each other here, and
 * nowhere else.
 */
function nodesOut(turn: Turn, held: readonly Turn[], { members, out }: PoolRoom): number {
  const known = new Set(members);
  const gone = new Set([...out, ...held.map(({ node }) => node).filter((node) => known.has(node))]);
  gone.delete(turn.node);
  return gone.size;
}

export function withTurn(ledger: LedgerState, turn: Turn): LedgerState {
  if (ledger.turns.some((held) => held.reboot === turn.reboot)) return ledger;
  return { turns: [...ledger.turns, turn] };
}

export const withoutTurn = (ledger: LedgerState, reboot: string): LedgerState => ({
  turns: ledger.turns.filter((held) => held.reboot !== reboot),
});
