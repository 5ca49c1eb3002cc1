import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The first result that is neither undefined nor false. Polls slowly, since a real cluster has only two CPUs.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 60_000,
  everyMs = 100,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`never came true in ${withinMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
