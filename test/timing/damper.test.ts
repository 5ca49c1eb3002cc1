import { expect, it } from 'vitest';
import { damper } from '../../src/timing/damper.ts';

const shape = { burst: 3, first: 100, longest: 400, quiet: 1_000 };

/** Time that passes when the test says so. */
function stage() {
  let now = 0;
  const calls: (readonly [string, number])[] = [];
  const timers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const over = new AbortController();
  const sleep = (ms: number): Promise<void> => new Promise((wake) => void timers.add({ at: now + ms, wake }));
  const deps = { clock: { now: () => now }, sleep, signal: over.signal };
  const ask = damper(deps, shape, (key) => void calls.push([key, now]));
  const pass = async (ms: number): Promise<void> => {
    const until = now + ms;
    for (;;) {
      const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      timers.delete(next);
      now = next.at;
      next.wake();
      await new Promise((resolve) => void setImmediate(resolve));
    }
    now = until;
  };
  return { ask, pass, over, at: (key: string) => calls.flatMap(([of, when]) => (of === key ? [when] : [])) };
}

it('lets the first calls pass at once, then one at the end of each pause, which doubles', async () => {
  const { ask, pass, at } = stage();
  for (let ms = 0; ms < 2_000; ms += 10) {
    ask('a');
    await pass(10);
  }
  expect(at('a')).toEqual([0, 10, 20, 120, 320, 720, 1_120, 1_520, 1_920]);
});

it('drops no last call', async () => {
  const { ask, pass, at } = stage();
  for (let call = 0; call < 5; call += 1) ask('a');
  expect(at('a')).toHaveLength(3);
  await pass(100);
  expect(at('a')).toEqual([0, 0, 0, 100]);
  await pass(10_000);
  expect(at('a')).toHaveLength(4);
});

it('keeps keys apart', async () => {
  const { ask, at } = stage();
  for (let call = 0; call < 9; call += 1) ask('a');
  ask('b');
  expect(at('b')).toEqual([0]);
});

it('begins anew after a quiet time, which grows with the pauses', async () => {
  const { ask, pass, at } = stage();
  for (let call = 0; call < 4; call += 1) ask('a');
  await pass(1_100);
  for (let call = 0; call < 3; call += 1) ask('a');
  expect(at('a').slice(-3)).toEqual([1_100, 1_100, 1_100]);
  for (let ms = 0; ms < 1_000; ms += 10) {
    ask('a');
    await pass(10);
  }
  // Within four times the last pause it is the same row.
  await pass(1_500);
  const before = at('a').length;
  for (let call = 0; call < 3; call += 1) ask('a');
  expect(at('a').length - before).toBe(1);
});

it('does nothing any more when it is over', async () => {
  const { ask, pass, over, at } = stage();
  for (let call = 0; call < 5; call += 1) ask('a');
  over.abort();
  await pass(1_000);
  expect(at('a')).toHaveLength(3);
});
