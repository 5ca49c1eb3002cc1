import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, and not for a time; fails by name when it never comes true. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 120_000,
  everyMs = 5,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await sleep(everyMs);
  }
}
