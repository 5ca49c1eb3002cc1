import { describe, expect, it } from 'vitest';
import { subcommands, type SubcommandName } from '../../../src/bot/command/subcommands.ts';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import { aNode, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { openCommandHarness } from './command-harness.ts';

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
  wake: 'w1',
  cancel: 'w1',
  retry: 'w1',
  skip: 'w1',
  force: 'w1 nobody needs it',
  now: 'w2 new firmware',
  pause: 'workers',
  resume: 'workers',
  doctor: '',
  help: '',
};

/** In which @lee may approve, and @mia may not. */
const policy = (): Policy =>
  aPolicy({
    pools: [aPool({ name: 'workers', approvers: { kind: 'named', users: ['U0LEE'], groups: [] } })],
  });

/** All who type have the same world: one node that asks for a reboot, one that does not. */
async function type(text: string, id: string): Promise<string> {
  const commands = openCommandHarness(policy());
  await commands.harness.sentinel({ name: 'w1' });
  commands.harness.cluster.addNode(aNode({ name: 'w2', uid: 'uid-w2' }), {});
  const card = [...commands.harness.chat.cards.values()][0];
  return commands.type(text, { id, name: id.slice(2).toLowerCase() }, card?.channel);
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

describe('names', () => {
  it.each([
    ['status worker-0', 'worker-03'],
    ['why worker-0', 'worker-03'],
    ['plan worker-0', 'worker-03'],
    ['windows work', 'workers'],
    ['pause worker-0', 'worker-03 is paused'],
    ['now worker-1', 'reboot of worker-14'],
    ['approve worker-0', 'You approved worker-03'],
    ['snooze worker-0', 'worker-03 asks again'],
    ['deny worker-0 release day', 'the reboot of worker-03'],
  ])('are completed: %s', async (text, answer) => {
    const commands = openCommandHarness(policy());
    await commands.harness.sentinel({ name: 'worker-03' });
    commands.harness.cluster.addNode(aNode({ name: 'worker-14', uid: 'uid-worker-14' }), {
      report: aReport(),
    });
    const card = [...commands.harness.chat.cards.values()][0];
    expect(await commands.type(text, { id: 'U0LEE', name: 'lee' }, card?.channel)).toContain(answer);
  });

  it('that several nodes begin with are not guessed', async () => {
    const commands = openCommandHarness(policy());
    await commands.harness.sentinel({ name: 'worker-03' });
    await commands.harness.sentinel({ name: 'worker-04', uid: 'uid-worker-04' });
    const [first] = commands.harness.chat.cards.values();
    const answer = await commands.type('approve worker-0', { id: 'U0LEE', name: 'lee' }, first?.channel);
    expect(answer).toContain('More than one node or pool begins with');
    expect(commands.harness.store.all().map(({ state }) => state.phase)).toEqual(['Pending', 'Pending']);
  });

  it('of the whole cluster are typed in full', async () => {
    const commands = openCommandHarness(policy());
    expect(await commands.type('pause clus', { id: 'U0LEE', name: 'lee' })).toContain(
      'I do not know a pool or node',
    );
  });
});

it('a page of the status is the last word', async () => {
  expect(await type('status workers 2', 'U0MIA')).toContain('There is no page 2: the last one is 1');
  expect(await type('status 2', 'U0MIA')).toContain('There is no page 2');
});
