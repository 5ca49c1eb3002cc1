import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/config-file.ts';
import { ConfigError, type Problem } from '../../src/config/problems.ts';

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
