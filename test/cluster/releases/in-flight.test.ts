/** An upgrade from release 0.1.0 and a rollback to it, in the middle of drains, with the agents of 0.1.0. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  budget,
  heldDrain,
  ordersGiven,
  storiesIn,
  type StoryBot,
  type StoryEnvironment,
} from '../../stories/story-environment.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { bot, installForEnvironments } from '../harness/install-chart.ts';
import { onCluster } from '../harness/on-cluster.ts';
import { openRealEnvironment, type RealEnvironment } from '../harness/real-environment.ts';
import { kubectlOrThrow } from '../harness/kubectl.ts';
import { earlierChart, lackOfEarlierChart } from './earlier-chart.ts';
import { type EarlierPrograms, earlierPrograms } from './earlier-programs.ts';

const needs = {
  controllers: ['*'],
  scheduler: true,
  notOnGiven: 'it plays the nodes, and no real one may be among them',
};

/** The newest record of a node. */
async function rebootOf(
  environment: StoryEnvironment,
  node: string,
): Promise<{ readonly name: string; readonly version: string }> {
  const all = listAt(await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots'), 'items');
  const own = all.filter((one) => textAt(one, 'spec', 'node') === node);
  const newest = own.toSorted((a, b) => since(b).localeCompare(since(a)))[0];
  return {
    name: textAt(newest, 'metadata', 'name') ?? '',
    version: textAt(newest, 'metadata', 'resourceVersion') ?? '',
  };
}

const since = (reboot: unknown): string => textAt(reboot, 'metadata', 'creationTimestamp') ?? '';

/** What the chart of 0.1.0 gave its bot, which a rollback gives back. */
function earlierRights(): string {
  const earlier = earlierChart();
  const rules = parse(readFileSync(join(earlier.chart, 'files/bot-rules.yaml'), 'utf8')) as unknown;
  earlier.remove();
  const [apiGroup, name] = ['rbac.authorization.k8s.io', 'tugboot-bot-of-0.1.0'];
  const role = { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
  const binding = {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', ...bot }],
  };
  return [role, binding].map((object) => JSON.stringify(object)).join('\n---\n');
}

onCluster('with reboots under way', needs, (cluster) => {
  const lack = lackOfEarlierChart();
  const describeEarlier = lack === undefined ? describe : describe.skip;
  describeEarlier('release 0.1.0', { timeout: 300_000 }, () => {
    let earlier: EarlierPrograms;
    beforeAll(async () => {
      await installForEnvironments(cluster());
      await kubectlOrThrow(cluster().kubectl, ['apply', '--filename', '-'], earlierRights());
      earlier = await earlierPrograms();
    });
    afterAll(() => earlier.remove());
    const story = storiesIn((wish) =>
      openRealEnvironment({ ...wish, cluster: cluster(), agentBundles: earlier.bundles }),
    );
    type Here = StoryEnvironment & RealEnvironment;

    it(
      'is replaced in mid-drain, and put back in the next: each node is rebooted once',
      story({ bots: 0, patience: 60_000 }, async (environment) => {
        const here = environment as Here;
        const old = (): Promise<StoryBot> =>
          environment.connected(() => here.startBot({ bundles: earlier.bundles }));
        const current = (): Promise<StoryBot> => environment.connected(() => here.startBot());

        const before = await old();
        const first = await heldDrain(environment);
        const boot = environment.bootId(first.node);
        await before.kill();
        const upgraded = await current();
        await budget(environment, 1);
        await environment.card(first.node, /✓/);
        await environment.isFree(first.node);
        expect(environment.bootId(first.node)).not.toBe(boot);
        expect(await ordersGiven(environment, first.node)).toBe(1);

        const second = await heldDrain(environment);
        await upgraded.kill();
        const rolledBack = await old();
        // What it cannot read it leaves as it is, and says so.
        const { name, version } = await rebootOf(environment, second.node);
        await environment.eventually('the earlier bot tells of the record', () =>
          readFileSync(environment.botLog, 'utf8')
            .split('\n')
            .some((line) => line.includes('cannot be read and is left alone') && line.includes(name)),
        );
        await budget(environment, 1);
        expect((await rebootOf(environment, second.node)).version).toBe(version);
        expect(environment.node(second.node).cordoned).toBe(true);
        await rolledBack.kill();
        const boot2 = environment.bootId(second.node);
        await current();
        await environment.card(second.node, /✓/);
        await environment.isFree(second.node);
        expect(environment.bootId(second.node)).not.toBe(boot2);
        const given = await ordersGiven(environment, second.node);
        expect(given).toBe(second.node === first.node ? 2 : 1);
      }),
    );
  });
});
