import { describe, expect, it } from 'vitest';
import { minute, second } from '../../src/reboot/time/time.ts';
import type { Story, StoryHouse } from './story-house.ts';

interface DeployOptions {
  readonly replicas: number;
  readonly cpu?: string;
  readonly node?: string;
}

/** A Deployment of the shop, and the nodes that run its pods, one for each. */
async function deploy(house: StoryHouse, name: string, wish: DeployOptions): Promise<readonly string[]> {
  const labels = { app: name };
  const requests = wish.cpu === undefined ? {} : { requests: { cpu: wish.cpu } };
  const spec = {
    containers: [{ name, image: `shop/${name}:1.0`, resources: requests }],
    ...(wish.node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': wish.node } }),
  };
  await house.kube('POST', '/apis/apps/v1/namespaces/shop/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: wish.replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  });
  const path = `/apis/apps/v1/namespaces/shop/deployments/${name}`;
  await house.eventually(`${name} is ready`, async () => {
    const { status } = (await house.kube('GET', path)) as { status?: { readyReplicas?: number } };
    return status?.readyReplicas === wish.replicas;
  });
  const homes = (): readonly string[] =>
    house.world
      .view()
      .nodes.flatMap((node) =>
        node.pods
          .filter((pod) => pod.name.startsWith(`${name}-`) && pod.state === 'running')
          .map(() => node.name),
      );
  await house.eventually(`${name} is seen to run`, () => homes().length === wish.replicas);
  return homes();
}

const lonely = 'Deployment shop/lonely goes down: its only replica is here.';

/** What a card shows about the cluster beyond its node, before and after the approval. */
export function impactStories(story: Story): void {
  describe('what a reboot would disturb', () => {
    it(
      'a Deployment of one replica is named on the card, and so is the room that there is elsewhere',
      story({}, async (house) => {
        const [node = ''] = await deploy(house, 'lonely', { replicas: 1, cpu: '500m' });
        const card = await house.upgrade(node);
        const shown = JSON.stringify(card.blocks);
        expect(shown).toContain(lonely);
        expect(shown).toContain('There seems to be room for all of them elsewhere.');
        // The confirmation dialog shows it as well.
        expect(shown).toContain('Goes down: Deployment shop/lonely.');
        const plan = await house.slack.as(house.slack.users.sam).command(`/reboot plan ${node}`);
        expect(JSON.stringify(plan.blocks)).toContain(lonely);
        expect(JSON.stringify(plan.blocks)).toContain('An estimate by requests');

        await house.press('mia', card, 'Approve now');
        await house.card(node, /✓/);
        await house.isFree(node);
      }),
    );

    it(
      'a cluster too full for the pods that would move says so, with what they need and what is free',
      story({}, async (house) => {
        const homes = await deploy(house, 'big', { replicas: 2, cpu: '3' });
        expect(new Set(homes).size).toBe(2);
        const [node = ''] = homes;
        const shown = JSON.stringify((await house.upgrade(node)).blocks);
        expect(shown).toMatch(
          /There may be no room elsewhere for 1 pod: shop\/big-\S+ \(needs 3 CPU, at most (1|0\.9\d*) CPU is free on one node\)\./,
        );
        expect(shown).not.toContain('shop/big goes down');
      }),
    );

    it(
      'what came after the card was read, a minute ago, is found right after the approval, and told in the thread',
      story({}, async (house) => {
        const node = 'worker-1';
        const card = await house.upgrade(node);
        expect(JSON.stringify(card.blocks)).not.toContain('lonely');
        await deploy(house, 'lonely', { replicas: 1, node });
        // What the card shows is not read anew while it is less than a minute old.
        const shown = Number(card.ts) * second;
        await house.eventually('the card is a minute old', () => Date.now() - shown > minute);
        await house.press('mia', card, 'Approve now');
        const reply = await house.reply(card, /Found after the approval/);
        expect(reply.text).toContain(lonely);
        await house.card(node, /✓/);
        await house.isFree(node);
      }),
    );
  });
}
