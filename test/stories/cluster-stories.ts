import { describe, expect, it } from 'vitest';
import type { DemoStage, inDemoEnvironment } from './demo-stage.ts';
import { answered } from './commands.ts';
import {
  described,
  patience,
  readyz,
  type Setting,
  type StoryEnvironment,
  workers,
} from './story-environment.ts';

type Environment = StoryEnvironment<DemoStage>;

/** Two clusters with nodes of the same names, which share a channel. */
const two: Setting = {
  others: [
    {
      name: 'prod-us',
      nodes: [
        { name: 'worker-1', controlPlane: false },
        { name: 'worker-2', controlPlane: false },
        { name: 'us-only', controlPlane: false },
      ],
      settings: { colour: 'blue' },
    },
  ],
};

const usIn = (environment: Environment) => {
  const us = environment.clusters.get('prod-us');
  if (us === undefined) throw new Error('the environment has no cluster prod-us');
  const node = (name: string) => us.world.view().nodes.find((each) => each.name === name);
  return { ...us, node };
};

/** The newest card of a node in a cluster. */
const cardIn = (environment: Environment, cluster: string, node: string, wished: RegExp) =>
  environment.slack.until(
    () =>
      environment.slack
        .messages()
        .findLast(
          (message) =>
            message.byApp &&
            message.text.includes(node) &&
            message.text.includes(cluster) &&
            wished.test(described(message)),
        ) ?? false,
    patience,
    `a card of ${cluster}/${node} like ${String(wished)}`,
  );

const asks = /asks for a reboot.*linux-image/su;

