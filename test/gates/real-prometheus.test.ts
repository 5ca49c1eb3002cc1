/** The gate on a real Prometheus with a real Alertmanager: a real alert, and a real silence. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import { prometheusGatekeeper } from '../../src/gates/prometheus.ts';
import type { PrometheusGate } from '../../src/reboot/policy/pool-gates.ts';
import { aNode, aPool, aReboot } from '../fakes/builders.ts';
import { describeWith } from '../needs/describe-with.ts';
import { until } from '../k8s/world/until.ts';
import { openPrometheus, type TestPrometheus, whyNoPrometheus } from './prometheus-of-a-test.ts';

describeWith('a real Prometheus', { lack: whyNoPrometheus }, () => {
  let prometheus: TestPrometheus;
  let http: HttpClient;
  let gate: PrometheusGate;
  beforeAll(async () => {
    http = httpClient(() => '');
    prometheus = await openPrometheus();
    gate = {
      name: 'prod',
      access: { url: prometheus.url, headers: {} },
      alerts: { pending: false },
      queries: [],
      alertmanager: { url: prometheus.alertmanager, headers: {} },
    };
  }, 60_000);
  afterAll(async () => {
    await http.close();
    await prometheus.close();
  });

  const ask = (overrides: Partial<PrometheusGate> = {}) =>
    prometheusGatekeeper(http).ask({
      pool: aPool({ gates: { ...aPool().gates, prometheus: [{ ...gate, ...overrides }] } }),
      node: aNode(),
      reboot: aReboot(),
    });

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
    await prometheus.fire(true);
    await until('the alert fires', async () => (await ask()).length === 1);
    expect(await ask()).toMatchObject([{ code: 'alerts-firing', sentence: 'Alert DiskFull is active.' }]);
    expect(await ask({ alerts: { pending: false, exclude: 'Disk.*' } })).toEqual([]);
    expect(await ask({ alerts: { pending: false, include: 'Disk' } })).toEqual([]);

    const unsilence = await prometheus.silence('disk', 'sda');
    await until('the silence holds', async () => (await ask()).length === 0);
    await unsilence();
    await until('the silence is over', async () => (await ask()).length === 1);
    await prometheus.fire(false);
    await until('the alert is over', async () => (await ask()).length === 0);
  }, 120_000);
});
