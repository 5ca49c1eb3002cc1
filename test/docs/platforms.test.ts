import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { run as checkConfig } from '../../src/commands/check-config.ts';
import { found, read, rows, section } from './pages.ts';

const page = read('docs/platforms.md');
const defaults: unknown = parse(read('charts/tugboot/values.yaml'));

interface Values {
  readonly config?: object;
}

/** Values of the chart, one for each example. */
const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => ({
  pool: /- name: (\S+)/.exec(text)?.[1] ?? 'none',
  values: parse(text) as Values,
}));

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths that the chart has no value for. A map that is empty there takes anything. */
function unknownValues(given: unknown, known: unknown, path = ''): readonly string[] {
  if (!isMap(given) || !isMap(known) || Object.keys(known).length === 0) return [];
  return Object.entries(given).flatMap(([key, value]) =>
    key in known ? unknownValues(value, known[key], `${path}${key}.`) : [`${path}${key}`],
  );
}

describe('the examples of platforms.md', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tugboot-platforms-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('are more than a few', () => {
    expect(examples.length).toBeGreaterThan(9);
  });

  it.each(examples)('are values that the chart has: $pool', ({ values }) => {
    expect(unknownValues(values, defaults)).toEqual([]);
  });

  it.each(examples)('pass check-config without a warning: $pool', async ({ pool, values }) => {
    const config = {
      cluster: 'any',
      channel: 'C0123ABCD',
      approvers: { users: ['U0123ABCD'] },
      ...values.config,
    };
    const path = join(directory, `${pool}.yaml`);
    writeFileSync(path, stringify({ ...values, config }));
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const signal = new AbortController().signal;
    const code = await checkConfig(['--strict', path], { env: {}, stdout, stderr, signal });
    stderr.end();
    expect(await textOf(stderr)).toBe('');
    expect(code).toBe(0);
  });
});

describe('the sources of platforms.md', () => {
  const listed = rows(section(page, '## Sources')).map(([number = '']) => number);
  const [text = ''] = page.split('\n## Sources\n');
  /** "(read: 3)", "(18, 19)", "20 to 22": numbers in brackets, and those of the table. */
  const cited = [
    ...found(text, /\(([^()]*)\)/g).filter((inside) => /(^|[ ;:])\d+[a-z]?(, \d+)*$/.test(inside)),
    ...rows(section(page, '## At a glance')).map((row) => row.at(-1) ?? ''),
  ].flatMap((cell) => numbersIn(cell));

  it('are all listed', () => {
    expect(cited.length).toBeGreaterThan(20);
    expect(cited.filter((number) => !listed.includes(number))).toEqual([]);
  });

  it('are all cited', () => {
    expect(listed.filter((number) => !cited.includes(number))).toEqual([]);
  });
});

function numbersIn(cell: string): readonly string[] {
  return [...cell.matchAll(/\b(\d{1,2})[a-z]?\b(?: to (\d{1,2}))?/g)].flatMap(([, from = '', to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => String(Number(from) + index)),
  );
}
