/** Silences on an Alertmanager of a test, and on the real one where there is one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertmanagerSilences } from '../../src/gates/alertmanager.ts';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import { prometheusGatekeeper } from '../../src/gates/prometheus.ts';
import type { SilencePolicy } from '../../src/reboot/policy/pool-hooks.ts';
import type { Silences } from '../../src/reboot/ports/silences.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { aNode, aPool, aReboot, noon } from '../fakes/builders.ts';
import { until } from '../k8s/world/until.ts';
import { describeWith } from '../needs/describe-with.ts';
import { openPrometheus, type TestPrometheus, whyNoPrometheus } from './prometheus-of-a-test.ts';
import { openService, type TestService } from './service-of-a-test.ts';

const matchers: SilencePolicy['matchers'] = [
  { name: 'instance', value: '{node}:.*', isRegex: true, isEqual: true },
  { name: 'severity', value: 'critical', isRegex: false, isEqual: false },
];

describe('a silence', () => {
  let server: TestService;
  let http: HttpClient;
  let silences: Silences;
  beforeEach(async () => {
    server = await openService(({ method }) => ({
      status: 200,
      body: method === 'GET' ? [] : { silenceID: 's1' },
    }));
    http = httpClient(() => '');
    silences = alertmanagerSilences({ http, clock: { now: () => noon }, cluster: 'prod-eu' });
  });
  afterEach(async () => {
    await http.close();
    await server.close();
  });
  const wish = (node = 'w1.example.com') => ({
    silence: { access: { url: `${server.url}/am`, headers: {} }, matchers },
    node,
    reboot: 'w1-4f1c',
  });
  const ours = (overrides: Record<string, unknown> = {}) => ({
    id: 'ours',
    createdBy: 'tugboot',
    comment: 'Tugboot reboots w1.example.com of cluster prod-eu (w1-4f1c).',
    startsAt: '2026-11-22T11:00:00.000Z',
    endsAt: new Date(noon + 5 * minute).toISOString(),
    status: { state: 'active' },
    ...overrides,
  });

  it('is of the alerts that the pool means, with the node in it, for a bounded time', async () => {
    expect(await silences.keep(wish())).toEqual({ ok: true, found: noon + 30 * minute });
    const [asked, made] = server.received;
    expect(asked?.path).toBe('/am/api/v2/silences');
    expect([made?.method, made?.path]).toEqual(['POST', '/am/api/v2/silences']);
    expect(JSON.parse(made?.body ?? '')).toEqual({
      matchers: [
        { name: 'instance', value: String.raw`w1\.example\.com:.*`, isRegex: true, isEqual: true },
        { name: 'severity', value: 'critical', isRegex: false, isEqual: false },
      ],
      startsAt: new Date(noon - minute).toISOString(),
      endsAt: new Date(noon + 30 * minute).toISOString(),
      createdBy: 'tugboot',
      comment: 'Tugboot reboots w1.example.com of cluster prod-eu (w1-4f1c).',
    });
  });

  it('is looked for by the name of the node where a matcher gives that', async () => {
    const named = [{ name: 'node', value: '{node}', isRegex: false, isEqual: true }];
    const { silence, ...about } = wish();
    await silences.keep({ ...about, silence: { ...silence, matchers: [...matchers, ...named] } });
    const asked = new URL(server.received[0]?.path ?? '', server.url);
    expect(asked.searchParams.get('filter')).toBe('node="w1.example.com"');
  });

  it('is looked for among all where a matcher means the other nodes', async () => {
    const others = [{ name: 'node', value: '{node}', isRegex: false, isEqual: false }];
    const { silence, ...about } = wish();
    await silences.keep({ ...about, silence: { ...silence, matchers: others } });
    expect(new URL(server.received[0]?.path ?? '', server.url).searchParams.has('filter')).toBe(false);
  });

  it('that holds for a while yet is left alone, and one that does not is extended', async () => {
    const endsAt = new Date(noon + 20 * minute).toISOString();
    server.respond = () => ({ status: 200, body: [ours({ endsAt })] });
    expect(await silences.keep(wish())).toEqual({ ok: true, found: noon + 20 * minute });
    expect(server.received).toHaveLength(1);
    server.respond = ({ method }) => ({ status: 200, body: method === 'GET' ? [ours()] : {} });
    await silences.keep(wish());
    expect(JSON.parse(server.received.at(-1)?.body ?? '')).toMatchObject({
      id: 'ours',
      startsAt: '2026-11-22T11:00:00.000Z',
      endsAt: new Date(noon + 30 * minute).toISOString(),
    });
  });

  it.each([
    ['of somebody else', { createdBy: 'mia' }],
    ['of another cluster', { comment: 'Tugboot reboots w1.example.com of cluster prod-us (w1-4f1c).' }],
    ['of another Reboot', { comment: 'Tugboot reboots w1.example.com of cluster prod-eu (w1-beef).' }],
    ['that is over', { status: { state: 'expired' } }],
    ['without a time', { endsAt: 'soon' }],
  ])('%s is none of ours: neither extended nor ended', async (_, overrides) => {
    server.respond = ({ method }) => ({ status: 200, body: method === 'GET' ? [ours(overrides)] : {} });
    await silences.end(wish());
    await silences.keep(wish());
    expect(server.received.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
    expect(JSON.parse(server.received[2]?.body ?? '')).not.toHaveProperty('id');
  });

  it('is ended, and so are two that two bots have made', async () => {
    server.respond = ({ method }) => ({
      status: method === 'GET' ? 200 : 404,
      body: method === 'GET' ? [ours(), ours({ id: '../x' })] : '',
    });
    expect(await silences.end(wish())).toMatchObject({ ok: true });
    expect(server.received.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'DELETE /am/api/v2/silence/ours',
      'DELETE /am/api/v2/silence/..%2Fx',
    ]);
  });

  it.each<[string, TestService['respond'], string]>([
    ['refuses', () => ({ status: 400, body: '"bad matchers"' }), 'status 400: bad matchers'],
    ['is something else', () => ({ status: 200, body: '<html>' }), 'status 200'],
    ['hangs up', () => 'reset', 'cannot be reached'],
    [
      'refuses the write',
      ({ method }) => (method === 'GET' ? { status: 200, body: [ours()] } : { status: 500, body: '' }),
      'status 500',
    ],
  ])('is a problem in words where the Alertmanager %s', async (_, respond, problem) => {
    server.respond = respond;
    for (const answer of [await silences.keep(wish()), await silences.end(wish())])
      expect(answer).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });
});

describeWith('a silence in a real Alertmanager', { lack: whyNoPrometheus }, () => {
  let prometheus: TestPrometheus;
  let http: HttpClient;
  beforeAll(async () => {
    http = httpClient(() => '');
    prometheus = await openPrometheus();
  }, 60_000);
  afterAll(async () => {
    await http.close();
    await prometheus.close();
  });

  const bot = (ahead = 0): Silences =>
    alertmanagerSilences({ http, clock: { now: () => Date.now() + ahead }, cluster: 'prod-eu' });
  const wish = (isRegex = true) => ({
    silence: {
      access: { url: prometheus.alertmanager, headers: {} },
      matchers: [
        { name: 'disk', value: '{node}', isRegex, isEqual: true },
        { name: 'severity', value: 'critical', isRegex: false, isEqual: false },
      ],
    },
    node: 'sda',
    reboot: 'sda-4f1c',
  });
  const all = async (): Promise<readonly { id: string; endsAt: string; status: { state: string } }[]> => {
    const answer = await fetch(`${prometheus.alertmanager}/api/v2/silences`);
    return (await answer.json()) as { id: string; endsAt: string; status: { state: string } }[];
  };
  const states = async () => (await all()).map(({ status }) => status.state).toSorted();
  const firing = async (): Promise<number> => {
    const access = { url: prometheus.url, headers: {} };
    const alertmanager = { url: prometheus.alertmanager, headers: {} };
    const gate = { name: 'prod', access, alerts: { pending: false }, queries: [], alertmanager };
    const pool = aPool({ gates: { ...aPool().gates, prometheus: [gate] } });
    const blockers = await prometheusGatekeeper(http).ask({ pool, node: aNode(), reboot: aReboot() });
    return blockers.length;
  };

  it('holds the alert of its node, is found and extended by the next bot, and ends when it is told to', async () => {
    await prometheus.fire(true);
    await until('the alert fires', async () => (await firing()) === 1);
    expect(await bot().keep(wish())).toMatchObject({ ok: true });
    await until('it is silenced', async () => (await firing()) === 0);
    const [made] = await all();
    // Another bot finds it, and makes no second one.
    expect(await bot().keep(wish())).toMatchObject({ ok: true });
    expect(await all()).toEqual([made]);
    // Twenty minutes later it is extended.
    expect(await bot(20 * minute).keep(wish())).toMatchObject({ ok: true });
    const [extended, ...others] = await all();
    expect([extended?.id, others]).toEqual([made?.id, []]);
    expect(Date.parse(extended?.endsAt ?? '') - Date.parse(made?.endsAt ?? '')).toBeGreaterThan(19 * minute);
    expect(await bot().end(wish())).toMatchObject({ ok: true });
    expect(await states()).toEqual(['expired']);
    await until('the alert is heard', async () => (await firing()) === 1);
    // Ended already, and begun anew.
    expect(await bot().end(wish())).toMatchObject({ ok: true });
    expect(await bot().keep(wish())).toMatchObject({ ok: true });
    expect(await states()).toEqual(['active', 'expired']);
    expect(await bot().end(wish())).toMatchObject({ ok: true });
  }, 120_000);

  it('is found in the same way where a matcher gives the name of the node, and all of several are ended', async () => {
    await Promise.all([bot().keep(wish(false)), bot().keep(wish(false))]);
    const made = (await all()).filter(({ status }) => status.state === 'active');
    expect(await bot().keep(wish(false))).toMatchObject({ ok: true });
    expect((await all()).filter(({ status }) => status.state === 'active')).toHaveLength(made.length);
    expect(await bot().end(wish(false))).toMatchObject({ ok: true });
    expect(new Set(await states())).toEqual(new Set(['expired']));
  });
});
