import { setTimeout as timer } from 'node:timers/promises';

/** Node runs a longer timer at once, with a TimeoutOverflowWarning on stderr. */
const longestTimer = 2 ** 31 - 1;

/** A span that a timer of Node takes without a warning: a moment that has passed already is now. */
export const timerSpan = (ms: number): number => (ms > 0 ? Math.min(ms, longestTimer) : 0);

/** Resolves after `ms`, in several timers where one is too short. Rejects when `signal` aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; ; left -= longestTimer) {
    await timer(timerSpan(left), undefined, signal ? { signal } : {});
    if (!(left > longestTimer)) return;
  }
}
