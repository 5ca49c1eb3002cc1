import { describe, expect, it } from 'vitest';
import { subcommands, type SubcommandName } from '../../src/bot/command/subcommands.ts';
import type { Policy } from '../../src/reboot/policy/policy.ts';
import { aNode, aPolicy, aPool } from '../fakes/builders.ts';
import { openDesk } from './desk.ts';

const names = Object.keys(subcommands) as SubcommandName[];
const words = names.flatMap((name) => [name, ...subcommands[name].aliases]);

/** The arguments of a call that would be answered, by a person who may. */
const calls: Readonly<Record<SubcommandName, string>> = {
  status: 'w1',
  why: 'w1',
  plan: 'w1',
  windows: 'workers',
  approve: 'w1',
  snooze: 'w1 4h',
  deny: 'w1 release day',
  now: 'w2 new firmware',
  pause: 'workers',
  resume: 'workers',
  help: '',
};

/** In which @lee may approve, and @mia may not. */
const policy = (): Policy =>
  aPolicy({
    pools: [aPool({ name: 'workers', approvers: { kind: 'named', users: ['U0LEE'], groups: [] } })],
  });

/** All who type have the same world: one node that asks for a reboot, one that does not. */
async function type(text: string, id: string): Promise<string> {
  const desk = openDesk(policy());
  await desk.house.sentinel({ name: 'w1' });
  desk.house.cluster.addNode(aNode({ name: 'w2', uid: 'uid-w2' }), {});
  const card = [...desk.house.chat.shown.values()][0];
  return desk.type(text, { id, name: id.slice(2).toLowerCase() }, card?.channel);
}

const refused = /cannot|not for you|may not/i;

describe('the table of subcommands', () => {
  it('has no word twice', () => {
    expect(new Set(words).size).toBe(words.length);
  });

  it('has words that can be typed: no capitals, no spaces', () => {
    expect(words.filter((word) => !/^[a-z]+$/.test(word))).toEqual([]);
  });

  it.each(names)('%s is for those that it says', async (name) => {
    const answer = await type(`${name} ${calls[name]}`, 'U0MIA');
    if (subcommands[name].permission === 'everybody') expect(answer).not.toMatch(refused);
    else expect(answer).toMatch(refused);
    expect(await type(`${name} ${calls[name]}`, 'U0LEE')).not.toMatch(refused);
  });

  it.each(names.flatMap((name) => subcommands[name].aliases.map((alias) => ({ name, alias }))))(
    '$alias is answered as $name is',
    async ({ name, alias }) => {
      expect(await type(`${alias} ${calls[name]}`, 'U0LEE')).toBe(
        await type(`${name} ${calls[name]}`, 'U0LEE'),
      );
    },
  );

  it.each(names.filter((name) => /^[A-Z]/.test(subcommands[name].usage)))(
    '%s without its argument is answered with the help',
    async (name) => {
      expect(await type(name, 'U0LEE')).toContain('What you can type');
    },
  );

  it('guesses aliases, too', async () => {
    expect(await type('previw w1', 'U0MIA')).toContain('Did you mean `/reboot preview`?');
  });
});
