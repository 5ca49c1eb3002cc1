import { gateRetryInterval } from '../../reboot/state/next-wake.ts';
import { type Instant, type Millis, minute } from '../../reboot/ports/time.ts';

/**
 * When an answer was last asked for because something had changed, and how long the next change has to wait.
 */
export interface AdaptiveBackoff {
  readonly last: Instant;
  readonly gap: Millis;
}

const shortest: Millis = 250;

export const atRest: AdaptiveBackoff = { last: Number.NEGATIVE_INFINITY, gap: 0 };

export const nextAt = ({ last, gap }: AdaptiveBackoff): Instant => last + gap;

/**
 * A pod that comes and goes all the time is asked about ever more rarely; after a minute of quiet, at once
 * again.
 */
export const backedOff = ({ last, gap }: AdaptiveBackoff, now: Instant): AdaptiveBackoff => ({
  last: now,
  gap: now - last >= minute ? shortest : Math.min(gateRetryInterval, Math.max(shortest, gap * 2)),
});
