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

/**
 * Paces events of one kind: a burst passes at once, and what continues passes at growing intervals. A class,
 * since thousands of keys have one each, and closures would cost more than the figures.
 */
export class Burst {
  readonly #shape: BurstShape;
  #count = 0;
  #delay = 0;
  #last: Instant = Number.NEGATIVE_INFINITY;

  constructor(shape: BurstShape) {
    this.#shape = shape;
  }

  /** How long the next event has to wait; 0: not at all. */
  wait(now: Instant): Millis {
    return Math.max(0, this.#last + this.#delay - now);
  }

  passed(now: Instant): void {
    const { burst, first, longest } = this.#shape;
    this.#count = this.isOver(now) ? 1 : this.#count + 1;
    this.#last = now;
    this.#delay = exponential({ first, most: longest, factor: 2 }, this.#count - burst + 1);
  }

  isOver(now: Instant): boolean {
    return now - this.#last >= Math.max(this.#shape.quiet, 4 * this.#delay);
  }
}
