import { describe, expect, it } from 'vitest';
import { countOf, failuresIn, lastLine, none, plus } from '../../scripts/check/count.ts';

describe('what a step of the checks counts as', () => {
  it.each<[string, string, boolean, readonly [number, number, number]]>([
    ['tests that passed', ' Tests  12 passed (12)', true, [12, 0, 0]],
    ['tests of which some were skipped', ' Tests  12 passed | 3 skipped (15)', true, [12, 0, 3]],
    ['tests of two runners', ' Tests  12 passed (12)\n Tests  1 failed | 4 passed (5)', false, [16, 1, 0]],
    ['tests of which all were skipped', ' Tests  8 skipped (8)', true, [0, 0, 8]],
    ['tests of which some failed', ' Tests  2 failed | 5 passed (7)', false, [5, 2, 0]],
    ['a runner that failed without a failed test', ' Tests  5 passed (5)', false, [5, 1, 0]],
    ['colours around it', '\u001B[2m      Tests \u001B[22m \u001B[1m4 passed\u001B[22m (4)', true, [4, 0, 0]],
    ['a step without tests', 'Every generated file is up to date.', true, [1, 0, 0]],
    ['a step without tests that failed', 'cannot', false, [0, 1, 0]],
  ])('%s', (_, output, ok, [passed, failed, skipped]) => {
    expect(countOf(`first\n${output}\nlast`, ok)).toEqual({ passed, failed, skipped });
  });

  it('is said in one line, and what was skipped in it only where there is something', () => {
    expect(lastLine(plus({ passed: 3, failed: 0, skipped: 0 }, none))).toBe('3 passed, 0 failed');
    expect(lastLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});

it('repeats each failure from its heading on, and only so much of it', () => {
  const trace = Array.from({ length: 40 }, (_, nth) => `line ${nth}`);
  const output = [
    'ok',
    '\u001B[41m FAIL \u001B[49m a.test.ts > one',
    ...trace,
    ' FAIL  b.test.ts > two',
  ].join('\n');
  const [first, second, ...more] = failuresIn(output);
  expect(first?.split('\n').slice(0, 2)).toEqual([' FAIL  a.test.ts > one', 'line 0']);
  expect(first).not.toContain('line 30');
  expect([second, more]).toEqual([' FAIL  b.test.ts > two', []]);
});
