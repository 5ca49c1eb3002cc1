import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles, outdated } from '../../scripts/generate.ts';
import { walkMachine } from '../../scripts/generate/states/walk-machine.ts';
import { settingsOf } from '../../scripts/generate/settings.ts';
import { jsonSchema } from '../../src/config/schema/schema.ts';
import { section, read, rows, root } from './pages.ts';

const textOf = (path: string): string | undefined => (existsSync(join(root, path)) ? read(path) : undefined);

describe('generated files', () => {
  it('say what the sources say (else: npm run generate)', () => {
    expect(outdated(textOf).map(({ path }) => path)).toEqual([]);
  });

  it('are noticed when one is missing or differs', () => {
    const paths = generatedFiles().map(({ path }) => path);
    expect(outdated(() => undefined).map(({ path }) => path)).toEqual(paths);
    const edited = (path: string): string | undefined =>
      path === paths[1] ? `${textOf(path)} ` : textOf(path);
    expect(outdated(edited).map(({ path }) => path)).toEqual([paths[1]]);
  });
});

describe('the reference of the configuration', () => {
  it('has a meaning for every setting', () => {
    expect(settingsOf(jsonSchema()).filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('has every setting that the schema names', () => {
    const named = new Set(
      JSON.stringify(jsonSchema())
        .match(/"properties":\{"[a-zA-Z]+"/g)
        ?.map((text) => text.slice(15, -1)),
    );
    const listed = new Set(settingsOf(jsonSchema()).map(({ path }) => path.replace(/^.*\./, '')));
    expect([...named].filter((name) => !listed.has(name))).toEqual([]);
    expect(rows(section(read('docs/configuration.md'), '## The file'))).toHaveLength(
      settingsOf(jsonSchema()).length,
    );
  });
});

describe('the walk through the state machine', () => {
  const edges = walkMachine();

  it('reaches every phase', () => {
    const reached = new Set(['Pending', ...edges.map(({ to }) => to)]);
    const described = new Set(
      rows(section(read('docs/states.md'), '# The states of a reboot')).map(([phase]) => phase),
    );
    expect([...reached].filter((phase) => !described.has(phase))).toEqual([]);
    expect(reached.size).toBe(13);
  });

  it('finds no way to the order but through a drain, and none to success but through the proof', () => {
    expect(
      edges
        .filter(({ to }) => to === 'Rebooting')
        .map(({ from, what }) => `${from}: ${what}`)
        .sort(),
    ).toEqual(['Draining: drained']);
    expect(edges.filter(({ to }) => to === 'Succeeded').map(({ from }) => from)).toEqual(['Settling']);
  });
});
