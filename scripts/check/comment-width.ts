/** Columns, as the formatter's printWidth in .oxfmtrc.json. */
export const width = 110;

/**
 * Numbers of the lines, from 1, that hold a comment and nothing else, and go beyond the width. A directive of
 * the linter has to be one line.
 */
export const tooWide = (text: string): readonly number[] =>
  text
    .split('\n')
    .flatMap((line, at) =>
      /^\s*(?:\/\/|\/?\*)/u.test(line) && !line.includes('oxlint-') && line.length > width ? [at + 1] : [],
    );
