import { afterAll, beforeAll, describe, inject } from 'vitest';
import { describeWith } from '../../needs/describe-with.ts';
import { type ClusterOptions, openTestCluster, type TestCluster } from './test-cluster.ts';

export interface Needs extends ClusterOptions {
  /** The reason why these tests cannot run on a given cluster; absent: they can. */
  readonly notOnGiven?: string;
}

/** Controllers that do not create pods: those for budgets and garbage. */
export const passiveControllers = [
  'disruption-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
];

/**
 * Tests on a real cluster: one that is started for them with the controllers that they need, or that of
 * TUGBOOT_TEST_KUBECONFIG. Without one they are skipped, for the reason that the setup has printed; in CI
 * they fail.
 */
export function onCluster(name: string, needs: Needs, tests: (cluster: () => TestCluster) => void): void {
  const ground = inject('ground');
  if (ground.kind === 'given' && needs.notOnGiven !== undefined) {
    process.stdout.write(`cluster tests: ${name} skipped: ${needs.notOnGiven}\n`);
    describe.skip(name, () => tests(closed));
    return;
  }
  const lack = ground.kind === 'none' ? ground.why : undefined;
  describeWith(name, { lack, isTold: true }, () => {
    let cluster: TestCluster | undefined;
    beforeAll(async () => {
      if (ground.kind !== 'none') cluster = await openTestCluster(ground, needs);
    });
    afterAll(() => cluster?.close());
    tests(() => cluster ?? closed());
  });
}

function closed(): never {
  throw new Error('the cluster is there only while tests run');
}
