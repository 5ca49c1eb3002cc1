import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { settingsOf } from '../../scripts/generate/settings.ts';
import { readConfigFile } from '../../src/config/config-file.ts';
import type { Problem } from '../../src/config/checks/problems.ts';
import { jsonSchema } from '../../src/config/schema/schema.ts';

const settings = settingsOf(jsonSchema()).map(({ path }) => path);

/** A file in which one setting has this value; lists on the way have one entry. */
function fileWith(path: string, value: unknown): string {
  const [head = '', ...rest] = path.split('.');
  const build = (name: string, others: readonly string[]): Record<string, unknown> => {
    const [next, ...further] = others;
    const inner = next === undefined ? value : { ...required(name), ...build(next, further) };
    return name.endsWith('[]') ? { [name.slice(0, -2)]: [inner] } : { [name]: inner };
  };
  return stringify(build(head, rest));
}

const required = (name: string): Record<string, unknown> => {
  if (name === 'pools[]') return { name: 'a' };
  if (name === 'calendars[]') return { name: 'holidays', file: '/etc/holidays.ics' };
  return name === 'windows[]' ? { days: ['mon'], start: '02:00', end: '03:00' } : {};
};

function problemsWith(path: string, value: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  readConfigFile({ readFile: () => fileWith(path, value) }, 'tugboot.yaml', problems);
  return problems;
}

const rubbish: readonly unknown[] = [
  null,
  -1,
  1.5,
  1e9,
  '',
  'x',
  '\u0000',
  'a b',
  true,
  [],
  [1],
  [null],
  {},
  { a: 1 },
  ['x', 'y'],
];

describe('rubbish in any setting', () => {
  it.each(settings)('%s: is told of in our own words', (path) => {
    const said = rubbish.flatMap((value) => problemsWith(path, value));
    expect(said.length).toBeGreaterThan(0);
    const foreign = said.filter(({ message }) =>
      /invalid|too (small|big|short|long)|expected|received|pattern|zod|undefined|object Object/i.test(
        message,
      ),
    );
    expect(foreign).toEqual([]);
    // Each says what was found and what would be right: two sentences.
    expect(
      said.filter(
        ({ message }) => !/\. \S.*[.)”`]$/.test(message) && !message.startsWith('There is no such setting.'),
      ),
    ).toEqual([]);
  });
});
