import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { found, read, root } from './pages.ts';

const text = read('docs/architecture.md');

describe('the architecture', () => {
  it.each(['src', 'src/reboot'])('names every room of %s', (folder) => {
    const entries = readdirSync(posix.join(root, folder), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const names = entries.map(({ name }) => (folder === 'src' ? `\`src/${name}\`` : `| \`${name}\` |`));
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });
});

/** In the picture: which nodes stand in which frame. */
function framesIn(picture: string): ReadonlyMap<string, readonly string[]> {
  const frames = [...picture.matchAll(/^ {2}subgraph (\w+)[^\n]*\n([\s\S]*?)^ {2}end$/gm)];
  return new Map(frames.map(([, name = '', inside = '']) => [name, found(inside, /^ {4}(\w+)\[/gm)]));
}

const picture = /```mermaid\nflowchart [A-Z]+\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
const frames = framesIn(picture);
const drawn = [...picture.matchAll(/^ {2}(\w+)(?:\[[^\]]*\])? -->(?:\|[^|]*\|)? (\w+)/gm)].map(
  ([, from = '', to = '']) => ({ from, to }),
);

const overThePorts = new Set([
  'loop',
  'show',
  'detect',
  'start',
  'effects',
  'queries',
  'render',
  'reconcile',
  'commands',
  'digests',
  'collect',
  'service',
]);

/** The node of the picture in which a file lies; the two files that every room may read are in none. */
function nodeOf(file: string): string | undefined {
  const [top = '', room = '', inner = ''] = file.split('/');
  if (top === 'demo') return 'demo';
  if (room === 'reboot') return overThePorts.has(inner) ? 'loop' : 'pure';
  if (room === 'main.ts') return 'main';
  return room.endsWith('.ts') ? undefined : room;
}

/** The node itself, and the frame around it. */
const placesOf = (node: string): readonly string[] => [
  node,
  ...[...frames].flatMap(([frame, inside]) => (inside.includes(node) ? [frame] : [])),
];

interface Use {
  readonly from: string;
  readonly to: string;
  readonly file: string;
}

function usesOf(file: string): readonly Use[] {
  const imports = found(read(file), /(?:from|import\() ?'(\.[^']+\.ts)'/g);
  return imports.flatMap((path) => {
    const from = nodeOf(file);
    const to = nodeOf(posix.join(posix.dirname(file), path));
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, file }];
  });
}

const uses = ['src', 'demo'].flatMap((folder) =>
  readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => usesOf(`${folder}/${file}`)),
);

const isDrawn = (use: Use, arrow: (typeof drawn)[number]): boolean =>
  placesOf(use.from).includes(arrow.from) && placesOf(use.to).includes(arrow.to);

describe('the picture of the rooms', () => {
  it('has an arrow for each import from one room of another', () => {
    expect(uses.length).toBeGreaterThan(300);
    expect(uses.filter((use) => !drawn.some((arrow) => isDrawn(use, arrow)))).toEqual([]);
  });

  it('has no arrow that no import goes along', () => {
    expect(drawn.length).toBeGreaterThan(10);
    expect(drawn.filter((arrow) => !uses.some((use) => isDrawn(use, arrow)))).toEqual([]);
  });

  it('names the rooms of the core by what they may do', () => {
    const label = /loop\["over the ports<br\/>([^"]+)"/.exec(picture)?.[1] ?? '';
    expect(found(label, /(\w+)(?=,|$)/g).toSorted()).toEqual([...overThePorts].toSorted());
    const rest = readdirSync(posix.join(root, 'src/reboot')).filter((room) => !overThePorts.has(room));
    expect(rest.filter((room) => !picture.includes(room))).toEqual([]);
  });
});

it('the tests of the core have its rooms', () => {
  const roomsIn = (path: string): readonly string[] =>
    readdirSync(posix.join(root, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  const known = new Set(roomsIn('src/reboot'));
  expect(roomsIn('test/reboot').filter((room) => !known.has(room))).toEqual([]);
});
