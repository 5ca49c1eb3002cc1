import type { Sleep } from '../timing/sleep.ts';

/** Clock, timers and randomness, injected from the entry point. */
export interface Timers {
  readonly now: () => number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Runs once after `ms` milliseconds; returns a function that cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** A sleep that resolves early when the signal aborts. */
export const sleepOf =
  ({ after }: Pick<Timers, 'after'>): Sleep =>
  async (ms, signal) => {
    if (signal?.aborted === true) return;
    const over = Promise.withResolvers<void>();
    const end = (): void => over.resolve();
    const cancel = after(ms, end);
    signal?.addEventListener('abort', end, { once: true });
    await over.promise;
    cancel();
    signal?.removeEventListener('abort', end);
  };
