import { describe, expect, it } from 'vitest';
import { examine, linesOf, worstOf } from '../../src/doctor/examine.ts';
import { error, type Examined, ok, warning } from '../../src/doctor/finding.ts';

describe('an examination', () => {
  it('goes on after a check that fails, and says why it failed', async () => {
    const all: Examined[] = [];
    const checks = [
      { name: 'first', run: () => Promise.reject(new Error('The server is away.')) },
      { name: 'second', run: async () => [ok('It works.')] },
    ];
    await examine(checks, (examined) => void all.push(examined));
    expect(all.map(({ check, findings }) => [check, findings[0]?.level, findings[0]?.says])).toEqual([
      ['first', 'error', 'It could not be checked: The server is away.'],
      ['second', 'ok', 'It works.'],
    ]);
  });

  it('is as bad as its worst finding', () => {
    const of = (...findings: Examined['findings']) =>
      worstOf([
        { check: 'a', findings: [] },
        { check: 'b', findings },
      ]);
    expect([
      of(),
      of(ok('a')),
      of(ok('a'), warning('b', 'c')),
      of(warning('b', 'c'), error('d', 'e')),
    ]).toEqual(['ok', 'ok', 'warning', 'error']);
  });

  it('has a line for each finding and one for its remedy, and nothing in them steers a terminal', () => {
    const lines = linesOf({ check: 'agents', findings: [warning('\u001b[2Jn1 is silent.', 'Look at it.')] });
    expect(lines).toEqual(['WARNING agents: �[2Jn1 is silent.', '        → Look at it.']);
  });
});
