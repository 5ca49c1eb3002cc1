/** What people type to hold reboots back and to ask about them, with the core behind it. */
import { expect, it, describe } from 'vitest';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import type { Person } from '../../../src/reboot/approval/person.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, at, aWindow } from '../../fakes/builders.ts';
import { type CommandHarness, openCommandHarness } from './command-harness.ts';

const twoPools = (): Policy =>
  aPolicy({
    concurrency: 2,
    pools: [
      aPool({ name: 'db', selector: 'role=db', approvers: { kind: 'named', users: ['U0LEE'], groups: [] } }),
      aPool({ name: 'workers' }),
    ],
  });

async function approveNow({ harness }: CommandHarness, node: string): Promise<void> {
  const found = harness.store.all().find((each) => each.node.name === node);
  if (!found) throw new Error(`no reboot of ${node}`);
  const request = { kind: 'approve', mode: 'now', digest: found.need.digest } as const;
  const result = await harness.service.decide(found.name, request, aPerson());
  expect(result.ok).toBe(true);
  await harness.settle();
}

describe('/reboot pause', () => {
  it('keeps what is approved from starting, says so on the card, and lets it start at once when it is lifted', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    const { name } = await harness.sentinel({ name: 'w1' });
    expect(await commands.type('pause workers storage migration')).toContain('Pool workers is paused');
    await approveNow(commands, 'w1');
    expect(harness.reboot(name).state.phase).toBe('Approved');
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([
      { code: 'paused', sentence: 'Pool workers is paused by @mia: storage migration.' },
    ]);
    expect(await commands.type('why w1')).toContain('Pool workers is paused by @mia: storage migration.');
    expect(await commands.type('resume workers')).toContain('Pool workers goes on.');
    await harness.service.planChanged();
    await harness.settle();
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });

  it('ends by itself when a duration was given, without anybody looking', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    const { name } = await harness.sentinel({ name: 'w1' });
    await commands.type('pause 2h');
    await approveNow(commands, 'w1');
    await harness.pass(2 * hour - minute);
    expect(harness.reboot(name).state.phase).toBe('Approved');
    await harness.pass(minute);
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });

  it.each(['1h30m', '90s', '2d'])(
    'takes the duration %s, and repeats the reason that people will read',
    async (duration) => {
      const commands = openCommandHarness(twoPools());
      await commands.harness.sentinel({ name: 'w1' });
      const answer = await commands.type(`pause workers ${duration} storage migration`);
      expect(answer).toMatch(/Pool workers is paused until (?!somebody)/);
      expect(answer).toContain('The reason that people read: storage migration');
    },
  );

  it.each(['1h30', '10min', '2hours', '1w', '0m', '1.5h'])(
    'refuses %s, which is no duration, before it becomes the reason of a pause without end',
    async (duration) => {
      const commands = openCommandHarness(twoPools());
      const { harness } = commands;
      await harness.sentinel({ name: 'w1' });
      expect(await commands.type(`pause workers ${duration} storage migration`)).toContain(
        `${duration}\\" is no duration, and nothing was paused.`,
      );
      expect(await commands.type(`pause ${duration}`)).toContain('nothing was paused');
      expect(await harness.pauses.read()).toEqual([]);
    },
  );

  it('is lifted by its name when the pool that it names is gone', async () => {
    const commands = openCommandHarness(twoPools());
    await commands.harness.pauses.put({ scope: { kind: 'pool', pool: 'wrokers' } });
    expect(await commands.type('resume wrokers')).toContain('Pool wrokers goes on.');
    expect(await commands.harness.pauses.read()).toEqual([]);
  });

  it('of a node holds that node alone', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    const held = await harness.sentinel({ name: 'w1' });
    harness.cluster.addNode(aNode({ name: 'w2' }));
    expect(await commands.type('pause w1 1d disk swap')).toMatch(/w1 is paused until/);
    await approveNow(commands, 'w1');
    expect(harness.reboot(held.name).state.phase).toBe('Approved');
    expect(await commands.type('why w2')).not.toContain('paused');
  });

  it('by annotation holds as well, and is named', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    const { name } = await harness.sentinel({ name: 'w1', paused: 'burn-in test' });
    await approveNow(commands, 'w1');
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([
      { sentence: 'w1 is paused: burn-in test.', clears: expect.stringContaining('tugboot.dev/paused') },
    ]);
  });

  it('finishes what is under way, and says which nodes that are', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    await harness.sentinel({ name: 'w1' });
    await approveNow(commands, 'w1');
    expect(await commands.type('pause')).toContain('Under way, and finished: w1');
  });

  it('tells a person who resumes a pool that the cluster is still paused', async () => {
    const commands = openCommandHarness(twoPools());
    await commands.type('pause cluster freeze');
    await commands.type('pause workers');
    expect(await commands.type('resume workers')).toContain(
      'But: The whole cluster is paused by @mia: freeze.',
    );
    expect(await commands.type('resume workers')).toContain('held by a wider pause');
    expect(await commands.type('resume')).toContain('The whole cluster goes on.');
    expect(await commands.type('resume')).toContain('The cluster is not paused.');
  });

  it.each<[string, string, Partial<Person>, string, string]>([
    [
      'somebody who may not approve there',
      'pause db',
      {},
      'C0OPS',
      'You cannot pause or resume reboots of pool db',
    ],
    ['a guest', 'pause workers', { guest: true }, 'C0OPS', 'Guests cannot pause'],
    ['an app', 'resume', { bot: true }, 'C0OPS', 'Apps cannot pause'],
    ['another workspace', 'pause', { foreign: true }, 'C0OPS', 'another workspace'],
    ['another channel', 'pause workers', {}, 'C0ELSE', 'in the channel that has the cards'],
    ['a name that is none', 'pause wrokers', {}, 'C0OPS', 'Did you mean workers?'],
  ])('is refused to %s, with the reason', async (_, text, who, channel, reason) => {
    const commands = openCommandHarness(twoPools());
    expect(await commands.type(text, who, channel)).toContain(reason);
    expect(await commands.harness.pauses.read()).toEqual([]);
  });

  it('is open to those whom the pool names', async () => {
    const commands = openCommandHarness(twoPools());
    expect(await commands.type('pause db', { id: 'U0LEE', name: 'lee' }, 'C0ELSE')).toContain(
      'Pool db is paused',
    );
  });
});

