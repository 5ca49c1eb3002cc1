import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tooWide, width } from '../../scripts/check/comment-width.ts';

const long = 'x'.repeat(width);

describe('the width of comments', () => {
  it('is that of code', () => {
    const format = JSON.parse(readFileSync('.oxfmtrc.json', 'utf8')) as { readonly printWidth: number };
    expect(format.printWidth).toBe(width);
  });

  it.each(['// ', '  // ', '/** ', ' * ', '  * '])('counts a line that begins with "%s"', (begin) => {
    expect(tooWide(`const a = 1;\n${begin}${long}`)).toEqual([2]);
    expect(tooWide(`${begin}${'x'.repeat(width - begin.length)}`)).toEqual([]);
  });

  it('counts characters, and neither code nor directives of the linter', () => {
    expect(tooWide(`// ${'–'.repeat(width - 3)}`)).toEqual([]);
    expect(tooWide(`const a = '${long}';\n// oxlint-disable-next-line ${long}`)).toEqual([]);
  });
});
