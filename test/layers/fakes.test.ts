import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

/** Values of src that a fake may use: what it throws, and units of time. */
const allowed = new Set(['reboot/ports/port-error.ts', 'reboot/time/time.ts']);

const valueImport = /^import (?!type )[^;]*? from '(?:\.\.\/)+src\/([^']+)';$/gms;

const valuesOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(valueImport), ([, file = '']) => file);

describe('fakes', () => {
  it('do not call the production code that they stand for', () => {
    const files = globSync('test/fakes/{ports,cluster}/*.ts', { cwd: root });
    expect(files.length).toBeGreaterThan(10);
    const used = files.flatMap((file) =>
      valuesOf(readFileSync(new URL(file, root), 'utf8'))
        .filter((from) => !allowed.has(from))
        .map((from) => `${file}: ${from}`),
    );
    expect(used).toEqual([]);
  });

  it('would be found if they did', () => {
    const text = `import type { A } from '../../../src/a.ts';\nimport {\n  b,\n} from '../../../src/b.ts';\n`;
    expect(valuesOf(text)).toEqual(['b.ts']);
  });
});
