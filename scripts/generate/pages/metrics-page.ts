import { hasCluster, type MetricDefinition, metricTable } from '../../../src/ops/metrics/table.ts';
import { code, madeFrom, table } from './markdown.ts';

/** docs/metrics.md: every metric of the bot. */
export function metricsPage(): string {
  const rows = Object.entries<MetricDefinition>(metricTable).map(([name, { type, labels, help }]) => [
    code(name),
    type,
    [...labels, ...(hasCluster(name) ? ['cluster'] : [])].map(code).join(' '),
    help,
  ]);
  return `${madeFrom('src/ops/metrics/table.ts')}
# Metrics

The bot answers \`/metrics\` on its health port (\`HEALTH_PORT\`), for Prometheus. Beside these it exports the
usual metrics of a Node.js process (\`process_*\`, \`nodejs_*\`).

- **Several bots.** Gauges of the cluster are the same in each bot: take \`max by (pool, …) (…)\`, and never a
  sum. Counters and histograms are counted by the one bot that did the work: take \`sum by (…) (rate(…))\`.
- **Labels are bounded**: pools, phases, codes, names of jobs and of Slack's methods. Only
  \`kured_reboot_required\` has a series for each node, and it is off by default (\`metrics.kured\`). What is gone
  from the cluster is gone from the next scrape.
- **What is away does not stop a scrape.** A gauge that cannot be read within two seconds is absent.

The chart brings [alerts](operations.md#alerts) and a dashboard that are made of them.

${table(['Metric', 'Type', 'Labels', 'Meaning'], rows)}
`;
}
