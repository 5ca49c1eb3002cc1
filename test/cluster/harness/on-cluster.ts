import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { Ground } from './ground.ts';
import { type ClusterWish, openTestCluster, type TestCluster } from './test-cluster.ts';

export interface Needs extends ClusterWish {
  /** Why these tests cannot run on a cluster that somebody gave us; without it they can. */
  readonly notOnGiven?: string;
}

/** Controllers that a test does not have to share its pods with: those that count budgets and tidy up. */
export const stillControllers = [
  'disruption-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
];

/**
 * Tests on a real cluster: one that is started for them, with the controllers that they ask for, or the one of
 * TUGBOOT_TEST_KUBECONFIG. Where there is none they are skipped, and say why.
 */
export function onCluster(name: string, needs: Needs, tests: (cluster: () => TestCluster) => void): void {
  const ground = inject('ground');
  const why = obstacle(ground, needs);
  if (why !== undefined && ground.kind === 'given')
    process.stdout.write(`cluster tests: ${name} skipped: ${why}\n`);
  describe.skipIf(why !== undefined)(name, () => {
    let cluster: TestCluster | undefined;
    beforeAll(async () => {
      if (ground.kind !== 'none') cluster = await openTestCluster(ground, needs);
    });
    afterAll(() => cluster?.close());
    tests(() => {
      if (cluster === undefined) throw new Error('the cluster is there only while tests run');
      return cluster;
    });
  });
}

function obstacle(ground: Ground, { notOnGiven }: Needs): string | undefined {
  if (ground.kind === 'none') return ground.why;
  return ground.kind === 'given' ? notOnGiven : undefined;
}
