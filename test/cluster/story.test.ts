import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Message } from '../../demo/slack/workspace/records.ts';
import type { WorldNode } from '../../demo/world/view.ts';
import { worldThat } from '../../demo/story.ts';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { handOf } from '../k8s/world/hand.ts';
import { until } from '../k8s/world/until.ts';
import { printed, tableOf } from '../stories/reboot-requests.ts';
import type { AuditedRequest } from './harness/audit-log.ts';
import type { ControlPlane } from './harness/control-plane.ts';
import { installForEnvironments } from './harness/install-chart.ts';
import { onCluster } from './harness/on-cluster.ts';
import { openRealEnvironment, type RealEnvironment } from './harness/real-environment.ts';

const needs = {
  controllers: ['*'],
  scheduler: true,
  notOnGiven: 'it plays the nodes, and no real one may be among them',
};
const patience = 60_000;
const nodes = [
  { name: 'cp-1', controlPlane: true },
  { name: 'worker-1', controlPlane: false },
  { name: 'worker-2', controlPlane: false },
  { name: 'worker-3', controlPlane: false },
];
const pools = [
  {
    name: 'all',
    settleTime: '1s',
    rebootTimeout: '2m',
    settleTimeout: '2m',
    drain: { timeout: '2m' },
  },
];
const account = 'system:serviceaccount:ops:tugboot';

