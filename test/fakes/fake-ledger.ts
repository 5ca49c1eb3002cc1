import {
  admit,
  emptyLedger,
  type LedgerState,
  withoutTurn,
  withTurn,
} from '../../src/reboot/scheduling/ledger.ts';
import type { Ledger } from '../../src/reboot/ports/stores.ts';
import type { LedgerEvent } from '../../src/reboot/ports/refused-config.ts';

export interface FakeLedger extends Ledger {
  /** The stored state, without a call. */
  now(): LedgerState;
  readonly events: LedgerEvent[];
}

export function fakeLedger(start: LedgerState = emptyLedger): FakeLedger {
  let state = start;
  const events: LedgerEvent[] = [];
  return {
    now: () => state,
    events,
    record: async (event) => {
      if (!events.some(({ key }) => key === event.key)) events.push(event);
    },
    read: async () => state,
    latest: async () => state,
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
