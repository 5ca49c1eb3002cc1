/** Time, timers and chance, as they come in from the outermost door. */
export interface Timers {
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Runs once after so many milliseconds; returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/**
 * Delays that grow from `first` to `longest`. Half of each is chance, so that a fleet does not come back in
 * step.
 */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function createBackoff(options: { first: number; longest: number; random: () => number }): Backoff {
  const { first, longest, random } = options;
  let delay = first;
  return {
    next() {
      const chosen = delay * (0.5 + random() / 2);
      delay = Math.min(longest, delay * 2);
      return chosen;
    },
    reset() {
      delay = first;
    },
  };
}

/** A bell for one sleeper: ringing it before the sleep begins makes the sleep end at once. */
export interface Wake {
  readonly ring: () => void;
  /** Sleeps until it rings, until `ms` have passed (never, if undefined), or until the signal aborts. */
  sleep(ms: number | undefined, signal: AbortSignal): Promise<void>;
}

export function createWake(timers: Pick<Timers, 'after'>): Wake {
  let rung = false;
  let rouse: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      rouse?.();
    },
    async sleep(ms, signal) {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const rise = (): void => {
            callOff();
            signal.removeEventListener('abort', rise);
            rouse = undefined;
            resolve();
          };
          const callOff = ms === undefined ? () => {} : timers.after(ms, rise);
          signal.addEventListener('abort', rise, { once: true });
          rouse = rise;
        });
      }
      rung = false;
    },
  };
}
