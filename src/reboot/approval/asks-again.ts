import { isIn, type Reboot } from '../state/reboot.ts';
import { decisionsIn } from '../state/decision.ts';
import type { Timestamp } from '../time/time.ts';

/**
 * Since when a Reboot is Pending again after an earlier decision, snooze or start. Undefined while it is
 * Pending for the first time, and in any other phase.
 */
export function asksAgainSince(reboot: Reboot): Timestamp | undefined {
  if (!isIn(reboot, 'Pending')) return undefined;
  const asked =
    reboot.state.lapse !== undefined || decisionsIn(reboot.history).some(({ what }) => what !== 'approved');
  return asked ? reboot.state.since : undefined;
}
