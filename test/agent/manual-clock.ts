import type { Timers } from '../../src/agent/timers.ts';

/** Time that passes when the test says so. */
export interface ManualClock extends Timers {
  /** Lets so many milliseconds pass, running what falls due, in order. */
  pass(ms: number): void;
  /** Resolves when somebody waits, with exactly `ms` milliseconds left. */
  untilWaiting(ms: number): Promise<void>;
}

export function manualClock(start = Date.parse('2026-11-22T14:00:00Z'), random = 0.5): ManualClock {
  let now = start;
  const watchers = new Set<() => void>();
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    random: () => random,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      for (const look of watchers) look();
      return () => void timers.delete(timer);
    },
    pass(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = until;
    },
    async untilWaiting(ms) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (![...timers].some(({ at }) => at - now === ms)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
  };
}
