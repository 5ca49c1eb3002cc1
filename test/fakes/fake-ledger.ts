import { admit, emptyLedger, type LedgerState, withoutTurn, withTurn } from '../../src/reboot/ledger.ts';
import type { Ledger } from '../../src/reboot/ports.ts';

export interface FakeLedger extends Ledger {
  /** The truth, without a call. */
  now(): LedgerState;
}

export function fakeLedger(start: LedgerState = emptyLedger): FakeLedger {
  let state = start;
  return {
    now: () => state,
    read: async () => state,
    take: async (turn, limits) => {
      const result = admit(state, turn, limits);
      if (result.taken) state = withTurn(state, turn);
      return result;
    },
    release: async (reboot, still) => {
      for (;;) {
        const before = state;
        if (!before.turns.some((turn) => turn.reboot === reboot)) return 'not-held';
        if (still && !(await still())) return 'not-owed';
        if (state !== before) continue;
        state = withoutTurn(state, reboot);
        return 'released';
      }
    },
  };
}
