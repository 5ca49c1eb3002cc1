/** What each check of the doctor says of what is wrong. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { clusterChecks } from '../../src/doctor/checks/cluster.ts';
import { nodeChecks } from '../../src/doctor/checks/nodes.ts';
import { queueChecks } from '../../src/doctor/checks/queue.ts';
import { settingsChecks } from '../../src/doctor/checks/settings.ts';
import { slackChecks } from '../../src/doctor/checks/slack.ts';
import { botScopes } from '../../src/bot/app-manifest.ts';
import type { ProbeAnswer } from '../../src/bot/slack-probe.ts';
import type { Check, Finding } from '../../src/doctor/finding.ts';
import type { KubeAnswer, KubeClient, KubeRequest } from '../../src/k8s/api/client.ts';
import { minute, toTimestamp } from '../../src/reboot/time/time.ts';
import { aPolicy, aPool, noon } from '../fakes/builders.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

const found = (body: unknown): KubeAnswer => ({ ok: true, body });
const refused = (code: number): KubeAnswer => ({
  ok: false,
  status: { code, reason: '', message: '', causes: [] },
});

/** An API server that answers by path; what is not named is an empty list. */
const apiServer = (
  answers: Readonly<Record<string, KubeAnswer | ((request: KubeRequest) => KubeAnswer)>> = {},
): KubeClient => ({
  send: async (request) => {
    const answer = answers[request.path] ?? found({ metadata: { resourceVersion: '1' }, items: [] });
    return typeof answer === 'function' ? answer(request) : answer;
  },
  // oxlint-disable-next-line require-yield -- nothing is watched
  watch: async function* watch() {
    throw new Error('the doctor watches nothing');
  },
  close: async () => undefined,
});

async function findings(checks: readonly Check[], name: string): Promise<readonly Finding[]> {
  const check = checks.find((each) => each.name === name);
  if (check === undefined) throw new Error(`there is no check ${name}`);
  return check.run();
}

const events = '/api/v1/namespaces/tugboot/events';
const cluster = (client: KubeClient) => clusterChecks({ client, clock: fakeClock(), namespace: 'tugboot' });
const stamped = (at: number): KubeAnswer => found({ metadata: { creationTimestamp: toTimestamp(at) } });

