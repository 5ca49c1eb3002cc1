import { beforeAll, describe, inject } from 'vitest';
import { type StageOptions, storiesIn, type Story } from '../../stories/story-environment.ts';
import { type ClusterPool, createClusterPool } from './cluster-pool.ts';
import { installForEnvironments } from './install-chart.ts';
import { onCluster } from './on-cluster.ts';
import { openRealEnvironment, type RealEnvironment } from './real-environment.ts';
import { openTestCluster, type TestCluster } from './test-cluster.ts';

const needs = {
  controllers: ['*'],
  scheduler: true,
  notOnGiven: 'it plays the nodes, and no real one may be among them',
};

/** The concurrency in vitest.config.ts: stories mostly wait, and a cluster can hold only one Tugboot. */
const concurrency = 3;

/** Stories on real control planes, several concurrently, each in an environment of its own. */
export function inEnvironments(name: string, tests: (story: Story<RealEnvironment>) => void): void {
  onCluster(name, needs, (first) => {
    let pool: ClusterPool;
    beforeAll(async () => {
      const others = await Promise.all(Array.from({ length: concurrency - 1 }, openAnother));
      for (const other of others) first().onClose(() => other.close());
      const all = [first(), ...others];
      await Promise.all(all.map(installForEnvironments));
      pool = createClusterPool(all);
    });
    const story = storiesIn(async (wish) => {
      const cluster = await pool.take();
      const leave = (): void => pool.giveBack(cluster);
      try {
        return await stageOn(cluster, wish, leave);
      } catch (error) {
        leave();
        throw error;
      }
    });
    describe.concurrent('side by side', { timeout: 300_000 }, () => tests(story));
  });
}

async function openAnother(): Promise<TestCluster> {
  const ground = inject('ground');
  if (ground.kind !== 'own') throw new Error('this cluster is not ours to multiply');
  return openTestCluster(ground, needs);
}

async function stageOn(
  cluster: TestCluster,
  wish: StageOptions,
  leave: () => void,
): Promise<RealEnvironment> {
  const environment = await openRealEnvironment({ ...wish, cluster });
  return { ...environment, close: () => environment.close().finally(leave) };
}
