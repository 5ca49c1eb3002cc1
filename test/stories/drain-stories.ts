import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { budget, heldDrain, ordersGiven, type Story, type StoryHouse, workers } from './story-house.ts';

interface SlowDeployment {
  readonly name: string;
  readonly node: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A Deployment with one replica that stops slowly and tolerates a cordon. */
async function deploySlow(house: StoryHouse, { name, node, spec }: SlowDeployment): Promise<void> {
  const labels = { app: name };
  const metadata = { labels, annotations: { 'demo.tugboot.dev/stop-seconds': '4' } };
  await house.kube('POST', '/apis/apps/v1/namespaces/shop/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata, spec: { containers: [{ name, image: `shop/${name}:1.0` }], ...spec } },
    },
  });
  await house.until(`${name} runs`, () =>
    house.node(node).pods.some((pod) => pod.name.startsWith(`${name}-`) && pod.state === 'running'),
  );
}

/** Drains that wait, and drains that are cancelled. */
export function drainStories(story: Story): void {
  describe('drains', () => {
    it(
      'a budget that allows nothing holds the drain, is named, and lets it go on when it clears',
      story({}, async (house) => {
        const { node } = await heldDrain(house);
        expect(house.node(node).cordoned).toBe(true);
        expect(house.node(node).pods.some(({ name }) => name === 'pg-0')).toBe(true);
        await budget(house, 1);
        await house.card(node, /✓/);
        await house.isFree(node);
      }),
    );

    it(
      'pods that a cordon does not keep off are evicted once, their successors stay, and the card says so before',
      story({ pools: [{ ...workers, drain: { timeout: '40s' } }] }, async (house) => {
        const node = 'worker-1';
        const nodeSelector = { 'kubernetes.io/hostname': node };
        const tolerations = [{ operator: 'Exists' }];
        await deploySlow(house, { name: 'stubborn', node, spec: { nodeSelector, tolerations } });
        await deploySlow(house, { name: 'pinned', node, spec: { nodeName: node } });
        const card = await house.upgrade(node);
        expect(JSON.stringify(card.blocks)).toMatch(
          /1 pod may come back to this node and then stays, since it tolerates its cordon: shop\/stubborn-\S+\. 1 pod comes back to this node and then stays, being bound to it by name: shop\/pinned-/,
        );
        const before = house.bootId(node);
        await house.press('mia', card, 'Approve now');
        await house.card(node, /✓/);
        expect(house.bootId(node)).not.toBe(before);
        for (const name of ['stubborn', 'pinned']) {
          const evicted = house.evictions().filter((path) => path.includes(`/pods/${name}-`));
          expect(evicted).toHaveLength(1);
        }
        const log = readFileSync(house.botLog, 'utf8');
        expect(log).toMatch(/shop\/stubborn-[^}]*"why":"tolerates"[^}]*drain leaves a pod that came back/);
        expect(log).toMatch(/shop\/pinned-[^}]*"why":"named"[^}]*drain leaves a pod that came back/);
        await house.isFree(node);
      }),
    );

    it(
      'cancelled in mid-drain: the drain stops and the node is uncordoned; asked again, the same card carries the reboot out',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        const before = house.bootId(node);
        await house.press('lee', await house.card(node, /tugboot.cancel/), 'Cancel');
        const cancelled = await house.card(node, /cancelled.*tugboot\.ask-again/is);
        await house.isFree(node);
        expect(house.bootId(node)).toBe(before);
        expect(cancelled.ts).toBe(card.ts);

        await budget(house, 1);
        await house.press('lee', cancelled, 'Ask again');
        const again = await house.card(node, /◷ \S+ asks for a reboot/);
        expect(again.ts).toBe(card.ts);
        await house.press('mia', again, 'Approve now');
        await house.card(node, /✓/);
        expect(house.bootId(node)).not.toBe(before);
        await house.isFree(node);
      }),
    );

    it(
      'uncordoned by somebody in mid-drain: told in words and stopped, not fought; retried, it is cordoned again and ends proven',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        const before = house.bootId(node);
        await house.kube('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: null } });
        const stopped = await house.card(node, /✕ \S+ was uncordoned by somebody else/);
        expect(JSON.stringify(stopped.blocks)).toContain('Somebody uncordoned');
        const evictions = house.evictions();

        // There is room now, and the bot has resynced: the other node's card is posted.
        await budget(house, 1);
        const other = node === 'worker-1' ? 'worker-2' : 'worker-1';
        await house.upgrade(other);
        expect(house.node(node).cordoned).toBe(false);
        expect(house.evictions()).toEqual(evictions);

        await budget(house, 3);
        await house.press('lee', stopped, 'Retry');
        await house.until('cordoned again', () => house.node(node).cordoned);
        await budget(house, 1);
        const done = await house.card(node, /✓/);
        expect(done.ts).toBe(card.ts);
        expect(house.bootId(node)).not.toBe(before);
        expect(await ordersGiven(house, node)).toBe(1);
        await house.isFree(node);
      }),
    );
  });
}
