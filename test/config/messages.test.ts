import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/config-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError, found, type Problem } from '../../src/config/checks/problems.ts';
import { configSchema } from '../../src/config/schema/schema.ts';
import { zeroDurations } from '../../src/config/checks/zero-durations.ts';

function told(text: string): string {
  const problems: Problem[] = [];
  readConfigFile({ readFile: () => text }, 'tugboot.yaml', problems);
  return new ConfigError('tugboot.yaml', problems).message;
}

const pool = (settings: string): string => `pools: [{ name: a, ${settings} }]`;

describe('what is said of a mistake', () => {
  it.each([
    [
      pool('signals: [{ condition: X, status: True }]'),
      'pools[0].signals[0].status: Found true. Without quotes it is no text: write "True" in quotes.',
    ],
    [
      pool('signals: [{ condition: X, status: Yes please }]'),
      'pools[0].signals[0].status: Found "Yes please". Write "True", "False" or "Unknown", in quotes.',
    ],
    [
      pool('signals: [{ label: x, valeu: y }]'),
      'pools[0].signals[0].valeu: There is no such setting. Did you mean value?',
    ],
    [
      pool('signals: [{ command: A B }]'),
      'pools[0].signals[0].command: Found "A B". Commands have the names',
    ],
    [
      pool('approvers: { users: [mia] }'),
      'pools[0].approvers.users[0]: Found "mia". User ids look like U0123ABCD; names do not do.',
    ],
    ['channel: 17', 'channel: Found 17. Channel ids look like C0123ABCD.'],
    ['channel: "C\\u001b[2J"', 'channel: Found "C\\u001b[2J".'],
  ])('%s: %s', (text, message) => {
    expect(told(text)).toContain(message);
    expect(told(text).split('\n')).toHaveLength(2);
  });
});

const huge = 1_000_000;
const bound = 'Found '.length + 60 + '.'.length;
const secret = 'xoxb-1-hunter2';

describe('what was found', () => {
  it.each<readonly [string, unknown, string]>([
    ['a text', 'a'.repeat(huge), 'Found "aaa'],
    ['a text of secrets', `${secret} `.repeat(huge / 20), 'Found "[secret] [secret]'],
    ['one half of a secret', `${'a'.repeat(50)} Bearer hunter2hunter2`, 'Found "aaa'],
    ['half of a pair at the cut', `${'x'.repeat(57)}${'\u{1f600}'.repeat(9)}`, 'Found "xxx'],
    ['a list', Array.from({ length: huge }, () => secret), 'Found ["[secret]","[secret]"'],
    ['a mapping', { a: { b: 'b'.repeat(huge), c: secret } }, 'Found {"a":{"b":"bbb'],
    ['a key', { ['k'.repeat(huge)]: secret }, 'Found {"kkk'],
    ['no number', Number.NaN, 'Found NaN.'],
    ['a number without end', Number.POSITIVE_INFINITY, 'Found Infinity.'],
  ])('is short, and repeats no secret: %s', (_case, value, start) => {
    const said = found(value);
    expect(said.length).toBeLessThanOrEqual(bound);
    expect(said.startsWith(start), said).toBe(true);
    expect(said).not.toMatch(/hunter2|\p{Cs}/u);
  });

  it.each([
    ['letters', 'a'.repeat(huge)],
    ['clauses', 'a=b,'.repeat(huge / 4)],
    ['a list that is never closed', `A in (${'a,'.repeat(huge / 2)}`],
  ])('in a selector is looked at once, however long it is: %s', (_case, text) => {
    expect(told(JSON.stringify({ pools: [{ name: 'a', selector: `${text}!` }] }))).toMatch(
      /pools\[0\]\.selector: Found "[^"]{50,60}…\. "/,
    );
  });
});

/** What is said of these variables, with the right ones in place of the others. */
function complaint(env: Readonly<Record<string, string>>): readonly string[] {
  const right = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_CHANNEL: 'C0123ABCD' };
  const readFile = (): string => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  };
  try {
    loadConfig({ env: { ...right, ...env }, readFile });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

const hostile = `\u001b[2J\u202e ${secret} ${'a'.repeat(huge)}`;

describe('a huge and hostile value', () => {
  it.each(['LOG_LEVEL', 'SLACK_CHANNEL', 'SLACK_API_URL', 'TUGBOOT_REPLICAS', 'HEALTH_PORT', 'KUBECONFIG'])(
    'of %s is told in one short line, with what would be right',
    (name) => {
      const [head, line = '', ...more] = complaint({ [name]: hostile });
      expect(head).toBe('1 problem in the environment');
      expect(more).toEqual([]);
      expect(line).toMatch(
        new RegExp(`^ {2}${name}: Found "\\\\u001b\\[2J\\\\u202e \\[secret\\] a+…\\. [A-Z].*\\.$`),
      );
    },
  );

  it.each(['SLACK_BOT_TOKEN_FILE', 'TUGBOOT_CONFIG'])(
    'of %s, a path, is cut where it is named as well, and the reason is not',
    (name) => {
      const env = name === 'TUGBOOT_CONFIG' ? {} : { SLACK_BOT_TOKEN: '' };
      const said = complaint({ ...env, [name]: hostile }).join('\n');
      expect(said).toMatch(/cannot be read \(ENOENT\)\./);
      expect(said.length).toBeLessThan(600);
      expect(said).not.toMatch(/hunter2|[^\P{C}\n]/u);
    },
  );

  it('of a duration is told with what the default is', () => {
    const file = configSchema.parse({ pools: [{ name: 'a', drain: { timeout: '0s'.repeat(huge) } }] });
    expect(zeroDurations(file)).toEqual([
      {
        path: 'pools[0].drain.timeout',
        message: `Found "${'0s'.repeat(29)}…. No time at all is hardly meant; the default is 15m.`,
      },
    ]);
  });
});
