/** The gate on a real Prometheus with a real Alertmanager (Debian: prometheus, prometheus-alertmanager): a real alert, and a real silence. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHousehold, type Household } from '../../src/demo/house/household.ts';
import { freePort, onPath } from '../../src/demo/house/queue-server.ts';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import { prometheusGatekeeper } from '../../src/gates/prometheus.ts';
import type { PrometheusGate } from '../../src/reboot/policy.ts';
import { startComponent, untilUp } from '../cluster/harness/component.ts';
import { aNode, aPool, aReboot } from '../fakes/builders.ts';
import { until } from '../k8s/world/until.ts';

const path = process.env['PATH'] ?? '';
const programs = ['prometheus', 'prometheus-alertmanager'].map((name) => onPath(name, path));
const [prometheus, alertmanager] = programs;
if (programs.includes(undefined))
  process.stdout.write(
    'a real Prometheus: skipped: prometheus and prometheus-alertmanager are not on PATH\n',
  );

/** Prometheus reads it again when it is told to. */
const rules = (firing: boolean): string => `groups:
  - name: test
    rules:
      - { alert: DiskFull, expr: "vector(1) == ${firing ? 1 : 2}", labels: { severity: page, disk: sda } }
`;
const config = (
  alertmanagerPort: number,
): string => `global: { evaluation_interval: 200ms, external_labels: { cluster: prod } }
rule_files: [rules.yaml]
alerting:
  alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertmanagerPort}'] }] }]
`;

describe.skipIf(prometheus === undefined || alertmanager === undefined)('a real Prometheus', () => {
  let household: Household;
  let http: HttpClient;
  let gate: PrometheusGate;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tugboot-prometheus-'));
    household = createHousehold(directory);
    http = httpClient(() => '');
    const [port, silences] = [await freePort(), await freePort()];
    writeFileSync(join(directory, 'rules.yaml'), rules(false));
    writeFileSync(join(directory, 'prometheus.yaml'), config(silences));
    writeFileSync(
      join(directory, 'alertmanager.yaml'),
      'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n',
    );
    const start = (name: string, program: string, args: readonly string[]) =>
      startComponent({ name, program, args, directory, household });
    const alerts = start('alertmanager', alertmanager ?? '', [
      '--config.file=alertmanager.yaml',
      '--storage.path=silences',
      `--web.listen-address=127.0.0.1:${silences}`,
      '--cluster.listen-address=',
    ]);
    const metrics = start('prometheus', prometheus ?? '', [
      '--config.file=prometheus.yaml',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      // The Alertmanager may not be known yet when the alert is sent for the first time.
      '--rules.alert.resend-delay=1s',
    ]);
    const answers = async (url: string): Promise<boolean> => (await fetch(`${url}/-/ready`)).ok;
    gate = {
      name: 'prod',
      access: { url: `http://127.0.0.1:${port}`, headers: {} },
      alerts: { pending: false },
      queries: [],
      alertmanager: { url: `http://127.0.0.1:${silences}`, headers: {} },
    };
    await untilUp(metrics, () => answers(gate.access.url));
    await untilUp(alerts, () => answers(gate.alertmanager?.url ?? ''));
  }, 60_000);
  afterAll(async () => {
    await http.close();
    await household.close();
  });

  const ask = (overrides: Partial<PrometheusGate> = {}) =>
    prometheusGatekeeper(http).ask({
      pool: aPool({ gates: { ...aPool().gates, prometheus: [{ ...gate, ...overrides }] } }),
      node: aNode(),
      reboot: aReboot(),
    });
  const fire = async (firing: boolean): Promise<void> => {
    writeFileSync(join(directory, 'rules.yaml'), rules(firing));
    const reloaded = await fetch(`${gate.access.url}/-/reload`, { method: 'POST' });
    expect(reloaded.status).toBe(200);
  };

  it('lets start while it is quiet, and says in its own words what is wrong with an expression', async () => {
    expect(await ask()).toEqual([]);
    expect(await ask({ queries: [{ name: 'odd', promql: 'up{' }] })).toMatchObject([
      { code: 'gate-unreachable', sentence: expect.stringContaining('parse error') },
    ]);
    expect(await ask({ queries: [{ name: 'Nothing is one', promql: 'vector(1)' }] })).toMatchObject([
      { code: 'query-not-empty' },
    ]);
  });

  it('keeps the gate closed while an alert fires, unless it is not meant or silenced, and opens when it is over', async () => {
    await fire(true);
    await until('the alert fires', async () => (await ask()).length === 1, 30_000);
    expect(await ask()).toMatchObject([{ code: 'alerts-firing', sentence: 'Alert DiskFull is active.' }]);
    expect(await ask({ alerts: { pending: false, exclude: 'Disk.*' } })).toEqual([]);
    expect(await ask({ alerts: { pending: false, include: 'Disk' } })).toEqual([]);

    // A person silences this one disk, as amtool or the web page do.
    const silence = {
      matchers: [{ name: 'disk', value: 'sda', isRegex: false, isEqual: true }],
      startsAt: new Date(Date.now() - 1000).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'mia',
      comment: 'known',
    };
    const made = await fetch(`${gate.alertmanager?.url}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(silence),
    });
    const { silenceID } = (await made.json()) as { silenceID: string };
    await until('the silence holds', async () => (await ask()).length === 0, 30_000);

    await fetch(`${gate.alertmanager?.url}/api/v2/silence/${silenceID}`, { method: 'DELETE' });
    await until('the silence is over', async () => (await ask()).length === 1, 30_000);
    await fire(false);
    await until('the alert is over', async () => (await ask()).length === 0, 30_000);
  }, 120_000);
});
