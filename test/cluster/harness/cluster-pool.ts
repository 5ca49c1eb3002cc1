import type { TestCluster } from './test-cluster.ts';

/** Clusters that tests use one after another. */
export interface ClusterPool {
  /** Waits for a free one. */
  take(): Promise<TestCluster>;
  giveBack(cluster: TestCluster): void;
}

export function createClusterPool(clusters: readonly TestCluster[]): ClusterPool {
  const free = [...clusters];
  const waiting: ((cluster: TestCluster) => void)[] = [];
  return {
    async take() {
      const cluster = free.shift();
      return cluster ?? new Promise((resolve) => waiting.push(resolve));
    },
    giveBack(cluster) {
      const next = waiting.shift();
      if (next === undefined) free.push(cluster);
      else next(cluster);
    },
  };
}
