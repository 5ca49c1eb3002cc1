/**
 * Spaces attempts to connect: after a failure, and after a connection that did not last, each pause is longer
 * than the one before.
 */
import { minute, second, type Millis } from '../../reboot/ports/time.ts';

export interface ReconnectBackoff {
  /** Failures and short-lived connections in a row. */
  readonly failures: number;
  /** A connection ended, or is to be replaced, after this time. */
  ended(lifetime: Millis): void;
  /** An attempt failed; `after` is what Slack asked for in `Retry-After`. */
  failed(after?: Millis): void;
  /** Before the next attempt. */
  pause(): Millis;
}

/** A connection that lived for less counts as a failure: it was opened and lost without any use. */
export const shortestLife: Millis = minute;
const longestPause: Millis = 30 * second;

export function createReconnectBackoff(random: () => number): ReconnectBackoff {
  let failures = 0;
  let retryAfter: Millis = 0;
  return {
    get failures() {
      return failures;
    },
    ended: (lifetime) => {
      failures = lifetime < shortestLife ? failures + 1 : 0;
    },
    failed: (after = 0) => {
      failures += 1;
      retryAfter = after;
    },
    pause: () => {
      if (failures === 0) return 0;
      const backoff = Math.min(longestPause, second * 2 ** Math.min(failures - 1, 6)) * (0.5 + random() / 2);
      const pause = Math.max(backoff, retryAfter);
      retryAfter = 0;
      return pause;
    },
  };
}
