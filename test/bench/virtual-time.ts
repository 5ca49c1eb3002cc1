/**
 * A clock that moves when nothing is left to do at its time: hours pass in a moment, and each run is the
 * same.
 */
import type { Clock } from '../../src/reboot/ports/time.ts';
import type { Instant, Millis } from '../../src/reboot/ports/time.ts';

export interface VirtualTime extends Clock {
  at(instant: Instant, run: () => void): void;
  /** Ends early, without a word, when the signal aborts. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
  /** Moves on until that is so. Throws where nothing would ever happen again, or not before `limit`. */
  until(done: () => boolean, limit: Instant): Promise<void>;
}

interface Event {
  readonly at: Instant;
  readonly run: () => void;
}

/** Promises go on in microtasks, and all of them before the next task of the event loop. */
const quiet = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export function virtualTime(start: Instant): VirtualTime {
  let now = start;
  /**
   * The latest first, and among those of one time the one that was asked for last, so that the next one is
   * popped.
   */
  const events: Event[] = [];
  const at = (instant: Instant, run: () => void): void => {
    const due = Math.max(now, instant);
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle]?.at ?? 0) > due) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, { at: due, run });
  };
  return {
    now: () => now,
    at,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve(), { once: true });
        at(now + ms, resolve);
      }),
    async until(done, limit) {
      for (;;) {
        await quiet();
        if (done()) return;
        const next = events.pop();
        if (next === undefined) throw new Error('the model has come to rest, and is not done');
        if (next.at > limit) throw new Error('the model is not done in time');
        now = next.at;
        next.run();
      }
    },
  };
}
