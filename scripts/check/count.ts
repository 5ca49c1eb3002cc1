/** Counts the results of the steps of `npm run check` from their output. */
import { stripVTControlCharacters } from 'node:util';

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const none: Count = { passed: 0, failed: 0, skipped: 0 };

export const plus = (one: Count, other: Count): Count => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

const some = (text: string, word: string): number =>
  Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1] ?? 0);

/**
 * The tests of each test runner in a step are counted; every other step counts as one. Skipped tests have
 * not passed, even if all were skipped.
 */
export function countOf(output: string, ok: boolean): Count {
  const summaries = stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => /^\s*Tests\s+\d+/.test(line));
  if (summaries.length === 0) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  const { passed, failed, skipped } = summaries
    .map((line) => ({
      passed: some(line, 'passed'),
      failed: some(line, 'failed'),
      skipped: some(line, 'skipped'),
    }))
    .reduce(plus, none);
  // The runner may fail without a failed test: by a file that does not load, or an uncaught error.
  return { passed, failed: Math.max(failed, ok ? 0 : 1), skipped };
}

/** The summary line. */
export const lastLine = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const linesOfAFailure = 25;

/**
 * The test runner's report of each failure, from its heading on, without colours; repeated at the end of the
 * output.
 */
export function failuresIn(output: string): readonly string[] {
  const lines = stripVTControlCharacters(output).split('\n');
  return lines.flatMap((line, at) =>
    /^\s*FAIL\s/.test(line) ? [lines.slice(at, at + linesOfAFailure).join('\n')] : [],
  );
}