onCluster('the programs that ship, on a real control plane', needs, (cluster) => {
  let plane: ControlPlane;
  let environment: RealEnvironment;
  beforeAll(async () => {
    const { plane: own } = cluster();
    if (own === undefined) throw new Error('this cluster is not ours');
    plane = own;
    await installForEnvironments(cluster());
    const config = { cluster: 'real', approvers: 'channel', pools };
    environment = await openRealEnvironment({ cluster: cluster(), nodes, config });
    await environment.startBot();
    await environment.slack
      .until(() => environment.slack.sockets() > 0, patience, 'the bot on Slack')
      .catch(explain);
    await worldThat(environment, 'all pods running', patience, ({ nodes: all }) =>
      all.every(
        ({ ready, pods }) => ready && pods.length > 0 && pods.every(({ state }) => state === 'running'),
      ),
    );
  });
  afterAll(() => environment.close());

  /** The error of a wait includes the last log lines of the bot. */
  function explain(error: unknown): never {
    const said = readFileSync(environment.botLog, 'utf8').split('\n').slice(-20).join('\n');
    throw new Error(`${String(error)}\n--- the bot's last words\n${said}`, { cause: error });
  }
  const node = (name: string): WorldNode => {
    const found = environment.world.view().nodes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  };
  const card = (name: string, wished: RegExp): Promise<Message> =>
    environment.slack
      .until(
        () =>
          environment.slack
            .messages()
            .findLast(
              ({ byApp, threadTs, text }) =>
                byApp && threadTs === undefined && text.includes(name) && wished.test(text),
            ),
        patience,
        `a card of ${name} like ${String(wished)}`,
      )
      .catch(explain);
  const moving = (name: string): readonly string[] =>
    node(name)
      .pods.filter(({ owner }) => owner !== 'DaemonSet')
      .map((pod) => `${pod.namespace}/${pod.name}`);

  let asked = Number.NaN;
  let moved = Number.NaN;
  const ask = (path: string): Promise<unknown> => handOf(cluster().admin).ask({ method: 'GET', path });
  /** The bot has processed every node, and is idle. */
  const bearsItsCondition = (): Promise<void> =>
    until(
      'every node says that it needs no reboot',
      async () =>
        listAt(await ask('/api/v1/nodes'), 'items').every((each) =>
          listAt(each, 'status', 'conditions').some(
            (condition) => textAt(condition, 'type') === 'RebootRequired',
          ),
        ),
      patience,
    );
  const turnsAreFree = (): Promise<void> =>
    until(
      'no turn is held',
      async () => {
        const ledger = await ask('/api/v1/namespaces/ops/configmaps/tugboot-turns');
        const { turns } = JSON.parse(textAt(ledger, 'data', 'turns.json') ?? '') as { turns: unknown[] };
        return turns.length === 0;
      },
      patience,
    );

  it('brings a node from its sentinel through card, approval, drain and reboot to the proof', async () => {
    const before = node('worker-2');
    const leaving = moving('worker-2');
    expect(leaving.length).toBeGreaterThan(0);
    moved = leaving.length;
    await bearsItsCondition();
    asked = Date.now();
    await environment.world.aptUpgrade('worker-2');
    const asks = await card('worker-2', /asks for a reboot/);
    await environment.slack.as(environment.slack.users.mia).click({ ts: asks.ts, action: 'Approve now' });
    const done = await card('worker-2', /^[✓✕]/u);
    expect(done.text).toMatch(/^✓ worker-2 rebooted/u);
    expect(done.ts).toBe(asks.ts);

    await worldThat(
      environment,
      'worker-2 is back',
      patience,
      () => !node('worker-2').cordoned && node('worker-2').ready,
    );
    const after = node('worker-2');
    expect(after.bootId).not.toBe(before.bootId);
    expect(after.kernel).not.toBe(before.kernel);
    expect(after.sentinel).toBe(false);
    await turnsAreFree();
    const everywhere = environment.world
      .view()
      .nodes.flatMap(({ pods }) => pods.map((pod) => `${pod.namespace}/${pod.name}`));
    // A StatefulSet's pod comes again under its name; a Deployment's never does.
    expect(everywhere.filter((pod) => leaving.includes(pod) && !pod.startsWith('db/'))).toEqual([]);
  });

  it('wrote to the cluster in this order, and each as the one that may', () => {
    const steps: [string, (request: AuditedRequest) => boolean][] = [
      ['report', by(`${account}-agent`, 'patch', /nodeagents\/worker-2\/status/)],
      ['reboot', by(`${account}-bot`, 'create', /tugboot\.dev\/v1alpha1\/reboots/)],
      ['turn', by(`${account}-bot`, 'create', /configmaps/)],
      ['cordon', by(`${account}-bot`, 'patch', /\/nodes\/worker-2(\?|$)/)],
      ['eviction', by(`${account}-bot`, 'create', /pods\/[^/]+\/eviction/)],
      ['order', by(`${account}-bot`, 'patch', /nodeagents\/worker-2(\?|$)/)],
    ];
    const requests = plane.requests().filter(({ status }) => status >= 200 && status < 300);
    const evicted = requests.find(by(`${account}-bot`, 'create', /pods\/[^/]+\/eviction/))?.at ?? Number.NaN;
    // The bot notes other things on a NodeAgent, too, at any time.
    const times = steps.map(
      ([name, isStep]) =>
        requests.find((request) => isStep(request) && (name !== 'order' || request.at >= evicted))?.at ??
        Number.NaN,
    );
    const missing = steps.filter((_, index) => Number.isNaN(times[index])).map(([name]) => name);
    expect(missing).toEqual([]);
    expect(times).toEqual(times.toSorted((one, two) => one - two));
    const uncordon = requests.findLast(by(`${account}-bot`, 'patch', /\/nodes\/worker-2(\?|$)/));
    expect(uncordon?.at).toBeGreaterThan(times.at(-1) ?? Number.NaN);
  });

  it('was refused nothing: the rights of the chart are enough', () => {
    const refused = plane
      .requests()
      .filter(({ user, status }) => user.startsWith(account) && [401, 403].includes(status));
    expect(refused).toEqual([]);
  });

  it('made these requests, each with a line in docs/benchmarks.md, and no others', async () => {
    const made = plane
      .requests()
      .filter(({ user, at: time }) => user === `${account}-bot` && time >= asked)
      .map(({ uri, ...request }) => ({ ...request, path: uri.replace(/\?.*/, '') }));
    const table = tableOf(made);
    process.stdout.write(`the requests of one reboot, in the audit log:\n${printed(table)}\n`);
    expect(table.above).toEqual([]);
    expect(table.evictions).toBeGreaterThanOrEqual(moved);
  });

  it('has left no order and no turn behind, and a Reboot that kubectl shows as Succeeded', async () => {
    const agents = await handOf(cluster().admin).ask({
      method: 'GET',
      path: '/apis/tugboot.dev/v1alpha1/nodeagents/worker-2',
    });
    expect((agents as { spec: unknown }).spec).toEqual({});
    const ledger = await handOf(cluster().admin).ask({
      method: 'GET',
      path: '/api/v1/namespaces/ops/configmaps/tugboot-turns',
    });
    expect(JSON.parse((ledger as { data: { 'turns.json': string } }).data['turns.json'])).toEqual({
      turns: [],
    });
    const { stdout } = await cluster().kubectl(['get', 'reboots', '--no-headers']);
    expect(stdout).toMatch(/^worker-2-\S+ +Succeeded +/);
  });
});

const by =
  (user: string, verb: string, uri: RegExp) =>
  (request: AuditedRequest): boolean =>
    request.user === user && request.verb === verb && uri.test(request.uri);
