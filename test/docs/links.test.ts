import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, root } from './pages.ts';

/** As GitHub makes it: lower case, spaces to dashes, punctuation gone. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutCode = (text: string): string =>
  text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

const anchors = new Map(
  pages.map(({ path, text }) => {
    const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)];
    return [path, new Set(headings.map(([, heading = '']) => anchorOf(heading)))];
  }),
);

function linksOf(text: string): readonly string[] {
  const written = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)];
  const tags = [...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...written, ...tags].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/** Undefined when the link leads somewhere. */
function problem(from: string, link: string): string | undefined {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : normalize(join(dirname(from), file));
  if (target.startsWith('..')) return `${link}: outside of the repository`;
  if (!existsSync(join(root, target))) return `${link}: there is no ${target}`;
  if (anchor !== undefined && anchors.get(target)?.has(anchor) !== true)
    return `${link}: no such heading in ${target}`;
  return undefined;
}

describe('links inside the repository', () => {
  it.each(pages)('lead somewhere: $path', ({ path, text }) => {
    expect(linksOf(text).flatMap((link) => problem(path, link) ?? [])).toEqual([]);
  });

  it('would be missed', () => {
    expect(problem('README.md', 'docs/nowhere.md')).toBe('docs/nowhere.md: there is no docs/nowhere.md');
    expect(problem('README.md', '#nothing')).toBe('#nothing: no such heading in README.md');
    expect(problem('docs/operations.md', '../README.md#run-it-for-real')).toBeUndefined();
  });

  it('reach every page from the README', () => {
    const seen = new Set(['README.md']);
    for (const path of seen) {
      const page = pages.find((each) => each.path === path);
      for (const link of linksOf(page?.text ?? '')) {
        const target = normalize(join(dirname(path), link.split('#')[0] ?? ''));
        if (target.endsWith('.md')) seen.add(target);
      }
    }
    expect(pages.map(({ path }) => path).filter((path) => !seen.has(path))).toEqual([]);
  });
});
