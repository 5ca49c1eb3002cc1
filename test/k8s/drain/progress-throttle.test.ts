import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalAfter, progressThrottle } from '../../../src/k8s/drain/progress-throttle.ts';
import type { DrainProgress } from '../../../src/reboot/state/drain-facts.ts';
import { minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const progress = (gone: number, at = 0): DrainProgress => ({
  at: toTimestamp(at),
  total: 1_000_000,
  gone,
  leaving: [],
  waiting: [],
  trouble: [],
});

/** The instants at which progress is emitted, when it changes every `step` until `end`. */
function tellings({ step, end }: { step: number; end: number }): readonly number[] {
  const clock = fakeClock(0);
  const throttle = progressThrottle(clock, 0);
  const told: number[] = [];
  for (let gone = 0; clock.now() <= end; gone += 1) {
    if (throttle.changed(progress(gone))) told.push(clock.now());
    clock.advance(step);
  }
  return told;
}

describe('the progress of a drain', () => {
  it('is told at once, then at most twice a second for five seconds', () => {
    expect(tellings({ step: 100, end: 2 * second })).toEqual([0, 500, 1000, 1500, 2000]);
  });

  it('is told rarer the longer the drain takes, and at least every five seconds', () => {
    expect(intervalAfter(5 * second)).toBe(0.5 * second);
    expect(intervalAfter(20 * second)).toBe(2 * second);
    expect(intervalAfter(50 * second)).toBe(5 * second);
    expect(intervalAfter(60 * minute)).toBe(5 * second);
  });

  it('never falls behind by more than its pause, and costs few writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 400 }), (step) => {
        const end = 5 * minute;
        const told = tellings({ step, end });
        const gaps = told.slice(1).map((at, index) => at - (told[index] ?? 0));
        for (const [index, gap] of gaps.entries()) {
          const pause = intervalAfter(told[index] ?? 0);
          expect(gap).toBeGreaterThanOrEqual(pause);
          expect(gap).toBeLessThan(pause + step);
        }
        // Eleven in the first 5 s, about 24 until the tenth is 5 s, then one every 5 s.
        expect(told.length).toBeLessThanOrEqual(86);
      }),
    );
  });

  it('is not told again when only the time has changed', () => {
    const clock = fakeClock(0);
    const throttle = progressThrottle(clock, 0);
    throttle.changed(progress(1));
    clock.advance(minute);
    expect(throttle.changed(progress(1, minute))).toBeUndefined();
    expect(throttle.nextAt()).toBeUndefined();
  });

  it('that was held back may be told when its pause is over', () => {
    const clock = fakeClock(0);
    const throttle = progressThrottle(clock, 0);
    throttle.changed(progress(1));
    clock.advance(100);
    expect(throttle.changed(progress(2))).toBeUndefined();
    expect(throttle.nextAt()).toBe(500);
    clock.set(500);
    expect(throttle.changed(progress(2))?.gone).toBe(2);
    expect(throttle.nextAt()).toBeUndefined();
  });

  it('of a drain that was taken up late is told at the pace of its age', () => {
    const clock = fakeClock(10 * minute);
    const throttle = progressThrottle(clock, 0);
    throttle.changed(progress(1));
    throttle.changed(progress(2));
    expect(throttle.nextAt()).toBe(10 * minute + 5 * second);
  });
});
