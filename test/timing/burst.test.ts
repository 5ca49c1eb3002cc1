import { expect, it } from 'vitest';
import { Burst } from '../../src/timing/burst.ts';

const shape = { burst: 3, first: 100, longest: 300, quiet: 1_000 };

it('lets a burst pass at once, then waits longer each time, up to a bound', () => {
  const burst = new Burst(shape);
  const waits = [0, 0, 0, 0, 0, 0].map(() => {
    const wait = burst.wait(5_000);
    burst.passed(5_000);
    return wait;
  });
  expect(waits).toEqual([0, 0, 0, 100, 200, 300]);
});

it('ends when nothing passed for a while, and for longer when its delays were long', () => {
  const burst = new Burst(shape);
  expect(burst.isOver(0)).toBe(true);
  for (let count = 0; count < 6; count += 1) burst.passed(0);
  expect([burst.isOver(1_199), burst.isOver(1_200)]).toEqual([false, true]);
  burst.passed(1_200);
  expect([burst.wait(1_200), burst.isOver(2_199), burst.isOver(2_200)]).toEqual([0, false, true]);
});
