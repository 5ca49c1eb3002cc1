/**
 * Backoff between connection attempts. It grows after each failed attempt and after each connection that did
 * not last.
 */
import { minute, second, type Millis } from '../../reboot/time/time.ts';
import { backoff } from '../../timing/backoff.ts';

export interface ReconnectBackoff {
  /** Consecutive failures and short-lived connections. */
  readonly failures: number;
  /** A connection ended, or is to be replaced, after this lifetime. */
  ended(lifetime: Millis): void;
  /** An attempt failed; `after` is the value of `Retry-After`. */
  failed(after?: Millis): void;
  /** Delay before the next attempt. */
  delay(): Millis;
}

/** A connection that lived for less counts as a failure. */
export const minLifetime: Millis = minute;
const delays = { first: second, most: 30 * second, factor: 2 };

export function createReconnectBackoff(random: () => number): ReconnectBackoff {
  let failures = 0;
  let retryAfter: Millis = 0;
  return {
    get failures() {
      return failures;
    },
    ended: (lifetime) => {
      failures = lifetime < minLifetime ? failures + 1 : 0;
    },
    failed: (after = 0) => {
      failures += 1;
      retryAfter = after;
    },
    delay: () => {
      if (failures === 0) return 0;
      const delay = Math.max(backoff(delays, failures, random), retryAfter);
      retryAfter = 0;
      return delay;
    },
  };
}
