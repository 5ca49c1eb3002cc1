import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { answered, why } from './commands.ts';
import {
  budget,
  heldDrain,
  nodeOf,
  ordersGiven,
  type Story,
  type StoryEnvironment,
  workers,
} from './story-environment.ts';

const reboots = '/apis/tugboot.dev/v1alpha1/reboots';

async function rebootOf(environment: StoryEnvironment, node: string): Promise<string> {
  const all = listAt(await environment.kube('GET', reboots), 'items');
  const found = all.find((reboot) => textAt(reboot, 'spec', 'node') === node);
  return textAt(found, 'metadata', 'name') ?? '';
}

/** The namespace of this environment's ledger. */
async function namespaceOf(environment: StoryEnvironment): Promise<string> {
  const all = listAt(await environment.kube('GET', '/api/v1/configmaps'), 'items');
  const ledger = all.find((each) => textAt(each, 'metadata', 'name') === 'tugboot-turns');
  return textAt(ledger, 'metadata', 'namespace') ?? '';
}

const takeMarkOff = (environment: StoryEnvironment, node: string): Promise<unknown> =>
  environment.kube('PATCH', `/api/v1/nodes/${node}`, {
    metadata: { annotations: { 'tugboot.dev/cordoned-by': null } },
  });

const cordon = (environment: StoryEnvironment, node: string, unschedulable: boolean): Promise<unknown> =>
  environment.kube('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable } });

/** Changes by people with kubectl while a reboot is under way. */
export function handStories(story: Story): void {
  describe('hands in the cluster', () => {
    it(
      'our mark taken off the cordon in mid-drain: the node reboots, stays cordoned, and everybody is told',
      story({}, async (environment) => {
        const { node, card } = await heldDrain(environment);
        await takeMarkOff(environment, node);
        await budget(environment, 1);
        await environment.card(node, /‖ \S+ rebooted in .* and stays cordoned.*kubectl uncordon/s);
        await environment.reply(card, /stays cordoned: somebody else cordoned it/);
        expect(environment.node(node).cordoned).toBe(true);
        await environment.eventually('an Event says so', async () => {
          const { items } = await environment.kube('GET', '/api/v1/namespaces/default/events');
          return (items as { reason?: string }[]).some(({ reason }) => reason === 'RebootStaysCordoned');
        });
        await cordon(environment, node, false);
      }),
    );

    it(
      'a node uncordoned and cordoned again by hand while it settles: it stays cordoned, and that is said',
      story({ pools: [{ ...workers, settleTime: '20s' }] }, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /is back and settling/);
        await cordon(environment, 'worker-1', false);
        await environment.eventually('our mark goes with our cordon', async () => {
          const { metadata } = await environment.kube('GET', '/api/v1/nodes/worker-1');
          const { annotations } = metadata as { annotations?: Record<string, string> };
          return annotations?.['tugboot.dev/cordoned-by'] === undefined;
        });
        await cordon(environment, 'worker-1', true);
        await environment.card('worker-1', /stays cordoned/);
        expect(environment.node('worker-1').cordoned).toBe(true);
        await cordon(environment, 'worker-1', false);
      }),
    );

    it(
      'a Reboot deleted in mid-drain: nothing more is evicted, the node is put back, the card says so, and no rule goes on with it',
      story({ pools: [{ ...workers, approval: 'auto' }] }, async (environment) => {
        await budget(environment, 3);
        const node = nodeOf(environment, 'db/pg-0');
        const card = await environment.upgrade(node);
        await environment.reply(card, /db\/pg/);
        await environment.kube('DELETE', `${reboots}/${await rebootOf(environment, node)}`);
        const evicted = environment.evictions().length;
        await environment.isFree(node);
        await environment.card(
          node,
          /Cancelled by somebody who deleted its Reboot.*no rule approves it by itself/s,
        );
        await budget(environment, 1);
        await environment.reply(card, /Its Reboot was deleted/);
        expect(environment.evictions()).toHaveLength(evicted);
        expect(await ordersGiven(environment, node)).toBe(0);
        expect(environment.node(node).cordoned).toBe(false);
        await environment.press('mia', await environment.card(node, /tugboot.ask-again/), 'Ask again');
        await environment.card(node, /✓/);
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
        async (environment) => {
          const { node, card } = await heldDrain(environment);
          const database = new Set([0, 1, 2].map((nth) => nodeOf(environment, `db/pg-${nth}`)));
          const other = [...environment.kubelets.keys()].find((name) => !database.has(name)) ?? '';
          environment.kubelets.get(other)?.failNextBoot('never-back');
          await environment.press('lee', await environment.upgrade(other), 'Approve now');
          await environment.until('it goes down', () => !environment.node(other).ready);
          await environment.kube('DELETE', reboots);
          await environment.isFree(node);
          await environment.card(node, /deleted its Reboot/);
          await environment.card(other, /when the node had obeyed its order already/);
          await environment.powerOn(other);
          await environment.card(other, /✓/);
          await environment.isFree(other);
          await budget(environment, 1);
          expect(card.ts).toBeDefined();
        },
      ),
    );

    it(
      'a ledger that is garbage: a decision is kept, everybody reads what to mend, and it goes on when that is done',
      story({}, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /✓/);
        const path = `/api/v1/namespaces/${await namespaceOf(environment)}/configmaps/tugboot-turns`;
        await environment.kube('PATCH', path, { data: { 'turns.json': 'garbage' } });
        await environment.press('lee', await environment.upgrade('worker-2'), 'Approve now');
        const words = /ledger of turns cannot be read: ConfigMap \S+tugboot-turns, key turns\.json/;
        await environment.card('worker-2', words);
        await why(environment, 'worker-2', words);
        await answered(environment, 'status', words);
        expect(environment.node('worker-2').cordoned).toBe(false);
        await environment.kube('DELETE', path);
        await environment.card('worker-2', /✓/);
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
      story({}, async (environment) => {
        const { node, card } = await heldDrain(environment);
        const name = await rebootOf(environment, node);
        const stored = await environment.kube('GET', `${reboots}/${name}`);
        const { decision } = stored['status'] as { decision: unknown };
        await environment.kube('PATCH', `${reboots}/${name}/status`, { status: { decision: null } });
        const told = (): readonly unknown[] =>
          environment.slack.messages().filter(({ text }) => /cannot be read/.test(text));
        await environment.eventually('the channel is told', () => told().length > 0);
        await answered(environment, 'status', /cannot be read: status\.decision/);
        await budget(environment, 1);
        expect(environment.node(node).cordoned).toBe(true);
        await environment.kube('PATCH', `${reboots}/${name}/status`, { status: { decision } });
        await environment.eventually('it is rebooted', () =>
          environment.slack.messages().some(({ ts, text }) => ts === card.ts && text.startsWith('✓')),
        );
        expect(told()).toHaveLength(1);
      }),
    );
  });
}