describe('the cluster', () => {
  it.each([
    ['v1.36.3', 'ok'],
    ['v1.29.9', 'warning'],
    ['v1.38.0', 'warning'],
    ['nonsense', 'warning'],
  ])('of version %s is %s', async (gitVersion, level) => {
    const client = apiServer({ '/version': found({ gitVersion }) });
    expect(await findings(cluster(client), 'api')).toMatchObject([{ level }]);
  });

  it('that refuses is an error', async () => {
    expect(await findings(cluster(apiServer({ '/version': refused(401) })), 'api')).toMatchObject([
      { level: 'error', says: 'The API server answers 401.' },
    ]);
  });

  it.each([
    [0, 'ok'],
    [-30_000, 'warning'],
    [30_000, 'warning'],
    [5 * minute, 'error'],
  ])('whose clock is %i ms off is %s', async (skew, level) => {
    const client = apiServer({ [events]: stamped(noon + skew) });
    expect(await findings(cluster(client), 'clock')).toMatchObject([{ level }]);
  });

  it('that tells no time is a warning', async () => {
    expect(await findings(cluster(apiServer({ [events]: refused(403) })), 'clock')).toMatchObject([
      { level: 'warning' },
    ]);
  });

  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const review = (isAllowed: (wish: Readonly<Record<string, string>>) => boolean) =>
    apiServer({
      [reviews]: ({ body }) => {
        const wish = (body as { spec: { resourceAttributes: Record<string, string> } }).spec
          .resourceAttributes;
        return found({ status: { allowed: isAllowed(wish) } });
      },
    });

  it('names each right that is missing, where, and what does not work without it', async () => {
    const client = review(
      ({ verb, resource, name }) =>
        !(resource === 'pods' && verb === 'delete') && !(name === 'tugboot-turns' && verb === 'update'),
    );
    expect((await findings(cluster(client), 'rights')).map(({ says }) => says)).toEqual([
      'The bot may not delete pods: without it no drain works.',
      'The bot may not update configmaps tugboot-turns in its namespace: without it no turn can be taken, and nothing starts.',
    ]);
  });

  it('says so where the API server reviews nothing', async () => {
    expect(await findings(cluster(apiServer({ [reviews]: refused(404) })), 'rights')).toMatchObject([
      { level: 'warning' },
    ]);
  });

  it('without our definitions is an error that names the remedy', async () => {
    const client = apiServer({ '/apis/tugboot.dev/v1alpha1/reboots': refused(404) });
    expect(await findings(cluster(client), 'definitions')).toMatchObject([
      { level: 'error', says: expect.stringContaining('reboots.tugboot.dev') as string },
    ]);
  });

  const openApi = '/openapi/v3/apis/tugboot.dev/v1alpha1';
  const definition = parse(readFileSync('charts/tugboot/files/crds/reboots.yaml', 'utf8')) as {
    readonly spec: {
      readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: unknown } }[];
    };
  };
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema as {
    readonly properties: { readonly spec: unknown; readonly status: { readonly properties: object } };
  };
  const serving = (served: unknown): KubeClient =>
    apiServer({ [openApi]: found({ components: { schemas: { 'dev.tugboot.v1alpha1.Reboot': served } } }) });

  it('that serves the definition of this version is right', async () => {
    expect(await findings(cluster(serving(schema)), 'definitions')).toMatchObject([
      { level: 'ok', says: 'The custom resource definitions are of this version.' },
    ]);
  });

  it('that serves the definition of another version is an error, with the fields that it drops', async () => {
    const { cleanup: _cleanup, ...properties } = schema.properties.status.properties as Record<
      string,
      unknown
    >;
    const status = { ...schema.properties.status, properties };
    const client = serving({ ...schema, properties: { ...schema.properties, status } });
    const [finding] = await findings(cluster(client), 'definitions');
    expect(finding).toMatchObject({ level: 'error' });
    expect(finding?.says).toContain('it drops status.cleanup, status.cleanup.since');
  });

  const admitting = (answer: KubeAnswer): KubeClient =>
    apiServer({ '/api/v1/nodes': items([node('n1')]), '/api/v1/nodes/n1': answer });
  const policyRefusal: KubeAnswer = {
    ok: false,
    status: {
      code: 403,
      reason: 'Forbidden',
      message: 'nodes "n1" is forbidden: ValidatingAdmissionPolicy \'tugboot-bot-nodes\' denied request',
      causes: [],
    },
  };

  it.each([
    ['refuses what Tugboot never writes', policyRefusal, 'ok'],
    ['takes what Tugboot never writes', found({}), 'warning'],
    ['refuses it for want of a right', refused(403), 'warning'],
  ])('that %s', async (_, answer, level) => {
    expect(await findings(cluster(admitting(answer)), 'admission')).toMatchObject([{ level }]);
  });

  it('whose ledger cannot be read is an error, and one without a ledger is none', async () => {
    const ledger = '/api/v1/namespaces/tugboot/configmaps/tugboot-turns';
    const levels = await Promise.all(
      [404, 403].map((code) => findings(cluster(apiServer({ [ledger]: refused(code) })), 'ledger')),
    );
    expect(levels).toMatchObject([[{ level: 'ok' }], [{ level: 'error' }]]);
  });
});

