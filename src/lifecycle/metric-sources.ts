/** What the gauges of the metrics are read from. */
import type { LiveConfig } from '../config/live-config.ts';
import type { Queues } from '../jobs/queues.ts';
import type { Kube } from '../k8s/kube.ts';
import type { Metrics } from '../ops/metrics/metrics.ts';
import { queueSamples } from '../ops/metrics/queue-samples.ts';
import { clusterSamples, kuredSamples } from '../ops/metrics/state-samples.ts';
import type { HealthCheck } from '../ops/health.ts';
import type { Policy } from '../reboot/policy/policy.ts';

export interface MetricSources {
  readonly live: LiveConfig;
  readonly policy: () => Policy;
  readonly kube: Kube;
  readonly queues: Pick<Queues, 'counts'>;
  readonly checks: readonly HealthCheck[];
}

export function addSources(
  metrics: Pick<Metrics, 'read'>,
  { live, policy, kube, queues, checks }: MetricSources,
): void {
  metrics.read(async () => {
    const ledger = await kube.ledger.read().catch(() => undefined);
    return clusterSamples({
      agent: (node) => kube.cluster.agent(node),
      reboots: kube.store.all(),
      nodes: kube.cluster.nodes(),
      policy: policy(),
      turns: ledger?.turns,
    });
  });
  metrics.read(async () => queueSamples(await queues.counts()));
  metrics.read(() => (live.current().kuredMetric ? kuredSamples({ nodes: kube.cluster.nodes() }) : []));
  metrics.read(() =>
    checks.map(({ name: part, check }) => ({
      name: 'tugboot_part_up',
      labels: { part },
      value: check().ok ? 1 : 0,
    })),
  );
}
