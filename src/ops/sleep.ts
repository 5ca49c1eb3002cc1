import { setTimeout as timer } from 'node:timers/promises';

/**
 * The limit of Node's timers, in milliseconds; a longer one fires at once, with a TimeoutOverflowWarning on
 * stderr.
 */
const longestTimer = 2 ** 31 - 1;

/** The delay clamped to what Node's timers accept; 0 for a time in the past. */
export const timerDelay = (ms: number): number => (ms > 0 ? Math.min(ms, longestTimer) : 0);

/** Resolves after `ms` milliseconds, with several timers if needed. Rejects when `signal` aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; ; left -= longestTimer) {
    await timer(timerDelay(left), undefined, signal ? { signal } : {});
    if (!(left > longestTimer)) return;
  }
}
