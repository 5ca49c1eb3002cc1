import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { found, read, root, rows } from './pages.ts';

interface Entry {
  readonly word: string;
  readonly means: string;
  readonly nearest: string;
  readonly types: readonly { readonly name: string; readonly path: string }[];
}

const link = /\[`(\w+)`\]\(\.\.\/([\w./-]+)\)/g;

const entries: readonly Entry[] = rows(read('docs/glossary.md')).map(
  ([word = '', means = '', nearest = '', types = '']) => ({
    word,
    means,
    nearest,
    types: [...types.matchAll(link)].map(([, name = '', path = '']) => ({ name, path })),
  }),
);

/** Types leave nothing behind to ask at run time, so the source is read. */
const exportedTypes = (source: string): readonly string[] =>
  found(source, /^export (?:declare )?(?:abstract )?(?:type|interface|class) (\w+)/gm);

/** "node note" is the word of `NodeNote` and of `NodeNotes`. */
const nameOf = (word: string): string =>
  word
    .split(/[ -]/)
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
    .join('');

const rooms = ['state', 'ports', 'scheduling'].map((room) => `src/reboot/${room}`);

const typesOfRooms = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      exportedTypes(read(`${room}/${file}`)).map((name) => ({ name, path: `${room}/${file}` })),
    ),
);

const standsFor = (name: string, { word }: Entry): boolean =>
  [nameOf(word), `${nameOf(word)}s`].includes(name);

const isListed = (type: Entry['types'][number], { types }: Entry): boolean =>
  types.some(({ name, path }) => name === type.name && path === type.path);

describe('the glossary', () => {
  it.each(entries)(
    'says of "$word" what it means, what is like it, and which types stand for it',
    (entry) => {
      expect(entry.means.length).toBeGreaterThan(20);
      expect(entry.nearest).not.toBe('');
      expect(entry.types).not.toEqual([]);
    },
  );

  it('has each word once', () => {
    const words = entries.map(({ word }) => word.toLowerCase());
    expect(words).toEqual([...new Set(words)]);
    expect(words.length).toBeGreaterThan(25);
  });

  it.each(entries)('names types of "$word" that are exported where it says', ({ types }) => {
    expect(types.filter(({ name, path }) => !exportedTypes(read(path)).includes(name))).toEqual([]);
  });

  it('lists every type of the core that is called like one of its words', () => {
    const missing = entries.flatMap((entry) =>
      typesOfRooms.filter((type) => standsFor(type.name, entry) && !isListed(type, entry)),
    );
    expect(missing).toEqual([]);
  });

  it('would miss one', () => {
    const named = typesOfRooms.filter(({ name }) => entries.some((entry) => standsFor(name, entry)));
    expect(named.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Turn', 'Pauses', 'CleanUp', 'Undo']),
    );
  });
});
