import type { Instant, Millis } from '../reboot/time/time.ts';
import { exponential } from '../reboot/time/exponential.ts';

export interface BurstShape {
  /** Consecutive events that pass without a delay. */
  readonly burst: number;
  /** Delay after the burst; each next one doubles, up to `longest`. */
  readonly first: Millis;
  readonly longest: Millis;
  /** A burst ends after this time without an event, or after four times the last delay if that is longer. */
  readonly quiet: Millis;
}

/** Paces events of one kind: a burst passes at once, and what continues passes at growing intervals. */
export interface Burst {
  /** How long the next event has to wait; 0: not at all. */
  wait(now: Instant): Millis;
  passed(now: Instant): void;
  isOver(now: Instant): boolean;
}

export function createBurst({ burst, first, longest, quiet }: BurstShape): Burst {
  let count = 0;
  let delay = 0;
  let last = Number.NEGATIVE_INFINITY;
  const isOver = (now: Instant): boolean => now - last >= Math.max(quiet, 4 * delay);
  return {
    isOver,
    wait: (now) => Math.max(0, last + delay - now),
    passed(now) {
      count = isOver(now) ? 1 : count + 1;
      last = now;
      delay = exponential({ first, most: longest, factor: 2 }, count - burst + 1);
    },
  };
}
