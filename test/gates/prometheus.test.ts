import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oncePerPool } from '../../src/gates/gatekeepers.ts';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import { alertQuery, prometheusGatekeeper } from '../../src/gates/prometheus.ts';
import type { PrometheusGate } from '../../src/reboot/policy/pool-gates.ts';
import { aNode, aPool, aReboot, noon } from '../fakes/builders.ts';
import { openService, type TestService } from './service-of-a-test.ts';

const vector = (...series: readonly Record<string, string>[]) => ({
  status: 200,
  body: {
    status: 'success',
    data: { resultType: 'vector', result: series.map((metric) => ({ metric, value: [0, '1'] })) },
  },
});
const files: Record<string, string> = { '/token': 's3cret-token\n', '/password': 's3cret' };

describe('a Prometheus', () => {
  let server: TestService;
  let http: HttpClient;
  beforeEach(async () => {
    server = await openService(() => vector());
    http = httpClient((path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    });
  });
  afterEach(async () => {
    await http.close();
    await server.close();
  });

  const gate = (overrides: Partial<PrometheusGate> = {}): PrometheusGate => ({
    name: 'prod',
    access: { url: server.url, headers: {} },
    queries: [],
    ...overrides,
  });
  const question = (gates: readonly PrometheusGate[]) => ({
    pool: aPool({ gates: { ...aPool().gates, prometheus: gates } }),
    node: aNode(),
    reboot: aReboot(),
  });
  const ask = (overrides: Partial<PrometheusGate> = {}) =>
    prometheusGatekeeper(http).ask(question([gate(overrides)]));
  const alerts = { pending: false };

  it('that is quiet is in nobody’s way', async () => {
    expect(await ask({ alerts })).toEqual([]);
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/api/v1/query' });
  });

  it('with active alerts names them, each once', async () => {
    server.respond = () =>
      vector(
        { __name__: 'ALERTS', alertname: 'KubeAPIDown', alertstate: 'firing', instance: 'a' },
        { __name__: 'ALERTS', alertname: 'KubeAPIDown', alertstate: 'firing', instance: 'b' },
        { __name__: 'ALERTS', alertname: 'DiskFull', alertstate: 'pending' },
      );
    expect(await ask({ alerts: { pending: true } })).toEqual([
      {
        code: 'alerts-firing',
        sentence: 'Alerts DiskFull (pending), KubeAPIDown are active.',
        clears: 'It starts when they have cleared.',
      },
    ]);
  });

  it.each([
    [{ pending: false }, 'ALERTS{alertstate="firing",alertname!~"Tugboot.*"}'],
    [{ pending: true }, 'ALERTS{alertstate=~"firing|pending",alertname!~"Tugboot.*"}'],
    [
      { pending: false, include: 'Kube.*', exclude: 'Watchdog|"x"' },
      'ALERTS{alertstate="firing",alertname=~"Kube.*",alertname!~"Watchdog|\\"x\\""}',
    ],
  ])('is asked for %o with %s', (chosen, promql) => {
    expect(alertQuery(chosen)).toBe(promql);
  });

  it('does not count what is silenced in its Alertmanager, external labels or not', async () => {
    const silences = await openService(() => ({
      status: 200,
      body: [
        // Silenced and inhibited at once; and one that is inhibited alone.
        {
          labels: { alertname: 'Known', instance: 'a', cluster: 'prod' },
          status: { state: 'suppressed', silencedBy: ['1f0c'], inhibitedBy: ['77aa'] },
        },
        {
          labels: { alertname: 'Known', instance: 'b', cluster: 'prod' },
          status: { state: 'suppressed', silencedBy: [], inhibitedBy: ['77aa'] },
        },
      ],
    }));
    server.respond = () =>
      vector(
        { alertname: 'Known', alertstate: 'firing', instance: 'a' },
        { alertname: 'Known', alertstate: 'firing', instance: 'b' },
      );
    const alertmanager = { url: silences.url, headers: {} };
    expect(await ask({ alerts, alertmanager })).toMatchObject([
      { sentence: 'Alert Known is active.', clears: 'It starts when it has cleared or been silenced.' },
    ]);
    server.respond = () => vector({ alertname: 'Known', alertstate: 'firing', instance: 'a' });
    expect(await ask({ alerts, alertmanager })).toEqual([]);
    expect(silences.received[0]?.path).toBe(
      '/api/v2/alerts?active=false&silenced=true&inhibited=true&unprocessed=false',
    );
    await silences.close();
  });

  it('whose Alertmanager is away keeps the gate closed: nobody knows what is silenced', async () => {
    server.respond = () => vector({ alertname: 'Known', alertstate: 'firing' });
    const alertmanager = { url: 'http://127.0.0.1:1', headers: {} };
    expect(await ask({ alerts, alertmanager })).toMatchObject([
      { code: 'gate-unreachable', sentence: expect.stringContaining('The Alertmanager of prod') },
    ]);
  });

  it('has expressions that must be empty, and says which is not', async () => {
    server.respond = ({ body }) =>
      body.includes('ceph') ? vector({ __name__: 'ceph', pool: 'rbd', state: 'degraded' }) : vector();
    const queries = [
      { name: 'Ceph is healthy', promql: 'ceph_health_status > 0' },
      { name: 'No restore runs', promql: 'restore_running > 0' },
    ];
    expect(await ask({ queries })).toMatchObject([
      {
        code: 'query-not-empty',
        sentence: 'Ceph is healthy has to be empty, and is not (pool=rbd, state=degraded).',
      },
    ]);
  });

  it('counts a scalar as a result', async () => {
    server.respond = () => ({
      status: 200,
      body: { status: 'success', data: { resultType: 'scalar', result: [0, '1'] } },
    });
    expect(await ask({ queries: [{ name: 'q', promql: 'scalar(up)' }] })).toMatchObject([
      { code: 'query-not-empty' },
    ]);
  });

  it.each<[string, () => ReturnType<TestService['respond']>, string]>([
    [
      'a bad expression',
      () => ({ status: 400, body: { status: 'error', error: 'parse error:\nunexpected )' } }),
      'status 400: parse error: unexpected )',
    ],
    ['no right', () => ({ status: 401, body: 'Unauthorized' }), 'status 401'],
    ['a page instead of an answer', () => ({ status: 200, body: '<html>' }), 'status 200'],
    [
      'a range instead of an instant',
      () => ({ status: 200, body: { status: 'success', data: { resultType: 'matrix', result: [] } } }),
      'no instant vector',
    ],
    ['a cut connection', () => 'reset', 'cannot be reached'],
  ])('that answers with %s keeps the gate closed, and says why', async (_, respond, why) => {
    server.respond = respond;
    expect(await ask({ alerts })).toMatchObject([
      { code: 'gate-unreachable', sentence: expect.stringContaining(why) },
    ]);
  });

  it.each<[string, PrometheusGate['access']['auth'], string]>([
    ['a bearer token', { kind: 'bearer', tokenFile: '/token' }, 'Bearer s3cret-token'],
    [
      'basic authentication',
      { kind: 'basic', username: 'bot', passwordFile: '/password' },
      `Basic ${Buffer.from('bot:s3cret').toString('base64')}`,
    ],
  ])('is shown %s, and headers', async (_, auth, header) => {
    const access = {
      url: `${server.url}/prefix/`,
      headers: { 'X-Scope-OrgID': 'team' },
      ...(auth ? { auth } : {}),
    };
    await ask({ alerts, access });
    expect(server.received[0]).toMatchObject({
      path: '/prefix/api/v1/query',
      headers: { authorization: header, 'x-scope-orgid': 'team' },
    });
  });

  it('whose token cannot be read keeps the gate closed, names the file and no secret', async () => {
    const access = { url: server.url, headers: {}, auth: { kind: 'bearer', tokenFile: '/none' } as const };
    expect(await ask({ alerts, access })).toMatchObject([{ sentence: expect.stringContaining('/none') }]);
    expect(server.received).toEqual([]);
  });

  it('is asked once for all nodes of a pool that ask at the same moment', async () => {
    let now = noon;
    const gatekeeper = oncePerPool(prometheusGatekeeper(http), { now: () => now });
    const asked = question([gate({ alerts })]);
    await Promise.all([gatekeeper.ask(asked), gatekeeper.ask(asked), gatekeeper.ask(asked)]);
    expect(server.received).toHaveLength(1);
    now += 10_000;
    await gatekeeper.ask(asked);
    expect(server.received).toHaveLength(2);
  });
});
