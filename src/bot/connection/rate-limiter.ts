import type { Instant, Millis } from '../../reboot/time/time.ts';

export interface Rate {
  /** Calls that may follow each other without a delay after an idle time. */
  readonly burst: number;
  /** Interval between calls after the burst. */
  readonly every: Millis;
}

/** Rate limit by the generic cell rate algorithm, which needs two numbers and no timer. */
export interface RateLimiter {
  /** When the next call is allowed. Calls that are not urgent leave part of the burst to urgent ones. */
  availableAt(urgent: boolean): Instant;
  take(now: Instant): void;
  /** Allows no call before `until`. */
  pause(until: Instant): void;
}

/** Calls reserved for decisions, so that they are not delayed by progress messages. */
const reserved = 3;

export function createRateLimiter({ burst, every }: Rate): RateLimiter {
  let usedUntil: Instant = 0;
  let pausedUntil: Instant = 0;
  return {
    availableAt: (urgent) => {
      const usable = urgent || burst <= reserved ? burst : burst - reserved;
      return Math.max(pausedUntil, usedUntil - (usable - 1) * every);
    },
    take: (now) => {
      usedUntil = Math.max(usedUntil, now) + every;
    },
    pause: (until) => {
      pausedUntil = Math.max(pausedUntil, until);
    },
  };
}
