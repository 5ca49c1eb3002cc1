import type { Instant, Millis } from '../../reboot/ports/time.ts';

export interface Rate {
  /** Calls that may follow each other at once after a quiet time. */
  readonly burst: number;
  /** Afterwards one call each. */
  readonly every: Millis;
}

/** Counts calls against a rate: the generic cell rate algorithm, which needs two numbers and no timer. */
export interface RateLimiter {
  /** When the next call is allowed. Calls that are not urgent leave some of the burst to those that are. */
  free(urgent: boolean): Instant;
  take(now: Instant): void;
  /** Nothing before then. */
  pause(until: Instant): void;
}

/** So that a decision is repainted at once even amid much progress. */
const kept = 3;

export function createRateLimiter({ burst, every }: Rate): RateLimiter {
  let usedUntil: Instant = 0;
  let pausedUntil: Instant = 0;
  return {
    free: (urgent) => {
      const usable = urgent || burst <= kept ? burst : burst - kept;
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
