/**
 * Time for tests: a clock that only moves when it is told to, and timers and sleeps that end at their own
 * time on it. Runs are fast and all the same.
 */
import type { Clock, Instant, Millis } from '../../src/reboot/time/time.ts';
import type { Sleep } from '../../src/timing/sleep.ts';
import { noon } from './builders.ts';
import { createTimerQueue } from './timer-queue.ts';

export interface FakeClock extends Clock {
  /** The middle of every jitter. */
  readonly random: () => number;
  /** Runs once after `ms`; returns a function that cancels it. */
  readonly after: (ms: Millis, run: () => void) => () => void;
  readonly at: (instant: Instant, run: () => void) => () => void;
  /** Rejects when its signal aborts. */
  readonly sleep: Sleep;
  /** Moves the clock and nothing else: timers that fell due run with the next `advance`. */
  set(instant: Instant): void;
  /** Runs what falls due within the span, each at its own time. */
  advance(ms: Millis): void;
  /** The same, with all promises between two timers settled. */
  pass(ms: Millis): Promise<void>;
  /** Settles everything that needs no time. */
  settle(): Promise<void>;
  /**
   * Passes time until the work has ended or the condition holds. Throws if no timer is left that could bring
   * it about, or none before the limit.
   */
  until<T>(work: Promise<T>, limit?: Instant): Promise<T>;
  until(done: () => boolean, limit?: Instant): Promise<void>;
  /** Resolves when a timer has exactly `ms` milliseconds left. */
  untilWaiting(ms: Millis): Promise<void>;
  readonly isAwaited: () => boolean;
}

/** All promises settle in microtasks, before the next task of the event loop. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export function fakeClock(start: Instant = noon): FakeClock {
  let now = start;
  const timers = createTimerQueue();
  const watchers = new Set<() => void>();

  const at = (instant: Instant, run: () => void): (() => void) => {
    const cancel = timers.add({ at: Math.max(now, instant), run });
    for (const look of watchers) look();
    return cancel;
  };
  const after = (ms: Millis, run: () => void): (() => void) => at(now + ms, run);
  /** Runs the next timer, if it is due by then. */
  const runNext = (by: Instant): boolean => {
    const next = timers.takeDue(by);
    if (next === undefined) return false;
    now = Math.max(now, next.at);
    next.run();
    return true;
  };
  const untilTrue = async (done: () => boolean, limit: Instant): Promise<void> => {
    for (await settle(); !done(); await settle()) {
      if (runNext(limit)) continue;
      throw new Error(timers.size() === 0 ? 'nothing is left that could end this' : 'not done in time');
    }
  };
  const untilEnded = async <T>(work: Promise<T>, limit: Instant): Promise<T> => {
    let ended = false;
    const end = (): void => void (ended = true);
    work.then(end, end);
    await untilTrue(() => ended, limit);
    return work;
  };
  function until<T>(work: Promise<T>, limit?: Instant): Promise<T>;
  function until(done: () => boolean, limit?: Instant): Promise<void>;
  function until(
    what: Promise<unknown> | (() => boolean),
    limit = Number.POSITIVE_INFINITY,
  ): Promise<unknown> {
    return typeof what === 'function' ? untilTrue(what, limit) : untilEnded(what, limit);
  }

  return {
    now: () => now,
    random: () => 0.5,
    after,
    at,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = after(Math.max(0, ms), () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      }),
    set: (instant) => void (now = instant),
    advance(ms) {
      const end = now + ms;
      while (runNext(end));
      now = end;
    },
    async pass(ms) {
      const end = now + ms;
      for (await settle(); runNext(end); await settle());
      now = end;
    },
    settle,
    until,
    async untilWaiting(ms) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (!timers.has(now + ms)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
    isAwaited: () => timers.size() > 0,
  };
}
