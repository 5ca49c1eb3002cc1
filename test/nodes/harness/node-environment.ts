/** Tugboot as installed by a user: by helm in a cluster of real nodes, with a fake Slack. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type FakeSlack, startSlack } from '../../../demo/slack/slack.ts';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import { listAt, numberAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { chart } from '../../charts/render-chart.ts';
import { handOf } from '../../k8s/world/hand.ts';
import { eventually } from './eventually.ts';
import { images } from './images.ts';
import type { Machine } from './machine.ts';
import { type NodeCluster, type NodeOptions, openNodeCluster } from './node-cluster.ts';
import type { ReadyNodeGround } from './node-ground.ts';
import { keepPodLogs, type PodLogs } from './pod-logs.ts';

const run = promisify(execFile);

export const release = 'tugboot';
export const namespace = 'tugboot';
const patience = 90_000;

export interface Pod {
  readonly name: string;
  readonly uid: string;
  /** Empty until it is scheduled. */
  readonly node: string;
  readonly ready: boolean;
  readonly leaving: boolean;
  /** Sum of its containers. */
  readonly restarts: number;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface NodeEnvironment {
  readonly cluster: NodeCluster;
  readonly slack: FakeSlack;
  machine(name: string): Machine;
  /** The real helm, with these values in addition to those that every installation here needs. */
  helm(verb: 'install' | 'upgrade', values: Readonly<Record<string, unknown>>): Promise<void>;
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>;
  pods(inNamespace: string, labelSelector: string): Promise<readonly Pod[]>;
  /** Waits until the newest card of a node matches. */
  card(node: string, wished: RegExp): Promise<Message>;
  /** The log of the bot, from all its pods. */
  botLog(): readonly LogLine[];
  /** The logs of all pods whose name begins so, including deleted ones. */
  said(inNamespace: string, pod: string): readonly string[];
  /** Waits for a ready pod with these labels on this node. */
  podOn(node: string, inNamespace: string, labelSelector: string): Promise<Pod>;
  /** Names of the pods whose eviction was granted, in order. */
  evicted(): readonly string[];
  /** Waits until the bot is connected to Slack and every agent has reported. */
  atWork(): Promise<void>;
  /** Polls; a timeout includes diagnostics. */
  until<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly nodes: readonly NodeOptions[];
  /** The bot's configuration file; the channel is added to it. */
  readonly config: Readonly<Record<string, unknown>>;
}

