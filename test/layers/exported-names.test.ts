import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

const declared = /^export (?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm;

/** Names that each module of a folder exports by convention: the rows of a table. */
const perModule: Readonly<Record<string, string>> = {
  // Each command of the program exports its `run`.
  run: 'src/commands/',
};

function filesByName(files: readonly (readonly [path: string, text: string])[]) {
  const all = files.flatMap(([path, text]) =>
    // Overloads declare one function several times.
    [...new Set(Array.from(text.matchAll(declared), ([, name = '']) => name))].map((name) => ({
      name,
      path,
    })),
  );
  return Map.groupBy(
    all.filter(({ name, path }) => !path.startsWith(perModule[name] ?? '\0')),
    ({ name }) => name,
  );
}

const repeated = (files: readonly (readonly [path: string, text: string])[]): readonly string[] =>
  [...filesByName(files)]
    .filter(([, uses]) => uses.length > 1)
    .map(([name, uses]) => `${name}: ${uses.map(({ path }) => path).join(', ')}`);

describe('exported names', () => {
  it('each mean one thing in src', () => {
    const files = globSync('src/**/*.ts', { cwd: root }).map(
      (path) => [path, readFileSync(new URL(path, root), 'utf8')] as const,
    );
    expect(filesByName(files).size).toBeGreaterThan(1000);
    expect(repeated(files)).toEqual([]);
  });

  it('would be found twice', () => {
    const twice = ['src/a.ts', 'src/b.ts'].map((path) => [path, 'export const why = 1;\n'] as const);
    expect(repeated(twice)).toEqual(['why: src/a.ts, src/b.ts']);
    const commands = ['src/commands/a.ts', 'src/commands/b.ts'].map(
      (path) => [path, 'export const run = 1;\n'] as const,
    );
    expect(repeated(commands)).toEqual([]);
  });
});