/** One bot that serves two clusters, over the real Bolt. */
export function clusterStories(story: typeof inDemoEnvironment): void {
  describe('one bot with two clusters', () => {
    it(
      'decides each card where it belongs, although the nodes have the same name',
      story(two, async (environment) => {
        const us = usIn(environment);
        const [boots, bootsThere] = [environment.bootId('worker-1'), us.kubelets.get('worker-1')?.bootId()];
        await environment.world.aptUpgrade('worker-1');
        await us.world.aptUpgrade('worker-1');
        const here = await cardIn(environment, 'story', 'worker-1', asks);
        const there = await cardIn(environment, 'prod-us', 'worker-1', asks);
        expect(there.ts).not.toBe(here.ts);
        expect(described(there)).toContain('🟦 prod-us');
        expect(described(here)).not.toContain('prod-us');

        await answered(environment, 'status', /\*story\*.*\*prod-us\*/su);
        await answered(environment, 'status prod-us', /^(?!.*\*story\*).*\*prod-us\*/su);
        await answered(environment, 'why worker-1', /worker-1\W+is in story and prod-us.*story\/worker-1/su);
        await answered(environment, 'why prod-us/worker-1', /worker-1.*prod-us/su);
        await answered(environment, 'why us-only', /us-only/u);
        await answered(
          environment,
          'approve worker-1',
          /worker-1\W+is in story and prod-us\. Nothing was done/u,
        );
        expect(described(here)).toContain('Approve now');

        await environment.press('mia', there, 'Approve now');
        await cardIn(environment, 'prod-us', 'worker-1', /✓/u);
        expect(us.kubelets.get('worker-1')?.bootId()).not.toBe(bootsThere);
        expect(environment.bootId('worker-1')).toBe(boots);
        expect(described(environment.slack.message(here.ts) ?? here)).toContain('Approve now');

        await answered(environment, 'approve story/worker-1', /You approved worker-1/u);
        await cardIn(environment, 'story', 'worker-1', /✓/u);
        expect(environment.bootId('worker-1')).not.toBe(boots);
      }),
    );

    it(
      'goes on in one while the other takes every request and answers none, and says since when',
      story({ ...two, config: { pools: [{ ...workers, digestFrom: 0 }] } }, async (environment) => {
        const us = usIn(environment);
        const requests = async (): Promise<number> => {
          const before = environment.requests().length;
          const card = await environment.upgrade('worker-1');
          await environment.press('mia', card, 'Approve now');
          await environment.card('worker-1', /✓/u);
          await environment.isFree('worker-1');
          return environment.requests().length - before;
        };
        us.api.faults.add({ do: 'hang' });
        us.api.faults.add({ verb: 'watch', do: 'hang' });
        const posts = environment.slack.calls().length;
        await requests();
        const calls = environment.slack.calls().length - posts;
        // Every call of this reboot was about this cluster, and none waited for the other.
        expect(calls).toBeLessThanOrEqual(40);
        await answered(
          environment,
          'status',
          /\*story\*.*prod-us.*(?:cannot be reached since|last heard from)/su,
        );
        expect(await readyz(environment)).toMatch(/^ok clusters$/mu);
        us.api.faults.clear();
        await us.world.aptUpgrade('us-only');
        await cardIn(environment, 'prod-us', 'us-only', asks);
      }),
    );

    it(
      'of which one is unreachable from the start serves the other, and takes the first up when it answers',
      story({ ...two, bots: 0 }, async (environment) => {
        const us = usIn(environment);
        await us.api.faults.down();
        await environment.anotherBot();
        await answered(environment, 'status', /\*story\*.*\*prod-us\*.*cannot be reached since/su);
        expect(await readyz(environment)).toMatch(
          /^ok clusters\nok cluster story\ndegraded cluster prod-us: The cluster cannot be reached/mu,
        );
        await answered(
          environment,
          'why prod-us/worker-1',
          /Cluster prod-us (?:cannot be|has not been) reached/u,
        );
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /✓/u);
        await us.api.faults.up();
        await answered(environment, 'status prod-us', /0 running/u);
        await us.world.aptUpgrade('us-only');
        await cardIn(environment, 'prod-us', 'us-only', asks);
      }),
    );

    it(
      'takes the buttons away of one that is removed from the configuration, and gives them back',
      story(two, async (environment) => {
        const us = usIn(environment);
        await us.world.aptUpgrade('us-only');
        const card = await cardIn(environment, 'prod-us', 'us-only', asks);
        const { clusters: both } = environment.botConfig as { clusters: readonly Record<string, unknown>[] };
        environment.configure({ ...environment.botConfig, clusters: both.slice(0, 1) });
        const gone = await cardIn(
          environment,
          'prod-us',
          'us-only',
          /does not serve cluster prod-us any more/u,
        );
        expect(gone.ts).toBe(card.ts);
        expect(described(gone)).not.toContain('Approve now');
        await answered(environment, 'status prod-us', /do not know a node or pool/u);

        environment.configure(environment.botConfig);
        const back = await cardIn(environment, 'prod-us', 'us-only', /Approve now/u);
        expect(back.ts).toBe(card.ts);
        await environment.press('mia', back, 'Approve now');
        await cardIn(environment, 'prod-us', 'us-only', /✓/u);
      }),
    );

    it(
      'and a card that was missed at the removal loses its buttons at the first click, with a sentence',
      story(two, async (environment) => {
        const us = usIn(environment);
        await us.world.aptUpgrade('us-only');
        const card = await cardIn(environment, 'prod-us', 'us-only', asks);
        await us.api.faults.down();
        const { clusters: both } = environment.botConfig as { clusters: readonly Record<string, unknown>[] };
        environment.configure({ ...environment.botConfig, clusters: both.slice(0, 1) });
        await answered(environment, 'status', /^(?!.*prod-us).*\*story\*/su);
        await environment.press('mia', card, 'Approve now');
        await environment.whisper(
          'mia',
          /Cluster prod-us is not in the configuration of this Tugboot, which serves story/u,
        );
        const gone = await cardIn(
          environment,
          'prod-us',
          'us-only',
          /does not serve cluster prod-us any more/u,
        );
        expect(described(gone)).not.toContain('Approve now');
      }),
    );
  });
}
