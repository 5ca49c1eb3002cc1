import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, report, row } from './report.ts';

describe('a percentile', () => {
  it.each([
    [[5], 0.5, 5],
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.99, 4],
    [[10, 9, 100], 1, 100],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('is one of the values, and at least its share of them is not above it', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (samples, share) => {
        const value = percentile(samples, share);
        expect(samples).toContain(value);
        const within = samples.filter((sample) => sample <= value).length;
        expect(within).toBeGreaterThanOrEqual(Math.floor(share * samples.length));
      }),
    );
  });
});

describe('a bench', () => {
  const rows = [
    row({ what: 'card posted', unit: 'ms', share: 0.5, limit: 100 }, [90, 110, 80]),
    row({ what: 'calls', unit: 'calls', share: 1, limit: 15 }, [14, 16]),
  ];
  const told = { bench: 'detect', machine: '2 × somewhere', runs: 3, rows };

  it('meets its aim or not, by the figure that the aim is about', () => {
    expect(rows.map(({ what, value, ok }) => [what, value, ok])).toEqual([
      ['card posted (p50)', 90, true],
      ['calls (max)', 16, false],
    ]);
  });

  it('does not meet an aim that nothing was measured for', () => {
    expect(row({ what: 'a', unit: 'ms', share: 0.5, limit: 1 }, []).ok).toBe(false);
    expect(row({ what: 'a', unit: 'ms', share: 0.5, limit: 9 }, [1, Number.NaN, 2]).ok).toBe(false);
  });

  it('prints a table with median and maximum, and a last line of JSON when asked', () => {
    const table = report({ ...told, json: false });
    expect(table).toContain('detect: 3 runs on 2 × somewhere');
    expect(table).toMatch(/\| card posted \(p50\) \| 90 +\| ms +\| ≤ 100 \| yes \| 90 +\| 110 +\| 3 +\|/);
    expect(table).not.toContain('{');
    expect(
      JSON.parse(
        report({ ...told, json: true })
          .split('\n')
          .at(-1) ?? '',
      ),
    ).toEqual({
      bench: 'detect',
      machine: '2 × somewhere',
      runs: 3,
      aims: [
        { what: 'card posted (p50)', value: 90, unit: 'ms', aim: '≤ 100', ok: true },
        { what: 'calls (max)', value: 16, unit: 'calls', aim: '≤ 15', ok: false },
      ],
    });
  });
});
