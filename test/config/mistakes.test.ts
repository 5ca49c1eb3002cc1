/** Thousands of mistakes in the example's data: what is said of each. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readConfigFile } from '../../src/config/config-file.ts';
import { ConfigError, type Problem } from '../../src/config/checks/problems.ts';
import { runsOf, outcomeCounts } from '../property-runs.ts';

function problemsIn(text: string): readonly string[] {
  const problems: Problem[] = [];
  readConfigFile({ readFile: () => text }, 'tugboot.yaml', problems);
  return problems.length === 0 ? [] : new ConfigError('tugboot.yaml', problems).message.split('\n').slice(1);
}

type Node = Record<string, unknown>;
type Place = readonly [holder: Node, key: string];

/** Every place of the data where something stands. */
function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Node;
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...placesIn(holder[key])]);
}

const secrets = [
  'xoxb-1-hunter2',
  'ghp_hunter2hunter2hunter2',
  'Bearer hunter2hunter2',
  'https://me:hunter2@proxy/',
  'Zm9vYmFyhunter2Zm9vYmFyQUJD',
];
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e9,
    '',
    [],
    {},
    [[]],
    { a: { b: 1 } },
    'x'.repeat(5000),
    '\u001b[2J',
  ),
  fc.constantFrom(...secrets),
  fc.constantFrom({ password: 'hunter2' }, { headers: { any: 'hunter2' } }),
);
const kinds = ['delete', 'misspell', 'retype', 'nest', 'swap', 'secret as a key'] as const;
type Kind = (typeof kinds)[number];

interface Mistake {
  readonly kind: Kind;
  readonly at: number;
  readonly other: number;
  readonly value: unknown;
  readonly secret: string;
}

function make({ kind, at, other, value, secret }: Mistake, root: unknown): void {
  const places = placesIn(root);
  const [[holder, key], [second, secondKey]] = [
    places[at % places.length],
    places[other % places.length],
  ] as [Place, Place];
  const was = holder[key];
  const rename = (name: string): void => {
    if (Array.isArray(holder)) return void (holder[Number(key)] = { [name]: was });
    Reflect.deleteProperty(holder, key);
    holder[name] = was;
  };
  if (kind === 'delete') Reflect.deleteProperty(holder, key);
  if (kind === 'misspell') rename(`${key.slice(1)}${key.slice(0, 1)}`);
  if (kind === 'retype') holder[key] = value;
  if (kind === 'nest') holder[key] = { [key]: was };
  if (kind === 'swap')
    [holder[key], second[secondKey]] = [structuredClone(second[secondKey]), structuredClone(was)];
  if (kind === 'secret as a key') rename(secret);
}

const mistake = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat(10_000),
  other: fc.nat(10_000),
  value: strange,
  secret: fc.constantFrom(...secrets),
});

const example = readFileSync('examples/tugboot.yaml', 'utf8');

describe('what is said of any mistake', () => {
  it('names a place and what would be right, is short, and repeats no secret', () => {
    const seen = outcomeCounts<Kind>();
    fc.assert(
      fc.property(mistake, (one) => {
        const data: unknown = parse(example);
        make(one, data);
        const lines = problemsIn(stringify(data, { aliasDuplicateObjects: false }));
        seen.saw(one.kind, lines.length > 0);
        for (const line of lines) {
          // A place, what was found, and beyond that a sentence of its own.
          const [, said = ''] = /^ {2}(?:\(the file\)|line \d+|[^\s:][^\n]*?): (.+)$/.exec(line) ?? [];
          expect(said.replace(/^Found .*?\. (?=[A-Z`])/, ''), line).toMatch(/^(?!Found )[A-Z`].{9,}[.?…]$/);
          expect(line.length).toBeLessThanOrEqual(700);
          expect(line).not.toMatch(/hunter2|undefined|\[object Object\]|Invalid input|\bat .*\.ts:/);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: runsOf(600) },
    );
    seen.atLeast({ delete: 10, misspell: 50, retype: 50, nest: 50, swap: 40, 'secret as a key': 50 });
  });
});

describe('a file beyond all bounds', () => {
  it.each([
    [
      'nested deeply',
      `pools: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      '(the file): It is nested too deeply.',
    ],
    [
      'nested',
      `pools: [{ name: ${'['.repeat(40)}${']'.repeat(40)} }]`,
      'pools[0].name: It is nested too deeply.',
    ],
    [
      'of 40,000 pools',
      JSON.stringify({ pools: Array.from({ length: 40_000 }, () => ({})) }),
      'pools: Found 40000',
    ],
    [
      'of 40,000 keys',
      Array.from({ length: 40_000 }, (_, i) => `k${i}: 1\n`).join(''),
      '(the file): Found 40000',
    ],
    ['that holds itself', 'pools: &a [*a]', 'pools[0]: The alias here stands for something that holds it.'],
    ['of circles of circles', 'pools: &a { b: [*a, *a], c: [*a, *a] }', 'pools.b[0]: The alias'],
  ])('%s is refused in one sentence', (_case, text, message) => {
    const lines = problemsIn(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
  });

  it('of many mistakes is told of the first hundred', () => {
    const pools = Array.from({ length: 900 }, () => ({ nam: 1, concurency: 2 }));
    const lines = problemsIn(JSON.stringify({ pools }));
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toMatch(/^ {2}and \d+ more\.$/);
  });
});

describe('merge keys', () => {
  const read = (text: string) => {
    const problems: Problem[] = [];
    return { file: readConfigFile({ readFile: () => text }, 'f', problems), problems };
  };

  it('are resolved: what is written out wins, then the first of several', () => {
    const { file, problems } = read(`pools:
  - &a { name: a, concurrency: 2, notice: 1h, selector: x }
  - &b { name: b, concurrency: 3, selector: y }
  - { <<: *a, name: c }
  - { name: d, <<: [*b, *a] }`);
    expect(problems).toEqual([]);
    expect(file?.pools.slice(2)).toMatchObject([
      { name: 'c', concurrency: 2, notice: '1h', selector: 'x' },
      { name: 'd', concurrency: 3, notice: '1h', selector: 'y' },
    ]);
  });

  it('that merge no mapping are told of, with their place', () => {
    expect(problemsIn('pools: [{ name: a, <<: 5 }]')).toEqual([
      '  pools[0].<<: Found 5. A merge key takes a mapping, or a list of mappings, such as *name.',
    ]);
  });
});
