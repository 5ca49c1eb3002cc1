import { gateRetryInterval } from '../../reboot/deadlines/next-wake.ts';
import { type Instant, type Millis, minute } from '../../reboot/time/time.ts';

/** The time of the last query that a change triggered, and the minimum gap before the next one. */
export interface AdaptiveBackoff {
  readonly last: Instant;
  readonly gap: Millis;
}

const shortest: Millis = 250;

export const atRest: AdaptiveBackoff = { last: Number.NEGATIVE_INFINITY, gap: 0 };

export const nextAt = ({ last, gap }: AdaptiveBackoff): Instant => last + gap;

/**
 * Doubles the gap for a pod that keeps changing. After a minute without a change the next query has no delay.
 */
export const backedOff = ({ last, gap }: AdaptiveBackoff, now: Instant): AdaptiveBackoff => ({
  last: now,
  gap: now - last >= minute ? shortest : Math.min(gateRetryInterval, Math.max(shortest, gap * 2)),
});
