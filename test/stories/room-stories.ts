import { describe, expect, it } from 'vitest';
import { why } from './commands.ts';
import { ordersGiven, type Story, type StoryEnvironment, workers } from './story-environment.ts';

const apps = '/apis/apps/v1/namespaces/shop/deployments';
const budgets = '/apis/policy/v1/namespaces/shop/poddisruptionbudgets';
const three = [1, 2, 3].map((nth) => ({ name: `worker-${nth}`, controlPlane: false }));

interface DeployOptions {
  readonly name: string;
  readonly replicas: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** Pods of several Deployments that one budget covers. */
const covered = { tier: 'covered' };

const deploy = (
  environment: StoryEnvironment,
  { name, replicas, nodeSelector }: DeployOptions,
): Promise<unknown> => {
  const labels = { ...covered, app: name };
  return environment.kube('POST', apps, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels },
        spec: { nodeSelector, containers: [{ name, image: `shop/${name}:1.0` }] },
      },
    },
  });
};

const addBudget = (environment: StoryEnvironment, minAvailable: number): Promise<unknown> =>
  environment.kube('POST', budgets, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'covered' },
    spec: { minAvailable, selector: { matchLabels: covered } },
  });

const label = (
  environment: StoryEnvironment,
  node: string,
  labels: Readonly<Record<string, string>>,
): Promise<unknown> => environment.kube('PATCH', `/api/v1/nodes/${node}`, { metadata: { labels } });

const running = (environment: StoryEnvironment, node: string, app: string): number =>
  environment.node(node).pods.filter(({ name, state }) => name.startsWith(`${app}-`) && state === 'running')
    .length;

const undone = (environment: StoryEnvironment, card: { channel: string; ts: string }): readonly string[] =>
  environment.slack
    .thread(card.channel, card.ts)
    .map(({ text }) => text)
    .filter((text) => text.includes('drain was undone'));

/** Drains that wait for a budget, and continue when it allows. */
export function roomStories(story: Story): void {
  describe('a budget that allows nothing for now', () => {
    it(
      'holds a drain until it is undone, which is tried again when the budget has room, and not after its pause',
      story(
        { pools: [{ ...workers, drain: { timeout: '20s', retryAfter: ['1h'] } }] },
        async (environment) => {
          const node = 'worker-1';
          // The second cannot be scheduled yet: the budget counts it, and blocks the first because of it.
          await deploy(environment, {
            name: 'one',
            replicas: 1,
            nodeSelector: { 'kubernetes.io/hostname': node },
          });
          await deploy(environment, { name: 'two', replicas: 1, nodeSelector: { story: 'room' } });
          await addBudget(environment, 1);
          await environment.until('the first runs', () => running(environment, node, 'one') === 1);
          const card = await environment.upgrade(node);
          const before = environment.bootId(node);
          await environment.press('mia', card, 'Approve now');
          await environment.reply(
            card,
            /drain was undone: budget shop\/covered allowed nothing for .* The node takes pods again; next try in 1 h, or as soon as the budget has room \(1 of 2\)/,
          );
          await environment.isFree(node);
          await why(environment, node, /as soon as the budget has room/);
          expect(environment.bootId(node)).toBe(before);
          await label(environment, 'worker-2', { story: 'room' });
          await environment.card(node, /✓/);
          expect(environment.bootId(node)).not.toBe(before);
          expect(undone(environment, card)).toHaveLength(1);
          expect(await ordersGiven(environment, node)).toBe(1);
          await environment.isFree(node);
        },
      ),
    );

    it(
      'and holds two drains that keep each other from their end: the later one gives way, though nobody waits, and both end',
      story(
        {
          nodes: three,
          config: { concurrency: 2 },
          pools: [
            {
              ...workers,
              concurrency: 2,
              maxUnavailable: 2,
              drain: { timeout: '60s', retryAfter: ['1h', '1h', '1h'] },
            },
          ],
        },
        async (environment) => {
          const [first, second] = ['worker-1', 'worker-2'] as const;
          for (const node of [first, second]) await label(environment, node, { story: 'pair' });
          await deploy(environment, { name: 'pair', replicas: 6, nodeSelector: { story: 'pair' } });
          const both = (): readonly number[] =>
            [first, second].map((node) => running(environment, node, 'pair'));
          await environment.until('they run on both', () => both().reduce((a, b) => a + b) === 6);
          expect(Math.min(...both())).toBeGreaterThanOrEqual(2);
          // Both are cordoned before the first pod is evicted: its replacement cannot be scheduled.
          await addBudget(environment, 6);
          const cards = [];
          for (const node of [first, second]) {
            const card = await environment.upgrade(node);
            await environment.press('mia', card, 'Approve now');
            await environment.reply(card, /shop\/covered/);
            cards.push(card);
          }
          await environment.kube('PATCH', `${budgets}/covered`, { spec: { minAvailable: 5 } });
          const [one, other] = cards;
          if (!one || !other) return expect.unreachable();
          await environment.reply(
            other,
            /drain was undone: budget shop\/covered allowed nothing for .*, and another node that drains waited for the same\. The node takes pods again/,
          );
          await environment.card(first, /✓/);
          await environment.card(second, /✓/);
          expect(undone(environment, one)).toEqual([]);
          for (const node of [first, second]) {
            expect(await ordersGiven(environment, node)).toBe(1);
            await environment.isFree(node);
          }
        },
      ),
    );
  });
}
