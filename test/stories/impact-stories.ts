import { describe, expect, it } from 'vitest';
import { minute, second } from '../../src/reboot/time/time.ts';
import type { Story, StoryEnvironment } from './story-environment.ts';

interface DeployOptions {
  readonly replicas: number;
  readonly cpu?: string;
  readonly node?: string;
}

/** A Deployment of the shop, and the nodes that run its pods, one for each. */
async function deploy(
  environment: StoryEnvironment,
  name: string,
  wish: DeployOptions,
): Promise<readonly string[]> {
  const labels = { app: name };
  const requests = wish.cpu === undefined ? {} : { requests: { cpu: wish.cpu } };
  const spec = {
    containers: [{ name, image: `shop/${name}:1.0`, resources: requests }],
    ...(wish.node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': wish.node } }),
  };
  await environment.kube('POST', '/apis/apps/v1/namespaces/shop/deployments', {
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
  await environment.eventually(`${name} is ready`, async () => {
    const { status } = (await environment.kube('GET', path)) as { status?: { readyReplicas?: number } };
    return status?.readyReplicas === wish.replicas;
  });
  const homes = (): readonly string[] =>
    environment.world
      .view()
      .nodes.flatMap((node) =>
        node.pods
          .filter((pod) => pod.name.startsWith(`${name}-`) && pod.state === 'running')
          .map(() => node.name),
      );
  await environment.eventually(`${name} is seen to run`, () => homes().length === wish.replicas);
  return homes();
}

const lonely = 'Deployment shop/lonely goes down: its only replica is here.';

/** What a card shows about the cluster beyond its node, before and after the approval. */
export function impactStories(story: Story): void {
  describe('what a reboot would disturb', () => {
    it(
      'a Deployment of one replica is named on the card, and so is the room that there is elsewhere',
      story({}, async (environment) => {
        const [node = ''] = await deploy(environment, 'lonely', { replicas: 1, cpu: '500m' });
        const card = await environment.upgrade(node);
        const shown = JSON.stringify(card.blocks);
        expect(shown).toContain(lonely);
        expect(shown).toContain('There seems to be room for all of them elsewhere.');
        // The confirmation dialog shows it as well.
        expect(shown).toContain('Goes down: Deployment shop/lonely.');
        const plan = await environment.slack.as(environment.slack.users.sam).command(`/reboot plan ${node}`);
        expect(JSON.stringify(plan.blocks)).toContain(lonely);
        expect(JSON.stringify(plan.blocks)).toContain('An estimate by requests');

        await environment.press('mia', card, 'Approve now');
        await environment.card(node, /✓/);
        await environment.isFree(node);
      }),
    );

    it(
      'a cluster too full for the pods that would move says so, with what they need and what is free',
      story({}, async (environment) => {
        const homes = await deploy(environment, 'big', { replicas: 2, cpu: '3' });
        expect(new Set(homes).size).toBe(2);
        const [node = ''] = homes;
        const shown = JSON.stringify((await environment.upgrade(node)).blocks);
        expect(shown).toMatch(
          /There may be no room elsewhere for 1 pod: shop\/big-\S+ \(needs 3 CPU, at most (1|0\.9\d*) CPU is free on one node\)\./,
        );
        expect(shown).not.toContain('shop/big goes down');
      }),
    );

    it(
      'what came after the card was read, a minute ago, is found right after the approval, and told in the thread',
      story({}, async (environment) => {
        const node = 'worker-1';
        const card = await environment.upgrade(node);
        expect(JSON.stringify(card.blocks)).not.toContain('lonely');
        await deploy(environment, 'lonely', { replicas: 1, node });
        // What the card shows is not read anew while it is less than a minute old.
        const shown = Number(card.ts) * second;
        await environment.eventually('the card is a minute old', () => Date.now() - shown > minute);
        await environment.press('mia', card, 'Approve now');
        const reply = await environment.reply(card, /Found after the approval/);
        expect(reply.text).toContain(lonely);
        await environment.card(node, /✓/);
        await environment.isFree(node);
      }),
    );
  });
}
