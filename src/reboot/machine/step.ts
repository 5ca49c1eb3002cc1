/** The step that a Reboot is at. Its job has this name, for people who look at the queue. */
import { owesCleanUp } from '../state/clean-up.ts';
import type { Reboot } from '../state/reboot.ts';

export type LoopStep = 'decide' | 'wait' | 'cordon' | 'check-drain' | 'reboot' | 'verify' | 'uncordon';

/**
 * `decide`: waits for a decision, or nothing is left to do. `wait`: is decided on, and waits for its start,
 * which is a job of its own. `check-drain`: beside the drain itself, which is
 * a job of its own, and during the waits after it.
 */
export function stepOf(reboot: Reboot): LoopStep {
  const { state } = reboot;
  switch (state.phase) {
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
      return 'decide';
    case 'Approved':
      return 'wait';
    case 'Draining':
      return state.cordon === undefined ? 'cordon' : 'check-drain';
    case 'Rebooting':
      return 'reboot';
    case 'Settling':
      return 'verify';
    case 'Undoing':
      return 'uncordon';
    case 'Succeeded':
    case 'Failed':
    case 'GivenUp':
    case 'Cancelled':
    case 'Superseded':
      return owesCleanUp(reboot) ? 'uncordon' : 'decide';
  }
}
