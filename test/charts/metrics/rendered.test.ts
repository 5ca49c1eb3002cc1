import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith } from '../../needs/describe-with.ts';
import { lackOf } from '../../needs/programs.ts';
import { container, one } from '../pod.ts';
import { chart, findHelm, type Helm, type Manifest } from '../render-chart.ts';
import { type Alert, alerts, checkRules, dashboardText, type RuleFile, rules } from './chart-files.ts';

const found = await findHelm();
const lack = 'why' in found ? found.why : undefined;

/** Only asked for where helm is there. */
const helm = (): Helm => {
  if ('why' in found) throw new Error(found.why);
  return found.helm;
};

const withMetrics = (metrics: unknown): Promise<readonly Manifest[]> =>
  helm().render({ slack: { existingSecret: 'slack' }, metrics });
const kinds = (manifests: readonly Manifest[]): readonly string[] => manifests.map(({ kind }) => kind);
const specOf = (manifest: Manifest): Record<string, unknown> => manifest['spec'] as Record<string, unknown>;
const rendered = async (values: unknown): Promise<RuleFile> =>
  specOf(
    one(await withMetrics({ rules: { enabled: true, ...(values as object) } }), 'PrometheusRule'),
  ) as unknown as RuleFile;
const alertOf = ({ groups }: RuleFile, name: string): Alert | undefined =>
  groups.flatMap((group) => group.rules).find(({ alert }) => alert === name);

describeWith('metrics in the chart', { lack }, () => {
  it('need nothing of the Prometheus operator unless they are asked for', async () => {
    const manifests = await withMetrics({});
    expect(kinds(manifests).filter((kind) => /Monitor|PrometheusRule/.test(kind))).toEqual([]);
    expect(JSON.stringify(manifests)).not.toContain('grafana');
  });

  it('are scraped from the pods of the bot, on the port on which it answers', async () => {
    const podMonitor = { enabled: true, interval: '30s', labels: { release: 'prometheus' } };
    const manifests = await withMetrics({ podMonitor });
    const monitor = one(manifests, 'PodMonitor', 'tugboot-bot');
    expect(monitor.metadata.labels).toMatchObject({ release: 'prometheus' });
    const { selector, podMetricsEndpoints } = specOf(monitor);
    expect(podMetricsEndpoints).toEqual([{ port: 'health', path: '/metrics', interval: '30s' }]);
    const bot = one(manifests, 'Deployment');
    expect(container(bot)['ports']).toMatchObject([{ name: 'health' }]);
    expect(selector).toEqual(specOf(bot)['selector']);
  });

  it('are scraped by way of a Service where that is asked for', async () => {
    const manifests = await withMetrics({ serviceMonitor: { enabled: true } });
    const service = one(manifests, 'Service', 'tugboot-bot');
    const monitor = specOf(one(manifests, 'ServiceMonitor', 'tugboot-bot'));
    expect(specOf(service)).toMatchObject({
      clusterIP: 'None',
      ports: [{ name: 'health', port: 8081, targetPort: 'health' }],
    });
    expect(monitor['endpoints']).toEqual([{ port: 'health', path: '/metrics' }]);
    const { matchLabels } = monitor['selector'] as { matchLabels: Record<string, string> };
    expect(service.metadata.labels).toMatchObject(matchLabels);
    expect(specOf(service)['selector']).toEqual(matchLabels);
  });

  it('are not scraped twice', async () => {
    const metrics = { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } };
    expect(await helm().refusal({ slack: { existingSecret: 'slack' }, metrics })).toContain(
      'metrics: take either podMonitor or serviceMonitor.',
    );
  });
});

describeWith('alerts in the chart', { lack }, () => {
  it('are those of the file, as they stand there', async () => {
    expect(await rendered({})).toEqual(rules);
  });

  it('take severity, time and age from the values, and can be left out', async () => {
    const chosen = await rendered({
      labels: { release: 'prometheus' },
      alerts: {
        TugbootDown: { enabled: false },
        TugbootDrainStuck: { afterSeconds: 7200, for: '1m', severity: 'info' },
        TugbootWaitsForPerson: { afterSeconds: 1_000_000 },
      },
    });
    expect(chosen.groups.flatMap((group) => group.rules)).toHaveLength(alerts.length - 1);
    expect(alertOf(chosen, 'TugbootDown')).toBeUndefined();
    expect(alertOf(chosen, 'TugbootDrainStuck')).toMatchObject({ for: '1m', labels: { severity: 'info' } });
    for (const [name, age] of [
      ['TugbootDrainStuck', '7200'],
      ['TugbootWaitsForPerson', '1000000'],
    ] as const) {
      const before = alertOf(rules, name)?.expr ?? '';
      expect(before).toMatch(/ > \d+$/);
      expect(alertOf(chosen, name)?.expr).toBe(before.replace(/\d+$/, age));
    }
    expect(alertOf(chosen, 'TugbootPoolHalted')).toEqual(alertOf(rules, 'TugbootPoolHalted'));
  });

  it('link their runbook where people read it', async () => {
    const there = await rendered({ runbooks: 'https://git.example.com/docs/runbooks/' });
    for (const { alert, annotations } of there.groups.flatMap((group) => group.rules))
      expect(annotations.runbook_url).toBe(`https://git.example.com/docs/runbooks/${alert}.md`);
  });

  it('are known by their names', async () => {
    const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as {
      properties: { metrics: { properties: { rules: { properties: { alerts: { properties: object } } } } } };
    };
    expect(Object.keys(schema.properties.metrics.properties.rules.properties.alerts.properties)).toEqual(
      alerts.map(({ alert }) => alert),
    );
    const misspelled = { rules: { enabled: true, alerts: { TugbootDwn: { enabled: false } } } };
    await expect(withMetrics(misspelled)).rejects.toThrow(/TugbootDwn/);
    const without = { rules: { enabled: true, alerts: { TugbootDown: { afterSeconds: 60 } } } };
    await expect(withMetrics(without)).rejects.toThrow(/afterSeconds/);
  });
});

describeWith('the dashboard in the chart', { lack }, () => {
  it('is the file, in a ConfigMap that Grafana looks for', async () => {
    const chosen = { enabled: true, annotations: { grafana_folder: 'Nodes' } };
    const map = one(await withMetrics({ dashboard: chosen }), 'ConfigMap', 'tugboot-dashboard');
    expect(map.metadata).toMatchObject({
      labels: { grafana_dashboard: '1' },
      annotations: { grafana_folder: 'Nodes' },
    });
    const { 'tugboot.json': text = '' } = map['data'] as Record<string, string>;
    expect(JSON.parse(text)).toEqual(JSON.parse(dashboardText));
  });
});

describeWith('promtool on alerts with changed values', { lack: lack ?? lackOf('prometheus') }, () => {
  it('can read the alerts with changed values', async () => {
    const chosen = await rendered({ alerts: { TugbootDrainStuck: { afterSeconds: 60, for: '1h30m' } } });
    expect(await checkRules(chosen)).toMatchObject({ ok: true });
  });
});
