import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential } from '../../src/reboot/time/exponential.ts';
import { backoff, createBackoff } from '../../src/timing/backoff.ts';

const shapes = fc.record({
  first: fc.integer({ min: 1, max: 10_000 }),
  most: fc.integer({ min: 10_000, max: 120_000 }),
  factor: fc.double({ min: 1.5, max: 4, noNaN: true }),
});
/** As `Math.random` gives them. */
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.integer({ min: 1, max: 10_000 });
const least = (): number => 0;
const almostAll = (): number => 1 - Number.EPSILON;

describe('the wait before a retry', () => {
  it('is between a half and the whole of what the attempt has come to', () => {
    fc.assert(
      fc.property(shapes, attempts, chances, (shape, attempt, chance) => {
        const whole = Math.min(shape.most, shape.first * shape.factor ** (attempt - 1));
        const wait = backoff(shape, attempt, () => chance);
        expect(wait).toBeGreaterThanOrEqual(whole / 2);
        expect(wait).toBeLessThanOrEqual(whole);
      }),
    );
  });

  it('uses all of that room: those who failed together come back one after the other', () => {
    fc.assert(
      fc.property(shapes, attempts, chances, chances, (shape, attempt, one, other) => {
        const whole = backoff(shape, attempt, least) * 2;
        const [first, second] = [one, other].map((chance) => backoff(shape, attempt, () => chance));
        const apart = (first ?? Number.NaN) - (second ?? Number.NaN);
        // Twice the chance apart is twice the time apart.
        expect(apart).toBeCloseTo((whole / 2) * (one - other), 6);
        expect(backoff(shape, attempt, almostAll)).toBeCloseTo(whole, 6);
      }),
    );
  });

  it('grows with each attempt by the factor, until it has come to the most there is', () => {
    fc.assert(
      fc.property(shapes, attempts, chances, (shape, attempt, chance) => {
        const random = (): number => chance;
        const [now, next] = [backoff(shape, attempt, random), backoff(shape, attempt + 1, random)];
        const most = backoff({ ...shape, first: shape.most }, 1, random);
        expect(next).toBeCloseTo(Math.min(most, now * shape.factor), 6);
        expect(next).toBeLessThanOrEqual(shape.most);
      }),
    );
  });

  it('begins with the first', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(backoff(shape, 1, almostAll)).toBeCloseTo(shape.first, 6);
      }),
    );
  });
});

describe('the wait without chance', () => {
  it('is nothing before the first failure, then doubles up to the most, however many there were', () => {
    const shape = { first: 100, most: 1000, factor: 2 };
    const waits = [-1, 0, 1, 2, 3, 4, 5, 6, 10_000].map((attempt) => exponential(shape, attempt));
    expect(waits).toEqual([0, 0, 100, 200, 400, 800, 1000, 1000, 1000]);
  });
});

describe('the count of failures', () => {
  it('grows with each wait, and begins anew when it is reset', () => {
    const delays = createBackoff({ first: 100, most: 1000, factor: 2 }, () => 0);
    expect([delays.next(), delays.next(), delays.next()]).toEqual([50, 100, 200]);
    expect(delays.failures).toBe(3);
    delays.reset();
    expect(delays.next()).toBe(50);
  });
});
