import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  budget,
  heldDrain,
  ordersGiven,
  type Story,
  type StoryEnvironment,
  workers,
} from './story-environment.ts';

interface SlowDeployment {
  readonly name: string;
  readonly node: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A Deployment with one replica that stops slowly and tolerates a cordon. */
async function deploySlow(
  environment: StoryEnvironment,
  { name, node, spec }: SlowDeployment,
): Promise<void> {
  const labels = { app: name };
  const metadata = { labels, annotations: { 'demo.tugboot.dev/stop-seconds': '4' } };
  await environment.kube('POST', '/apis/apps/v1/namespaces/shop/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata, spec: { containers: [{ name, image: `shop/${name}:1.0` }], ...spec } },
    },
  });
  await environment.until(`${name} runs`, () =>
    environment.node(node).pods.some((pod) => pod.name.startsWith(`${name}-`) && pod.state === 'running'),
  );
}

/** Drains that wait, and drains that are cancelled. */
export function drainStories(story: Story): void {
  describe('drains', () => {
    it(
      'a budget that allows nothing holds the drain, is named, and lets it go on when it clears',
      story({}, async (environment) => {
        const { node } = await heldDrain(environment);
        expect(environment.node(node).cordoned).toBe(true);
        expect(environment.node(node).pods.some(({ name }) => name === 'pg-0')).toBe(true);
        await budget(environment, 1);
        await environment.card(node, /✓/);
        await environment.isFree(node);
      }),
    );

    it(
      'pods that a cordon does not keep off are evicted once, their successors stay, and the card says so before',
      story({ pools: [{ ...workers, drain: { timeout: '40s' } }] }, async (environment) => {
        const node = 'worker-1';
        const nodeSelector = { 'kubernetes.io/hostname': node };
        const tolerations = [{ operator: 'Exists' }];
        await deploySlow(environment, { name: 'stubborn', node, spec: { nodeSelector, tolerations } });
        await deploySlow(environment, { name: 'pinned', node, spec: { nodeName: node } });
        const card = await environment.upgrade(node);
        expect(JSON.stringify(card.blocks)).toMatch(
          /1 pod may come back to this node and then stays, since it tolerates its cordon: shop\/stubborn-\S+\. 1 pod comes back to this node and then stays, being bound to it by name: shop\/pinned-/,
        );
        const before = environment.bootId(node);
        await environment.press('mia', card, 'Approve now');
        await environment.card(node, /✓/);
        expect(environment.bootId(node)).not.toBe(before);
        for (const name of ['stubborn', 'pinned']) {
          const evicted = environment.evictions().filter((path) => path.includes(`/pods/${name}-`));
          expect(evicted).toHaveLength(1);
        }
        const log = readFileSync(environment.botLog, 'utf8');
        expect(log).toMatch(/shop\/stubborn-[^}]*"why":"tolerates"[^}]*drain leaves a pod that came back/);
        expect(log).toMatch(/shop\/pinned-[^}]*"why":"named"[^}]*drain leaves a pod that came back/);
        await environment.isFree(node);
      }),
    );

    it(
      'cancelled in mid-drain: the drain stops and the node is uncordoned; asked again, the same card carries the reboot out',
      story({}, async (environment) => {
        const { node, card } = await heldDrain(environment);
        const before = environment.bootId(node);
        await environment.press('lee', await environment.card(node, /tugboot.cancel/), 'Cancel');
        const cancelled = await environment.card(node, /cancelled.*tugboot\.ask-again/is);
        await environment.isFree(node);
        expect(environment.bootId(node)).toBe(before);
        expect(cancelled.ts).toBe(card.ts);

        await budget(environment, 1);
        await environment.press('lee', cancelled, 'Ask again');
        const again = await environment.card(node, /◷ \S+ asks for a reboot/);
        expect(again.ts).toBe(card.ts);
        await environment.press('mia', again, 'Approve now');
        await environment.card(node, /✓/);
        expect(environment.bootId(node)).not.toBe(before);
        await environment.isFree(node);
      }),
    );

    it(
      'uncordoned by somebody in mid-drain: told in words and stopped, not fought; retried, it is cordoned again and ends proven',
      story({}, async (environment) => {
        const { node, card } = await heldDrain(environment);
        const before = environment.bootId(node);
        await environment.kube('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: null } });
        const stopped = await environment.card(node, /✕ \S+ was uncordoned by somebody else/);
        expect(JSON.stringify(stopped.blocks)).toContain('Somebody uncordoned');
        const evictions = environment.evictions();

        // There is room now, and the bot has resynced: the other node's card is posted.
        await budget(environment, 1);
        const other = node === 'worker-1' ? 'worker-2' : 'worker-1';
        await environment.upgrade(other);
        expect(environment.node(node).cordoned).toBe(false);
        expect(environment.evictions()).toEqual(evictions);

        await budget(environment, 3);
        await environment.press('lee', stopped, 'Retry');
        await environment.until('cordoned again', () => environment.node(node).cordoned);
        await budget(environment, 1);
        const done = await environment.card(node, /✓/);
        expect(done.ts).toBe(card.ts);
        expect(environment.bootId(node)).not.toBe(before);
        expect(await ordersGiven(environment, node)).toBe(1);
        await environment.isFree(node);
      }),
    );
  });
}
