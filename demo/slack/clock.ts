export type Cancel = () => void;

/** Time of the fake; tests pass a fake clock. */
export interface SlackClock {
  /** Milliseconds since the epoch. */
  now(): number;
  after(delay: number, run: () => void): Cancel;
}

export const systemClock = (now: () => number = Date.now): SlackClock => ({
  now,
  after(delay, run) {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
});

export interface StoppableClock extends SlackClock {
  /** Cancels all running timers, so that a closed fake leaves none behind. */
  stop(): void;
}

export function stoppable(clock: SlackClock): StoppableClock {
  const running = new Set<Cancel>();
  return {
    now: () => clock.now(),
    after(delay, run) {
      const cancel = clock.after(delay, () => {
        running.delete(cancel);
        run();
      });
      running.add(cancel);
      return () => {
        running.delete(cancel);
        cancel();
      };
    },
    stop() {
      for (const cancel of running) cancel();
      running.clear();
    },
  };
}
