import { describe, expect, it } from 'vitest';
import { type ClusterWorld, clusterBench } from './cluster-bench.ts';

export function watchedAgentsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`WatchedAgents contract: ${name}`, () => {
    const bench = clusterBench(make);

    it('shows the agent of a node as a fresh read does, with a version that changes with it', async () => {
      await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid });
      await bench.world.settled();
      const before = bench.cluster.agentVersion('n1');
      expect(before).toBeDefined();
      await bench.cluster.order(bench.n1);
      await bench.world.settled();
      expect(bench.cluster.agent('n1')).toEqual((await bench.cluster.observe('n1')).agent);
      expect(bench.cluster.agentVersion('n1')).not.toBe(before);
    });

    it('shows none of a node that has none', async () => {
      expect(bench.cluster.agent('nowhere')).toBeUndefined();
    });
  });
}
