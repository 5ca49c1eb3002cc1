/** Timers in the order in which they fall due; those of one time in the order in which they were added. */
import type { Instant } from '../../src/reboot/time/time.ts';

export interface Timer {
  readonly at: Instant;
  readonly run: () => void;
}

export interface TimerQueue {
  /** Returns a function that cancels the timer. */
  add(timer: Timer): () => void;
  /** Removes and returns the next timer, if it is due by then. */
  takeDue(by: Instant): Timer | undefined;
  has(instant: Instant): boolean;
  size(): number;
}

export function createTimerQueue(): TimerQueue {
  /** The next one is the last, so that it is popped: a model of a rollout has a hundred thousand of them. */
  const timers: Timer[] = [];
  return {
    add(timer) {
      timers.splice(placeOf(timer, timers), 0, timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    takeDue(by) {
      const next = timers.at(-1);
      return next !== undefined && next.at <= by ? timers.pop() : undefined;
    },
    has: (instant) => timers.some(({ at }) => at === instant),
    size: () => timers.length,
  };
}

/** Before all that are due no later. */
function placeOf(timer: Timer, timers: readonly Timer[]): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timers[middle]?.at ?? 0) > timer.at) low = middle + 1;
    else high = middle;
  }
  return low;
}
