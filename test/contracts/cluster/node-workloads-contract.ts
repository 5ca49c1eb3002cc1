import { describe, expect, it } from 'vitest';
import type { WorkloadWish } from '../../k8s/world/workload-hand.ts';
import { type ClusterWorld, clusterBench } from './cluster-bench.ts';

/** The dry-run has a suite of its own, for clusters that have pods. */
export function nodeWorkloadsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`NodeWorkloads contract: ${name}`, () => {
    const bench = clusterBench(make);

    const there: readonly WorkloadWish[] = [
      { kind: 'Deployment', name: 'cart', replicas: 3, ready: 2 },
      { kind: 'ReplicaSet', name: 'alone', replicas: 1, ready: 1 },
      { kind: 'ReplicationController', name: 'old', replicas: 1, ready: 0 },
      { kind: 'StatefulSet', name: 'pg', replicas: 3, ready: 3 },
      { kind: 'DaemonSet', name: 'exporter', replicas: 1, ready: 1 },
      { kind: 'Job', name: 'nightly', replicas: 1, ready: 1 },
    ];

    it('with a pod on the node are counted by those who count them, wherever their pods are; DaemonSets and Jobs are none', async () => {
      for (const workload of there) await bench.world.addWorkload('n1', workload);
      const found = await bench.cluster.workloadsOn('n1');
      expect(found.toSorted((one, other) => (one.kind < other.kind ? -1 : 1))).toEqual([
        { kind: 'Deployment', namespace: 'default', name: 'cart', ready: 2 },
        { kind: 'ReplicaSet', namespace: 'default', name: 'alone', ready: 1 },
        { kind: 'ReplicationController', namespace: 'default', name: 'old', ready: 0 },
        { kind: 'StatefulSet', namespace: 'default', name: 'pg', ready: 3 },
      ]);
      for (const workload of there) await bench.world.removeWorkload(workload);
    });

    it('are none on a node without pods', async () => {
      expect(await bench.cluster.workloadsOn('n1')).toEqual([]);
    });
  });
}