const node = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  metadata: { name, uid: `uid-${name}`, labels, resourceVersion: '1' },
  status: { nodeInfo: { bootID: 'boot-1' } },
});
const agent = (name: string, status: object = {}) => ({
  metadata: { name, resourceVersion: '1' },
  status: {
    required: 'no',
    packages: [],
    packagesLeftOut: 0,
    kernel: { running: '6.8' },
    bootId: 'boot-1',
    agent: '0.1.0',
    ...status,
  },
});
const items = (list: readonly unknown[]): KubeAnswer =>
  found({ metadata: { resourceVersion: '1' }, items: list });
const nodesOf = (
  nodes: readonly unknown[],
  agents: readonly unknown[],
  daemonSets: readonly unknown[] = [],
): readonly Check[] =>
  nodeChecks({
    version: '0.1.0',
    namespace: 'tugboot',
    policy: aPolicy({
      pools: [
        aPool({ name: 'gpu', selector: 'gpu=yes' }),
        aPool({ name: 'workers', selector: 'role=worker' }),
      ],
    }),
    client: apiServer({
      '/api/v1/nodes': items(nodes),
      '/apis/tugboot.dev/v1alpha1/nodeagents': items(agents),
      '/apis/apps/v1/daemonsets': items(daemonSets),
    }),
  });

describe('nodes', () => {
  it('are counted by pool; a pool without nodes, and nodes without a pool, are warnings', async () => {
    const checks = nodesOf([node('n1', { role: 'worker' }), node('n2')], []);
    expect((await findings(checks, 'pools')).map(({ level, says }) => `${level}: ${says}`)).toEqual([
      'ok: Pools: gpu 0, workers 1 nodes.',
      'warning: Pool gpu has no nodes.',
      'warning: 1 nodes are in no pool, and are never rebooted: n2.',
    ]);
  });

  it('whose agents are silent, of another boot, blind, or of another version are warnings', async () => {
    const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => node(name));
    const checks = nodesOf(nodes, [
      agent('n1'),
      agent('n2', { bootId: 'boot-0' }),
      agent('n3', { required: 'unknown' }),
      agent('n4', { agent: '0.0.9' }),
    ]);
    expect((await findings(checks, 'agents')).map(({ says }) => says)).toEqual([
      '2 nodes have no report of their running boot: n2, n5.',
      'The agent cannot read the sentinel on n3.',
      'The agents of n4 are of another version than 0.1.0.',
    ]);
  });

  it('beside which something else reboots nodes are told of', async () => {
    const kured = { metadata: { name: 'kured', namespace: 'kube-system', resourceVersion: '1' } };
    const busy = agent('n1', { otherRebooters: [{ name: 'locksmithd', what: 'is enabled' }] });
    const said = await findings(nodesOf([node('n1')], [busy], [kured]), 'rebooters');
    expect(said.map(({ level, says }) => `${level}: ${says}`)).toEqual([
      'error: kured runs in namespace kube-system: it reboots nodes without asking.',
      'warning: locksmithd reboots nodes by itself: n1.',
    ]);
  });
});

describe('another installation', () => {
  it.each([
    ['tugboot', 'ok'],
    ['other', 'error'],
  ])('with the agents of namespace %s is %s', async (namespace, level) => {
    const owned = agent('n1');
    const annotations = { 'tugboot.dev/installation': namespace };
    const checks = nodesOf([node('n1')], [{ ...owned, metadata: { ...owned.metadata, annotations } }]);
    expect(await findings(checks, 'installations')).toMatchObject([{ level }]);
  });
});

describe('Redis', () => {
  const of = (info: string, latency = 1) =>
    findings(queueChecks({ info: async () => info, latency: async () => latency }), 'queue');

  it.each([
    ['7.0.15', 'ok'],
    ['6.2.0', 'ok'],
    ['6.0.16', 'error'],
    ['5.0.14', 'error'],
  ])('%s is %s', async (version, level) => {
    expect(await of(`redis_version:${version}\r\nrole:master\r\n`)).toMatchObject([{ level }]);
  });

  it('that evicts keys, is a replica, or is far away is told of', async () => {
    const info = 'redis_version:7.0.15\r\nrole:slave\r\nmaxmemory_policy:allkeys-lru\r\n';
    expect((await of(info, 450)).map(({ level }) => level)).toEqual(['ok', 'error', 'warning', 'warning']);
  });
});

