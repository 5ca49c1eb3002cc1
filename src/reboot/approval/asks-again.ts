import type { PoolPolicy } from '../policy/policy.ts';
import { isIn, type In, type Reboot } from '../state/reboot.ts';
import { decisionsIn } from '../state/decision.ts';
import { type Instant, type Timestamp, toInstant } from '../time/time.ts';

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

/** When what was denied asks again without any change; undefined where it does not. */
export const askAgainAt = (
  { since }: Pick<In<'Denied'>['state'], 'since'>,
  { askAgainAfter }: Pick<PoolPolicy, 'askAgainAfter'>,
): Instant | undefined => (askAgainAfter > 0 ? toInstant(since) + askAgainAfter : undefined);
