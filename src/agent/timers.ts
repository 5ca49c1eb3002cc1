/** Clock, timers and randomness, injected from the entry point. */
export interface Timers {
  readonly now: () => number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Runs once after `ms` milliseconds; returns a function that cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** Wakes one sleeper. A notification before the sleep begins ends the sleep at once. */
export interface Wake {
  readonly notify: () => void;
  /** Sleeps until notified, until `ms` have passed (never, if undefined), or until the signal aborts. */
  sleep(ms: number | undefined, signal: AbortSignal): Promise<void>;
}

export function createWake(timers: Pick<Timers, 'after'>): Wake {
  let notified = false;
  let endSleep: (() => void) | undefined;
  return {
    notify() {
      notified = true;
      endSleep?.();
    },
    async sleep(ms, signal) {
      if (!notified && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const finish = (): void => {
            cancelTimer();
            signal.removeEventListener('abort', finish);
            endSleep = undefined;
            resolve();
          };
          const cancelTimer = ms === undefined ? () => {} : timers.after(ms, finish);
          signal.addEventListener('abort', finish, { once: true });
          endSleep = finish;
        });
      }
      notified = false;
    },
  };
}
