import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, type ForecastInput, median } from '../../../src/reboot/queries/forecast.ts';

const nodes = (count: number): string[] => Array.from({ length: count }, (_, index) => `w${index}`);
const times = (input: Partial<ForecastInput>): number[] => [
  ...forecast({
    queue: nodes(4),
    freeAt: [0],
    each: 10,
    between: 0,
    finishInWindow: false,
    ...input,
  }).values(),
];

describe('the forecast', () => {
  it('starts one after another where one place is free', () => {
    expect(times({})).toEqual([0, 10, 20, 30]);
  });

  it('starts as many at once as there are places, and waits for those that are taken', () => {
    expect(times({ freeAt: [0, 0, 5] })).toEqual([0, 0, 5, 10]);
  });

  it('keeps the least time between two of them', () => {
    expect(times({ between: 3 })).toEqual([0, 13, 26, 39]);
  });

  it('starts inside of windows only', () => {
    const openings = [
      { opens: 100, closes: 115 },
      { opens: 200, closes: 300 },
    ];
    expect(times({ openings })).toEqual([100, 110, 200, 210]);
    expect(times({ openings, finishInWindow: true })).toEqual([100, 200, 210, 220]);
  });

  it('starts in the first quarter of a window that is too short for any', () => {
    const openings = [
      { opens: 100, closes: 108 },
      { opens: 200, closes: 208 },
    ];
    expect(times({ openings, finishInWindow: true, freeAt: [101] })).toEqual([101, 200]);
    expect(times({ openings, finishInWindow: true, freeAt: [103] })).toEqual([200]);
  });

  it('gives no time where nothing is free, or no window is left', () => {
    expect(times({ freeAt: [] })).toEqual([]);
    expect(times({ openings: [] })).toEqual([]);
  });

  it('never has more under way than places, nor a start outside of a window, nor out of order', () => {
    const met = { several: 0, windows: 0, cut: 0 };
    const opening = fc.record({ gap: fc.nat(50), length: fc.integer({ min: 1, max: 80 }) });
    fc.assert(
      fc.property(
        fc.record({
          count: fc.nat(25),
          freeAt: fc.array(fc.nat(40), { maxLength: 5 }),
          each: fc.integer({ min: 1, max: 40 }),
          between: fc.nat(10),
          finishInWindow: fc.boolean(),
          gaps: fc.option(fc.array(opening, { maxLength: 6 }), { nil: undefined }),
        }),
        ({ count, gaps, ...input }) => {
          let at = 0;
          const openings = gaps?.map(({ gap, length }) => {
            const opens = at + gap + 1;
            at = opens + length;
            return { opens, closes: at };
          });
          const order = nodes(count);
          const starts = forecast({ ...input, queue: order, ...(openings ? { openings } : {}) });
          const all = [...starts.values()];
          expect([...starts.keys()]).toEqual(order.slice(0, all.length));
          expect(all).toEqual(all.toSorted((a, b) => a - b));
          for (const start of all) {
            const running = all.filter((other) => other <= start && start < other + input.each).length;
            expect(running).toBeLessThanOrEqual(input.freeAt.length);
            if (openings)
              expect(openings.some(({ opens, closes }) => opens <= start && start < closes)).toBe(true);
          }
          if (!openings && input.freeAt.length > 0) expect(all).toHaveLength(count);
          if (input.freeAt.length > 1 && all.length > 2) met.several += 1;
          if (openings && all.length > 0) met.windows += 1;
          if (openings && all.length < count && all.length > 0) met.cut += 1;
        },
      ),
      { numRuns: 400, seed: 11 },
    );
    for (const seen of Object.values(met)) expect(seen).toBeGreaterThan(30);
  });
});

it('the median of an even number is one of them, and of none there is none', () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([4, 1])).toBe(4);
  expect(median([])).toBeUndefined();
});