describe('the disk of Redis', () => {
  it.each([
    ['rdb_last_bgsave_status:err', 'error'],
    ['aof_last_write_status:err', 'error'],
    ['loading:1', 'warning'],
    ['rdb_last_bgsave_status:ok', undefined],
  ])('of which it says %s', async (line, level) => {
    const info = `redis_version:7.0.15\r\n${line}\r\n`;
    const [, finding] = await findings(
      queueChecks({ info: async () => info, latency: async () => 1 }),
      'queue',
    );
    expect(finding?.level).toBe(level);
  });
});

describe('Slack', () => {
  const channel = { is_member: true, is_archived: false, is_ext_shared: false };
  const slack = (answers: Readonly<Record<string, ProbeAnswer>>, scopes: readonly string[] = botScopes) =>
    slackChecks({
      channels: ['C0OPS', 'C0OPS'],
      slack: {
        bot: async (method) => ({ body: answers[method] ?? { ok: true, channel }, scopes }),
        app: async (method) => answers[method] ?? { ok: true },
      },
    });

  it('that works says so, once for each channel', async () => {
    const checks = slack({});
    const all = await Promise.all(checks.map((check) => check.run()));
    expect(all.flat().map(({ level }) => level)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('names the scopes that are missing', async () => {
    const scopes = botScopes.filter((scope) => scope !== 'users:read');
    expect(await findings(slack({}, scopes), 'slack bot token')).toMatchObject([
      { level: 'error', says: 'The bot token lacks users:read.' },
    ]);
  });

  it('whose app has no slash command is an error', async () => {
    const scopes = botScopes.filter((scope) => scope !== 'commands');
    expect(await findings(slack({}, scopes), 'slack command')).toMatchObject([{ level: 'error' }]);
  });

  it('that refuses a token says which', async () => {
    const no = { ok: false, error: 'invalid_auth' };
    const checks = slack({ 'auth.test': no, 'apps.connections.open': no });
    expect(await findings(checks, 'slack bot token')).toMatchObject([{ level: 'error' }]);
    expect(await findings(checks, 'slack app token')).toMatchObject([
      { level: 'error', says: 'Slack refuses SLACK_APP_TOKEN (invalid_auth).' },
    ]);
  });

  it.each([
    ['is not shown', { ok: false, error: 'channel_not_found' }, 'error'],
    ['is archived', { ok: true, channel: { ...channel, is_archived: true } }, 'error'],
    ['has not the bot in it', { ok: true, channel: { ...channel, is_member: false } }, 'error'],
    ['is shared', { ok: true, channel: { ...channel, is_ext_shared: true } }, 'warning'],
  ])('whose channel %s', async (_, answer, level) => {
    const checks = slack({ 'conversations.info': answer });
    expect(await findings(checks, 'slack channels')).toMatchObject([{ level }]);
  });
});

describe('settings', () => {
  const of = (tzData: string | undefined) =>
    findings(settingsChecks({ warnings: [], tzData, year: 2026 }), 'time zones');

  it('have old time zone data as a warning', async () => {
    const levels = await Promise.all(['2026c', '2025a', '2024b', undefined].map(of));
    expect(levels.flat().map(({ level }) => level)).toEqual(['ok', 'ok', 'warning', 'warning']);
  });

  it('have the warnings of check-config', async () => {
    const warnings = [{ path: 'pools[0].windows', message: 'It never opens.' }];
    const checks = settingsChecks({ warnings, tzData: '2026c', year: 2026 });
    expect(await findings(checks, 'configuration')).toMatchObject([
      { level: 'warning', says: 'pools[0].windows: It never opens.' },
    ]);
  });
});
