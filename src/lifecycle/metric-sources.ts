/** What the gauges of the metrics are read from. */
import type { LiveConfig } from '../config/live-config.ts';
import type { ClusterConfig } from '../config/load.ts';
import type { Queues } from '../jobs/queues.ts';
import type { Kube } from '../k8s/kube.ts';
import type { Metrics } from '../ops/metrics/metrics.ts';
import { queueSamples } from '../ops/metrics/queue-samples.ts';
import { clusterSamples, kuredSamples } from '../ops/metrics/state-samples.ts';
import type { HealthCheck } from '../ops/health.ts';

export interface ClusterSources {
  readonly config: () => ClusterConfig;
  readonly live: LiveConfig;
  readonly kube: Kube;
  readonly queues: Pick<Queues, 'counts'>;
}

export function addClusterSources(
  read: Metrics['read'],
  { config, live, kube, queues }: ClusterSources,
): void {
  read(async () => {
    const ledger = await kube.ledger.read().catch(() => undefined);
    return clusterSamples({
      agent: (node) => kube.cluster.agent(node),
      reboots: kube.store.all(),
      nodes: kube.cluster.nodes(),
      policy: config().policy,
      turns: ledger?.turns,
    });
  });
  read(async () => queueSamples(await queues.counts()));
  read(() => (live.current().kuredMetric ? kuredSamples({ nodes: kube.cluster.nodes() }) : []));
}

export const addPartsSource = (read: Metrics['read'], checks: () => readonly HealthCheck[]): void =>
  read(() =>
    checks().map(({ name: part, check }) => ({
      name: 'tugboot_part_up',
      labels: { part },
      value: check().ok ? 1 : 0,
    })),
  );
