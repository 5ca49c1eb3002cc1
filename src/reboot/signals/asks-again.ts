import { isIn, type Reboot } from '../state/reboot.ts';
import type { Timestamp } from '../ports/time.ts';

/**
 * Since when a Reboot asks anew: it was decided, snoozed or begun before, and waits for people again.
 * Undefined while it asks for the first time, and while it does not ask.
 */
export function asksAgainSince(reboot: Reboot): Timestamp | undefined {
  if (!isIn(reboot, 'Pending')) return undefined;
  const asked = reboot.state.lapse !== undefined || reboot.history.some(({ what }) => what !== 'approved');
  return asked ? reboot.state.since : undefined;
}
