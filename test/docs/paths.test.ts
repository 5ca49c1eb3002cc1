import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { found, pages, root } from './pages.ts';

/**
 * From the root of the repository. Not the end of a longer path, and not a file of another repository, as in
 * "owner/name, `src/file`".
 */
const pathsIn = (text: string): readonly string[] =>
  found(text, /(?<![\w./*-]|\w\/[\w.-]+, `)((?:src|test|demo|scripts|charts)\/[\w./*-]+)/g).map((path) =>
    path.replace(/[.]$/, ''),
  );

/** A pattern stands for the folder in which its files lie. */
const isThere = (path: string): boolean => existsSync(join(root, path.replace(/[^/]*\*.*$/, '')));

const about = pages.filter(({ path }) => path === 'CONTRIBUTING.md' || /^docs\/[^/]+\.md$/.test(path));

describe('paths of the repository that the documentation names', () => {
  it.each(about)('exist: $path', ({ text }) => {
    expect(pathsIn(text).filter((path) => !isThere(path))).toEqual([]);
  });

  it('would be missed', () => {
    const text =
      'In `src/reboot/nowhere/` and test/docs/pages.ts. See https://a.test/src/b.ts and golang/go, `src/c.go`.';
    expect(pathsIn(text)).toEqual(['src/reboot/nowhere/', 'test/docs/pages.ts']);
    expect(pathsIn(text).map(isThere)).toEqual([false, true]);
  });

  it('are many in the recipes', () => {
    const text = pages.find(({ path }) => path === 'CONTRIBUTING.md')?.text ?? '';
    expect(pathsIn(text).length).toBeGreaterThan(30);
  });
});
