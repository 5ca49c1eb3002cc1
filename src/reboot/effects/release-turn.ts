import { isCleaningUp } from '../state/clean-up.ts';
import { isIn } from '../state/reboot.ts';
import { type Effect, nothingToTell } from './effect.ts';
import { unlessLedgerUnreadable } from './ledger-unreadable.ts';

export const releaseTurn: Effect<'release-turn'> = {
  name: 'release-turn',
  /** A failed Reboot keeps its turn until a person decides: its node is still out of service. */
  owed: (reboot) => isCleaningUp(reboot) && reboot.state.phase !== 'Failed',
  /**
   * Where the ledger cannot be read, the Reboot still ends: garbage collection releases the turn once the
   * ledger is repaired.
   */
  async carryOut({ deps, reboot, still }) {
    // A Reboot that has succeeded is never started again.
    const condition = isIn(reboot, 'Succeeded') ? undefined : still;
    await unlessLedgerUnreadable(deps, reboot, () => deps.ledger.release(reboot.name, condition));
    return nothingToTell;
  },
  does: 'Removes its entry from the ledger.',
  repeated: 'A compare-and-swap on the ledger; an entry that is gone stays gone.',
  crash: 'The turn is released, or kept until the clean-up goes on: no other node takes its place too early.',
};