describe('/reboot now', () => {
  async function quiet(commands: CommandHarness, name: string): Promise<void> {
    const bootId = 'boot-1';
    commands.harness.cluster.addNode(aNode({ name, bootId }), {
      report: aReport({ required: 'no', packages: [], bootId }),
    });
    await commands.harness.queue.reconcileNode(name);
    await commands.harness.settle();
  }
  const rebootOf = (commands: CommandHarness, name: string): Reboot | undefined =>
    commands.harness.store.all().find(({ node }) => node.name === name);

  it('puts a node on the table that asks for nothing, and says who asks and why', async () => {
    const commands = openCommandHarness(twoPools());
    await quiet(commands, 'w1');
    expect(rebootOf(commands, 'w1')).toBeUndefined();
    expect(await commands.type('now w1 new firmware')).toContain('You asked for a reboot of w1.');
    await commands.harness.settle();
    expect(rebootOf(commands, 'w1')).toMatchObject({
      state: { phase: 'Pending' },
      need: { askedBy: [{ name: '@mia', reason: 'new firmware' }] },
    });
  });

  it('stays, whatever the signals say, and is carried out to its proof', async () => {
    const commands = openCommandHarness(twoPools());
    await quiet(commands, 'w1');
    await commands.type('now w1');
    await commands.harness.settle();
    await commands.harness.pass(hour);
    await approveNow(commands, 'w1');
    expect(rebootOf(commands, 'w1')?.state.phase).toBe('Rebooting');
    await commands.harness.boots('w1');
    await commands.harness.pass(5 * minute);
    expect(rebootOf(commands, 'w1')?.state.phase).toBe('Succeeded');
  });

  it('puts a question again that had been answered with no', async () => {
    const commands = openCommandHarness(twoPools());
    const { name } = await commands.harness.sentinel({ name: 'w1' });
    await commands.harness.service.decide(name, { kind: 'deny', reason: 'not today' }, aPerson());
    await commands.type('now w1 after all');
    expect(commands.harness.reboot(name)).toMatchObject({
      state: { phase: 'Pending' },
      need: { person: { reason: 'after all' } },
    });
    expect(await commands.type('now w1')).toContain('w1 waits for a decision: see its card.');
  });

  it('is refused to a person who may not approve there, and where no agent could carry it out', async () => {
    const commands = openCommandHarness(twoPools());
    await quiet(commands, 'w1');
    expect(await commands.type('now w1', { guest: true })).toContain('Guests cannot ask for reboots');
    expect(await commands.type('now w1', {}, 'C0ELSE')).toContain('in the channel that has the cards');
    expect(await commands.type('now w9')).toContain('I do not know a node');
    commands.harness.cluster.addNode(aNode({ name: 'w2' }));
    expect(await commands.type('now w2')).toContain('has said nothing since it booted');
    expect(commands.harness.store.all()).toEqual([]);
  });
});

