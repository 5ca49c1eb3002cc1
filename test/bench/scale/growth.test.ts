import { describe, expect, it } from 'vitest';
import { growthOf } from './growth.ts';

describe('growth', () => {
  it('is the exponent of the size', () => {
    const points = [100, 1_000, 5_000].map((size) => ({ size, value: 3 * size ** 2 }));
    expect(growthOf(points)).toBe(2);
  });

  it('of a figure that stays is none, at zero too', () => {
    expect(growthOf([100, 5_000].map((size) => ({ size, value: 0 })))).toBe(0);
  });
});
