import { describe, expect, it } from 'vitest';
import { type ClusterWorld, clusterBench } from './cluster-bench.ts';

export function watchedNodesContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`WatchedNodes contract: ${name}`, () => {
    const bench = clusterBench(make);

    it('shows the same node from the watch', async () => {
      expect(bench.cluster.nodes()).toEqual([await bench.nodeNow()]);
    });

    it('finds one of them by its name, and none by another', async () => {
      expect(bench.cluster.cachedNode('n1')).toEqual(bench.cluster.nodes()[0]);
      expect(bench.cluster.cachedNode('nowhere')).toBeUndefined();
    });

    it('tells since when nothing was heard', async () => {
      expect(bench.cluster.heardAt()).toBeGreaterThan(0);
    });
  });
}
