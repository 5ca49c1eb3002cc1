/** What a Reboot may hold of its node in each phase. Recovery takes away what nobody has a claim on. */
import { isIn, type Reboot } from './reboot.ts';

/** On its way, or stopped on it: the node is out of service through this Reboot. */
export const isUnderWay = (reboot: Reboot): boolean =>
  isIn(reboot, 'Draining', 'Rebooting', 'Settling') ||
  (isIn(reboot, 'Failed') && reboot.state.givenUp === undefined);

/**
 * The node is known to be disturbed: a start that has not come to its cordon has done nothing yet, and can
 * wait.
 */
export function isOut(reboot: Reboot): boolean {
  if (!isUnderWay(reboot)) return false;
  const active = isIn(reboot, 'Failed') ? reboot.state.from : reboot.state;
  return active.phase !== 'Draining' || active.cordon !== undefined;
}

/** Ended or undone, and not yet done with what that owes. */
export const isUntidied = (reboot: Reboot): boolean =>
  isIn(reboot, 'Undoing') ||
  (isIn(reboot, 'Succeeded', 'Failed', 'Cancelled', 'Superseded') && !reboot.state.tidied);

/**
 * Approved: the turn is taken before the start is written down. Before that, and after its end, it has none.
 */
export const holdsTurn = (reboot: Reboot): boolean =>
  isIn(reboot, 'Approved') || isUnderWay(reboot) || isUntidied(reboot);

/** Whether its mark on a cordoned node stands for a cordon that is still meant. */
export function holdsCordon(reboot: Reboot): boolean {
  if (isUnderWay(reboot) || isUntidied(reboot)) return true;
  // People were told that it stays: nobody has proven the boot that runs, or it may still go down.
  if ('staysCordoned' in reboot.state && reboot.state.staysCordoned !== 'not-ours') return true;
  // Given up with the node left cordoned: people were told, and it is theirs now, also when they ask for it
  // again.
  if (isIn(reboot, 'Failed')) return reboot.state.givenUp?.leaveCordoned === true;
  return (
    isIn(reboot, 'Pending', 'Snoozed', 'Denied', 'Approved') &&
    reboot.history.some(({ what }) => what === 'skipped')
  );
}

/** Whether anything may still happen to a Reboot by itself. */
export function isOpen(reboot: Reboot): boolean {
  if (isIn(reboot, 'Succeeded', 'Cancelled', 'Superseded')) return !reboot.state.tidied;
  if (isIn(reboot, 'Failed')) return reboot.state.givenUp === undefined || !reboot.state.tidied;
  return true;
}
