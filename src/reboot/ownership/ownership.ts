/** What a Reboot may own on its node in each phase. Garbage collection releases what no Reboot owns. */
import { owesCleanUp } from '../state/clean-up.ts';
import { isIn, type Reboot } from '../state/reboot.ts';

/** Started and not finished, or failed: the node is out of service because of this Reboot. */
export const isUnderWay = (reboot: Reboot): boolean =>
  isIn(reboot, 'Draining', 'Rebooting', 'Settling', 'Failed');

/** The node is known to be disrupted. A start that has not cordoned yet has changed nothing, and can wait. */
export function isOut(reboot: Reboot): boolean {
  if (!isUnderWay(reboot)) return false;
  const active = isIn(reboot, 'Failed') ? reboot.state.from : reboot.state;
  return active.phase !== 'Draining' || active.cordon !== undefined;
}

/**
 * `Approved` is included, because the turn is taken before the start is stored. Earlier phases hold no turn,
 * nor does a Reboot after its clean-up.
 */
export const holdsTurn = (reboot: Reboot): boolean =>
  isIn(reboot, 'Approved') || isUnderWay(reboot) || owesCleanUp(reboot);

/**
 * Whether the node's `cordoned-by` annotation with this Reboot's name stands for a cordon that is still
 * intended.
 */
export function holdsCordon(reboot: Reboot): boolean {
  if (isUnderWay(reboot) || owesCleanUp(reboot)) return true;
  // People were notified that it stays: the running boot is not proven, or the node may still go down.
  const stays = reboot.cleanup?.staysCordoned;
  if (stays !== undefined && stays !== 'not-ours') return true;
  // People were notified, and the cordon is theirs, even when they request a new decision.
  if (isIn(reboot, 'GivenUp')) return reboot.state.leaveCordoned;
  return (
    isIn(reboot, 'Pending', 'Snoozed', 'Denied', 'Approved') &&
    reboot.history.some(({ what }) => what === 'skipped')
  );
}

/** Whether anything may still happen to the Reboot without a person. */
export const isOpen = (reboot: Pick<Reboot, 'state' | 'cleanup'>): boolean =>
  owesCleanUp(reboot) || !isIn(reboot, 'Succeeded', 'GivenUp', 'Cancelled', 'Superseded');