describe('/reboot why', () => {
  it('says of a card that waits what is missing, and what would hold it back once it is approved', async () => {
    const commands = openCommandHarness(twoPools());
    await commands.harness.sentinel({ name: 'w1' });
    await commands.harness.sentinel({ name: 'w2', ready: false });
    const said = await commands.type('why w1');
    expect(said).toContain(
      'It needs 1 approval: 0 of 1 so far. May approve: everybody in the channel of its card. Approve it on its card.',
    );
    expect(said).toContain('w2 is not Ready');
  });

  it('names who may approve, by mention', async () => {
    const approvers = { kind: 'named', users: ['U0LEE'], groups: ['S0LEADS'] } as const;
    const commands = openCommandHarness(aPolicy({ pools: [aPool({ approvers, approvalsNeeded: 2 })] }));
    await commands.harness.sentinel({ name: 'w1' });
    expect(await commands.type('why w1')).toContain(
      'It needs 2 approvals: 0 of 2 so far. May approve: <!subteam^S0LEADS> and <@U0LEE>. Approve it on its card.',
    );
  });

  it.each(['Pending', 'Approved'] as const)(
    'asks the gates as well, before the window opens: %s',
    async (phase) => {
      const commands = openCommandHarness(aPolicy({ pools: [aPool({ windows: [aWindow()] })] }));
      const { harness } = commands;
      const { name, need } = await harness.sentinel({ name: 'w1' });
      if (phase === 'Approved') {
        const request = { kind: 'approve', mode: 'window', digest: need.digest } as const;
        await harness.service.decide(name, request, aPerson());
        await harness.settle();
      }
      const alert = {
        code: 'alerts-firing',
        sentence: 'Alert KubeAPIDown fires.',
        clears: 'It clears.',
      } as const;
      harness.preview.blocks.set('w1', [alert]);
      expect(harness.reboot(name).state.phase).toBe(phase);
      const said = await commands.type('why w1');
      expect(said).toMatch(/As of now, and asked again just before the start:.*Alert KubeAPIDown fires\./);
      expect(said).toContain(phase === 'Approved' ? 'Its window opens' : 'It needs 1 approval');
      expect(harness.preview.questions[0]?.reboot.state.phase).toBe('Approved');
      expect(harness.gatekeeper.asked).toEqual([]);
    },
  );

  it('tells once of what held the node back when it was asked last, and does still', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    const blocks = (since: string) =>
      [{ code: 'alerts-firing', sentence: `KubeAPIDown fires for ${since}.`, clears: 'It clears.' }] as const;
    harness.gatekeeper.blocks.set('w1', blocks('1 min'));
    harness.preview.blocks.set('w1', blocks('2 min'));
    await harness.sentinel({ name: 'w1' });
    await approveNow(commands, 'w1');
    const said = await commands.type('why w1');
    expect(said).toContain('KubeAPIDown fires for 2 min.');
    expect(said).not.toContain('KubeAPIDown fires for 1 min.');
  });

  it('asks no gate about a node that nobody means to start', async () => {
    const commands = openCommandHarness(twoPools());
    const { name } = await commands.harness.sentinel({ name: 'w1' });
    await commands.harness.service.decide(name, { kind: 'deny', reason: 'not today' }, aPerson());
    expect(await commands.type('why w1')).toContain('denied it: not today');
    expect(commands.harness.preview.asked).toEqual([]);
  });

  it.each<[string, (harness: CommandHarness['harness']) => Promise<void>, RegExp]>([
    ['settles', () => Promise.resolve(), /\*w1\* is back and being watched/],
    [
      'settles and lacks something',
      async ({ cluster, queue, settle, store }) => {
        cluster.node('w1').ready = false;
        await queue.reconcile(store.all()[0]?.name ?? '');
        await settle();
      },
      /The node is not Ready\./,
    ],
    [
      'failed in the boot that it was given',
      async ({ cluster, pass }) => {
        cluster.node('w1').ready = false;
        await pass(hour);
      },
      /The node is not Ready\..*Retry or skip it on its card/s,
    ],
  ])('tells of a node that has booted and %s', async (_, then, told) => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    await harness.sentinel({ name: 'w1' });
    await approveNow(commands, 'w1');
    await harness.boots('w1');
    await then(harness);
    const said = await commands.type('why w1');
    expect(said).toMatch(told);
    expect(said).not.toContain('No reboot of');
  });

  it('says why an order is not obeyed', async () => {
    const commands = openCommandHarness(twoPools());
    const { harness } = commands;
    const { name } = await harness.sentinel({ name: 'w1' });
    await approveNow(commands, 'w1');
    const order = { endBoot: 'boot-1', state: 'refused', at: at(0), message: 'dnf holds a lock' } as const;
    harness.cluster.agentOf('w1').report = aReport({ order });
    await harness.queue.reconcile(name);
    await harness.settle();
    expect(await commands.type('why w1')).toContain('The agent refused the order: dnf holds a lock');
  });

  it.each([
    ['Tugboot', { cordonedBy: 'w1-4f1c9a' }],
    ['somebody else', {}],
  ])('says of a cordoned node by whom: %s', async (who, mark) => {
    const commands = openCommandHarness(twoPools());
    commands.harness.cluster.addNode(aNode({ name: 'w1', unschedulable: true, ...mark }));
    expect(await commands.type('why w1')).toContain(` cordoned by ${who} `);
  });

  it('says of a quiet node that nothing is asked, and of an unknown one which was meant', async () => {
    const commands = openCommandHarness(twoPools());
    commands.harness.cluster.addNode(aNode({ name: 'worker-7' }));
    expect(await commands.type('why worker-7')).toContain('No reboot of *worker-7* is open.');
    expect(await commands.type('why worker-8')).toContain('Did you mean worker-7?');
    expect(await commands.type('why')).toContain('What you can type');
  });
});

describe('/reboot plan', () => {
  it('shows what the reboot would disturb, and changes nothing', async () => {
    const commands = openCommandHarness(twoPools());
    const before = await commands.harness.sentinel({ name: 'w1' });
    expect(await commands.type('plan w1')).toContain('Nothing was changed.');
    expect(commands.harness.reboot(before.name).state.phase).toBe('Pending');
  });
});

describe('/reboot windows', () => {
  it('lists for each pool when it may start next, and what is paused', async () => {
    const commands = openCommandHarness(
      aPolicy({ pools: [aPool({ approval: 'window', windows: [aWindow()] })] }),
    );
    await commands.type('pause workers 3h audit');
    const said = await commands.type('windows');
    expect(said).toContain('Tue 02:00–05:00');
    expect(said).toContain('unless somebody objects');
    expect(said).toContain('Pool workers is paused by @mia: audit.');
    expect(await commands.type('windows workres')).toContain('Did you mean workers?');
  });
});
