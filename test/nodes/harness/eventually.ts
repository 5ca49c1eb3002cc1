import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The first answer that is neither undefined nor false. A real cluster is asked rather seldom: it has two
 * processors for itself.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 60_000,
  everyMs = 100,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`never came true in ${withinMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
