import { type BackoffShape, exponential } from '../reboot/time/exponential.ts';
import type { Millis } from '../reboot/time/time.ts';

/**
 * The exponential delay with jitter: between half and all of it, so that clients that failed together do not
 * retry together.
 */
export const backoff = (shape: BackoffShape, attempt: number, random: () => number): Millis =>
  exponential(shape, attempt) * (0.5 + random() / 2);

/** Counts the attempts for the caller. */
export interface Backoff {
  readonly failures: number;
  /** The delay before the next attempt. */
  next(): Millis;
  reset(): void;
}

export function createBackoff(shape: BackoffShape, random: () => number): Backoff {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    next() {
      failures += 1;
      return backoff(shape, failures, random);
    },
    reset() {
      failures = 0;
    },
  };
}
