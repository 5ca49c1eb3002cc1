/**
 * Bounds how fast one Reboot may take steps that follow each other at once. A reboot takes a dozen; two
 * states that lead to each other would loop without an end through the queue, with requests at each step.
 */
import { exponential } from '../time/exponential.ts';
import { minute, second, type Instant, type Millis } from '../time/time.ts';

/** A token bucket: each step that follows at once takes a token. */
export interface StepRate {
  readonly tokens: number;
  readonly at: Instant;
  /** Steps in a row that had to wait. */
  readonly waited: number;
  readonly notBefore: Instant;
}

/** More than a whole reboot takes, with a retry and the decisions of people. */
export const stepBurst = 30;

/** A token comes back in this time. */
const refill: Millis = 5 * second;
const waits = { first: second, most: minute, factor: 2 };

/** `notBefore` of the answer: when the next step may begin. */
export function takeStep(before: StepRate | undefined, now: Instant): StepRate {
  const { tokens, at, waited } = before ?? { tokens: stepBurst, at: now, waited: 0 };
  const filled = Math.min(stepBurst, tokens + Math.max(0, now - at) / refill);
  // Only an idle time resets the back-off: fewer tokens than this return during the longest wait.
  if (filled >= (waited === 0 ? 1 : stepBurst / 2))
    return { tokens: filled - 1, at: now, waited: 0, notBefore: now };
  const notBefore = now + exponential(waits, waited + 1);
  return { tokens: 0, at: now, waited: waited + 1, notBefore };
}
