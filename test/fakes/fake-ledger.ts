import { admit, emptyLedger, type LedgerState, withoutTurn, withTurn } from '../../src/reboot/ledger.ts';
import type { Ledger } from '../../src/reboot/ports.ts';

export function fakeLedger(start: LedgerState = emptyLedger): Ledger {
  let state = start;
  return {
    read: async () => state,
    take: async (turn, limits) => {
      const result = admit(state, turn, limits);
      if (result.taken) state = withTurn(state, turn);
      return result;
    },
    release: async (reboot) => {
      const before = state;
      state = withoutTurn(state, reboot);
      return before.turns.length === state.turns.length ? 'not-held' : 'released';
    },
  };
}
