/** A real Prometheus scrapes the metrics of two bots and evaluates the alerts of the chart. */
import { expect, it } from 'vitest';
import { startHealth } from '../../../src/ops/health.ts';
import { createMetrics } from '../../../src/ops/metrics/metrics.ts';
import { clusterSamples } from '../../../src/ops/metrics/state-samples.ts';
import { aPolicy, aPool, aReboot } from '../../fakes/builders.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { failed, givenUp } from '../../fakes/states.ts';
import { openPrometheus, whyNoPrometheus } from '../../gates/prometheus-of-a-test.ts';
import { until } from '../../k8s/world/until.ts';
import { describeWith } from '../../needs/describe-with.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { rules } from './chart-files.ts';

/** Without the times for which an alert has to hold. */
const immediate = {
  groups: rules.groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({ ...rule, for: '0s' })),
  })),
};

const halted = aReboot({ name: 'halted', pool: 'workers', state: failed() });
const skipped = aReboot({
  name: 'skipped',
  pool: 'storage',
  state: givenUp(),
});

describeWith('the alerts in a real Prometheus', { lack: whyNoPrometheus }, () => {
  it('fire once for two bots, for a pool that is halted and not for one whose failure was skipped', async () => {
    let reboots: readonly Reboot[] = [halted, skipped];
    const policy = aPolicy({ pools: [aPool({ name: 'workers' }), aPool({ name: 'storage' })] });
    const metrics = createMetrics({
      version: '0.1.0',
      clock: fakeClock(),
      sleep: () => new Promise(() => undefined),
    });
    metrics.read(() => clusterSamples({ reboots, nodes: [], agent: () => undefined, policy, turns: [] }));
    const bots = [await startHealth(0, () => [], { metrics }), await startHealth(0, () => [], { metrics })];
    const prometheus = await openPrometheus({ ports: bots.map(({ port }) => port), rules: immediate });
    const firing = async (): Promise<readonly Record<string, string>[]> => {
      const answer = await fetch(`${prometheus.url}/api/v1/alerts`);
      const { data } = (await answer.json()) as {
        data: { alerts: readonly { labels: Record<string, string>; state: string }[] };
      };
      return data.alerts
        .filter(({ labels, state }) => labels['alertname'] === 'TugbootPoolHalted' && state === 'firing')
        .map(({ labels }) => labels);
    };
    try {
      let fired: Awaited<ReturnType<typeof firing>> = [];
      await until('the alert fires', async () => (fired = await firing()).length > 0);
      expect(fired).toEqual([{ alertname: 'TugbootPoolHalted', severity: 'warning', pool: 'workers' }]);
      reboots = [skipped];
      await until('the alert clears', async () => (await firing()).length === 0);
    } finally {
      await prometheus.close();
      await Promise.all(bots.map((bot) => bot.close()));
    }
  });
});
