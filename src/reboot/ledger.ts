import type { Timestamp } from './time.ts';

/** The right to disrupt a node now. It has no time-to-live: a node that is still down keeps it. */
export interface Turn {
  readonly reboot: string;
  readonly node: string;
  readonly pool: string;
  readonly controlPlane: boolean;
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
}

export type TakeResult =
  | { readonly taken: true }
  | {
      readonly taken: false;
      readonly why: 'cluster' | 'pool' | 'control-plane';
      readonly holders: readonly Turn[];
    };

export const emptyLedger: LedgerState = { turns: [] };

/** Whether the ledger has room for a turn. Holding it already counts as taking it: a crash may have come between. */
export function admit(ledger: LedgerState, turn: Turn, limits: TurnLimits): TakeResult {
  if (ledger.turns.some((held) => held.reboot === turn.reboot)) return { taken: true };
  const samePool = ledger.turns.filter((held) => held.pool === turn.pool);
  const controlPlane = ledger.turns.filter((held) => held.controlPlane);
  if (turn.controlPlane && controlPlane.length > 0)
    return { taken: false, why: 'control-plane', holders: controlPlane };
  if (samePool.length >= limits.pool) return { taken: false, why: 'pool', holders: samePool };
  if (ledger.turns.length >= limits.cluster) return { taken: false, why: 'cluster', holders: ledger.turns };
  return { taken: true };
}

export function withTurn(ledger: LedgerState, turn: Turn): LedgerState {
  if (ledger.turns.some((held) => held.reboot === turn.reboot)) return ledger;
  return { turns: [...ledger.turns, turn] };
}

export const withoutTurn = (ledger: LedgerState, reboot: string): LedgerState => ({
  turns: ledger.turns.filter((held) => held.reboot !== reboot),
});
