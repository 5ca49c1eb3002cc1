import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BareMachine, openBareMachine } from './bare-machine.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const tryIt = readme.split(/^## /mu).find((section) => section.startsWith('Try it')) ?? '';
const commands = Array.from(tryIt.matchAll(/```sh\n(.*?)\n```/gsu), ([, command = '']) => command);

/**
 * Only the tests that see what the machine lacks: those that look for a program, and those in which the
 * queues matter, which are on the embedded PostgreSQL here. `npm run check` runs all of them in its own
 * clone.
 */
const related = [
  'test/needs/describe-with.ts',
  'test/needs/programs.ts',
  'test/demo/demo-command.test.ts',
  'test/demo/environment/queue-server.test.ts',
  'test/stories/killed-stories.ts',
];

describe('on a machine with Linux, Node and npm', () => {
  let machine: BareMachine;
  beforeAll(() => {
    machine = openBareMachine();
  });
  afterAll(() => machine.close());

  it('are the commands that README names', () => {
    expect(commands).toEqual(['npm ci && npm run demo', 'npm test']);
  });

  it('a fresh clone tells its demo, with no Redis', async () => {
    // Without a browser it ends by itself.
    const { code, said } = await machine.run(`${commands[0]} -- --script`);
    expect(said).toMatch(/rebooted in/u);
    expect(code).toBe(0);
  });

  it('its tests pass, and those that need more say so in one line each', async () => {
    const { code, said } = await machine.run(`npm run test:related -- ${related.join(' ')}`);
    const lines = stripVTControlCharacters(said).split('\n');
    expect(lines.findLast((line) => /^\s*Tests\s/u.test(line))).not.toContain('failed');
    expect(code).toBe(0);
    const skipped = lines.filter((line) => line.startsWith('skipped:'));
    for (const program of ['redis-server', 'chromium', 'prometheus'])
      expect(skipped.filter((line) => line.includes(program))).not.toEqual([]);
    expect(new Set(skipped).size).toBe(skipped.length);
  });
});