export async function openNodeEnvironment(
  ground: ReadyNodeGround,
  wish: EnvironmentOptions,
): Promise<NodeEnvironment> {
  const cluster = await openNodeCluster(ground, wish.nodes);
  const { directory } = cluster.plane;
  const slack = await startSlack({
    host: cluster.network.gateway,
    pageDirectory: resolve('dist/page'),
  }).catch(async (error: unknown) => {
    await cluster.close();
    throw error;
  });
  const logs = keepPodLogs({
    folder: join(directory, 'pod-logs'),
    machines: wish.nodes.map(({ name }) => join(directory, 'machines', name, 'upper/var/log/pods')),
  });
  const site: Site = { ground, cluster, slack, logs, wish };
  const until: NodeEnvironment['until'] = (what, probe) =>
    eventually(what, () => cluster.failIfDead() ?? probe(), patience).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await lastWords(site)}`, { cause: error });
    });
  const hand = handOf(cluster.admin);
  const get: NodeEnvironment['get'] = (path, query = {}) => hand.ask({ method: 'GET', path, query });
  const pods: NodeEnvironment['pods'] = async (inNamespace, labelSelector) => {
    const list = await get(`/api/v1/namespaces/${inNamespace}/pods`, { labelSelector });
    return listAt(list, 'items').map((pod) => podOf(pod));
  };
  return {
    cluster,
    slack,
    until,
    get,
    machine(name) {
      const machine = cluster.machines.get(name);
      if (machine === undefined) throw new Error(`no machine is called ${name}`);
      return machine;
    },
    helm: (verb, values) => runHelm(site, verb, values),
    pods,
    podOn: (node, inNamespace, labelSelector) =>
      until(`a pod of ${labelSelector} is ready on ${node}`, async () =>
        (await pods(inNamespace, labelSelector)).find(
          (pod) => pod.node === node && pod.ready && !pod.leaving,
        ),
      ),
    evicted: () =>
      cluster.plane
        .requests()
        .filter(({ verb, uri, status }) => verb === 'create' && uri.includes('/eviction') && status === 201)
        .map(({ uri }) => /pods\/([^/]+)\/eviction/.exec(uri)?.[1] ?? ''),
    card: (node, wished) =>
      until(`a card of ${node} like ${String(wished)}`, () =>
        slack
          .messages()
          .findLast(
            ({ byApp, threadTs, text }) =>
              byApp && threadTs === undefined && text.includes(node) && wished.test(text),
          ),
      ),
    said: (inNamespace, pod) => logs.lines(inNamespace, pod),
    atWork: () =>
      until('the bot is on Slack, and every agent has reported', async () => {
        const reports = listAt(await get('/apis/tugboot.dev/v1alpha1/nodeagents'), 'items');
        const fresh = reports.filter((report) => textAt(report, 'status', 'bootId') !== undefined);
        return slack.sockets() > 0 && fresh.length === wish.nodes.length;
      }).then(() => undefined),
    botLog: () => parsed(logs.lines(namespace, `${release}-bot`)),
    async close() {
      logs.stop();
      await slack.close();
      await cluster.close();
    },
  };
}

interface Site {
  readonly ground: ReadyNodeGround;
  readonly cluster: NodeCluster;
  readonly slack: FakeSlack;
  readonly logs: PodLogs;
  readonly wish: EnvironmentOptions;
}

async function runHelm(
  site: Site,
  verb: 'install' | 'upgrade',
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { ground, cluster, slack, wish } = site;
  const home = mkdtempSync(join(cluster.plane.directory, 'helm-'));
  const file = (name: string, content: unknown): string => {
    const path = join(home, name);
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  const always = file('always.json', {
    image: images.tugboot,
    slack: { botToken: slack.botToken, appToken: slack.appToken },
    config: { channel: slack.channel.id, ...wish.config },
    bot: { extraEnv: [{ name: 'SLACK_API_URL', value: slack.apiUrl }] },
    redis: { image: images.redis },
  });
  const args = [verb, release, chart, '--namespace', namespace, '--create-namespace'];
  const wait = ['--wait', '--timeout', '90s'];
  const env = {
    KUBECONFIG: cluster.kubeconfig,
    HOME: home,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  };
  const files = ['--values', always, '--values', file('values.json', values)];
  await run(ground.plane.helm, [...args, ...wait, ...files], { env }).catch(async (error: unknown) => {
    throw new Error(`helm ${verb}\n${await lastWords(site)}`, { cause: error });
  });
}

const podOf = (pod: unknown): Pod => ({
  name: textAt(pod, 'metadata', 'name') ?? '',
  uid: textAt(pod, 'metadata', 'uid') ?? '',
  node: textAt(pod, 'spec', 'nodeName') ?? '',
  ready: listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  ),
  leaving: textAt(pod, 'metadata', 'deletionTimestamp') !== undefined,
  restarts: listAt(pod, 'status', 'containerStatuses').reduce<number>(
    (sum, container) => sum + (numberAt(container, 'restartCount') ?? 0),
    0,
  ),
});

export const component = (name: string): string => `app.kubernetes.io/component=${name}`;

/** A truncated line, or one of Node itself, is kept as text. */
function parsed(lines: readonly string[]): readonly LogLine[] {
  return lines.map((line) => {
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch {
      return { msg: line };
    }
  });
}

async function lastWords({ cluster, slack, logs }: Site): Promise<string> {
  const table = async (...args: readonly string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
  const parts: Readonly<Record<string, string>> = {
    'the cluster': [
      await table('get', 'nodes'),
      await table('get', 'pods', '--all-namespaces', '--output', 'wide'),
      await table('get', 'reboots', '--output', 'wide'),
      await table('get', 'nodeagents', '--output', 'wide'),
      await table('get', 'events', '--all-namespaces', '--sort-by', '.metadata.creationTimestamp'),
    ]
      .map((text) => text.split('\n').slice(-25).join('\n'))
      .join('\n'),
    'the cards': slack
      .messages()
      .map(({ text }) => text)
      .join('\n'),
    "the bot's last words": logs.lines(namespace, `${release}-bot`).slice(-25).join('\n'),
    "the agents' last words": logs.lines(namespace, `${release}-agent`).slice(-10).join('\n'),
    "Redis' last words": logs.lines(namespace, `${release}-redis`).slice(-5).join('\n'),
  };
  const sections = Object.entries(parts).map(([name, text]) => `--- ${name}\n${text}`);
  return [...sections, cluster.lastWords()].join('\n');
}
