import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { answered, why } from './commands.ts';
import {
  budget,
  heldDrain,
  nodeOf,
  ordersGiven,
  type Story,
  type StoryHouse,
  workers,
} from './story-house.ts';

const reboots = '/apis/tugboot.dev/v1alpha1/reboots';

async function rebootOf(house: StoryHouse, node: string): Promise<string> {
  const all = listAt(await house.kube('GET', reboots), 'items');
  const found = all.find((reboot) => textAt(reboot, 'spec', 'node') === node);
  return textAt(found, 'metadata', 'name') ?? '';
}

/** The namespace of this environment's ledger. */
async function namespaceOf(house: StoryHouse): Promise<string> {
  const all = listAt(await house.kube('GET', '/api/v1/configmaps'), 'items');
  const ledger = all.find((each) => textAt(each, 'metadata', 'name') === 'tugboot-turns');
  return textAt(ledger, 'metadata', 'namespace') ?? '';
}

const takeMarkOff = (house: StoryHouse, node: string): Promise<unknown> =>
  house.kube('PATCH', `/api/v1/nodes/${node}`, {
    metadata: { annotations: { 'tugboot.dev/cordoned-by': null } },
  });

const cordon = (house: StoryHouse, node: string, unschedulable: boolean): Promise<unknown> =>
  house.kube('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable } });

/** Changes by people with kubectl while a reboot is under way. */
export function handStories(story: Story): void {
  describe('hands in the cluster', () => {
    it(
      'our mark taken off the cordon in mid-drain: the node reboots, stays cordoned, and everybody is told',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        await takeMarkOff(house, node);
        await budget(house, 1);
        await house.card(node, /‖ \S+ rebooted in .* and stays cordoned.*kubectl uncordon/s);
        await house.reply(card, /stays cordoned: somebody else cordoned it/);
        expect(house.node(node).cordoned).toBe(true);
        await house.eventually('an Event says so', async () => {
          const { items } = await house.kube('GET', '/api/v1/namespaces/default/events');
          return (items as { reason?: string }[]).some(({ reason }) => reason === 'RebootStaysCordoned');
        });
        await cordon(house, node, false);
      }),
    );

    it(
      'a node uncordoned and cordoned again by hand while it settles: it stays cordoned, and that is said',
      story({ pools: [{ ...workers, settleTime: '20s' }] }, async (house) => {
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /is back and settling/);
        await cordon(house, 'worker-1', false);
        await house.eventually('our mark goes with our cordon', async () => {
          const { metadata } = await house.kube('GET', '/api/v1/nodes/worker-1');
          const { annotations } = metadata as { annotations?: Record<string, string> };
          return annotations?.['tugboot.dev/cordoned-by'] === undefined;
        });
        await cordon(house, 'worker-1', true);
        await house.card('worker-1', /stays cordoned/);
        expect(house.node('worker-1').cordoned).toBe(true);
        await cordon(house, 'worker-1', false);
      }),
    );

    it(
      'a Reboot deleted in mid-drain: nothing more is evicted, the node is put back, the card says so, and no rule goes on with it',
      story({ pools: [{ ...workers, approval: 'auto' }] }, async (house) => {
        await budget(house, 3);
        const node = nodeOf(house, 'db/pg-0');
        const card = await house.upgrade(node);
        await house.reply(card, /db\/pg/);
        await house.kube('DELETE', `${reboots}/${await rebootOf(house, node)}`);
        const evicted = house.evictions().length;
        await house.isFree(node);
        await house.card(
          node,
          /Cancelled by somebody who deleted its Reboot.*no rule approves it by itself/s,
        );
        await budget(house, 1);
        await house.reply(card, /Its Reboot was deleted/);
        expect(house.evictions()).toHaveLength(evicted);
        expect(await ordersGiven(house, node)).toBe(0);
        expect(house.node(node).cordoned).toBe(false);
        await house.press('mia', await house.card(node, /tugboot.ask-again/), 'Ask again');
        await house.card(node, /✓/);
      }),
    );

    it(
      'all Reboots deleted at once: the one that has obeyed is proven, the one that drains is put back',
      story(
        {
          nodes: ['worker-1', 'worker-2', 'worker-3', 'worker-4'].map((name) => ({
            name,
            controlPlane: false,
          })),
          config: { concurrency: 2 },
          pools: [{ ...workers, concurrency: 2, maxUnavailable: 3, rebootTimeout: '100s' }],
        },
        async (house) => {
          const { node, card } = await heldDrain(house);
          const database = new Set([0, 1, 2].map((nth) => nodeOf(house, `db/pg-${nth}`)));
          const other = [...house.kubelets.keys()].find((name) => !database.has(name)) ?? '';
          house.kubelets.get(other)?.failNextBoot('never-back');
          await house.press('lee', await house.upgrade(other), 'Approve now');
          await house.until('it goes down', () => !house.node(other).ready);
          await house.kube('DELETE', reboots);
          await house.isFree(node);
          await house.card(node, /deleted its Reboot/);
          await house.card(other, /when the node had obeyed its order already/);
          await house.powerOn(other);
          await house.card(other, /✓/);
          await house.isFree(other);
          await budget(house, 1);
          expect(card.ts).toBeDefined();
        },
      ),
    );

    it(
      'a ledger that is garbage: a decision is kept, everybody reads what to mend, and it goes on when that is done',
      story({}, async (house) => {
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /✓/);
        const path = `/api/v1/namespaces/${await namespaceOf(house)}/configmaps/tugboot-turns`;
        await house.kube('PATCH', path, { data: { 'turns.json': 'garbage' } });
        await house.press('lee', await house.upgrade('worker-2'), 'Approve now');
        const words = /ledger of turns cannot be read: ConfigMap \S+tugboot-turns, key turns\.json/;
        await house.card('worker-2', words);
        await why(house, 'worker-2', words);
        await answered(house, 'status', words);
        expect(house.node('worker-2').cordoned).toBe(false);
        await house.kube('DELETE', path);
        await house.card('worker-2', /✓/);
      }),
    );
  });
}

/**
 * Not run on a real control plane: there the chart's admission policy lets only the bot write a status, so
 * that only a newer version could write such a record.
 */
export function unreadableStory(story: Story): void {
  describe('a record', () => {
    it(
      'a Reboot that cannot be read: told once, its node left alone, and what is mended goes on',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        const name = await rebootOf(house, node);
        const stored = await house.kube('GET', `${reboots}/${name}`);
        const { decision } = stored['status'] as { decision: unknown };
        await house.kube('PATCH', `${reboots}/${name}/status`, { status: { decision: null } });
        const told = (): readonly unknown[] =>
          house.slack.messages().filter(({ text }) => /cannot be read/.test(text));
        await house.eventually('the channel is told', () => told().length > 0);
        await answered(house, 'status', /cannot be read: status\.decision/);
        await budget(house, 1);
        expect(house.node(node).cordoned).toBe(true);
        await house.kube('PATCH', `${reboots}/${name}/status`, { status: { decision } });
        await house.eventually('it is rebooted', () =>
          house.slack.messages().some(({ ts, text }) => ts === card.ts && text.startsWith('✓')),
        );
        expect(told()).toHaveLength(1);
      }),
    );
  });
}
