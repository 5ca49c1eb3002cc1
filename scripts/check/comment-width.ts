/** Columns, as the formatter's printWidth in .oxfmtrc.json. */
export const width = 110;

/**
 * Numbers, from 1, of the lines that hold only a comment and are longer than `width`. Linter directives must
 * be one line.
 */
export const tooWide = (text: string): readonly number[] =>
  text
    .split('\n')
    .flatMap((line, at) =>
      /^\s*(?:\/\/|\/?\*)/u.test(line) && !line.includes('oxlint-') && line.length > width ? [at + 1] : [],
    );
