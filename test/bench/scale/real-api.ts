// A real control plane (etcd and kube-apiserver) with the nodes, pods and simulated hosts of the benches.
import { join } from 'node:path';
import { at, listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../../../src/k8s/watch/reflector.ts';
import { findGround } from '../../cluster/harness/ground.ts';
import { bot, installChart } from '../../cluster/harness/install-chart.ts';
import { openTestCluster, type TestCluster } from '../../cluster/harness/test-cluster.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { realSleep, systemClock } from '../../k8s/world/api.ts';
import { until } from '../../k8s/world/until.ts';
import { auditReader } from './audit-counts.ts';
import { aNode, aPod, nodeName } from './cluster-objects.ts';
import { byKind, decidedOf, type Progress, progressOf } from './counting.ts';
import type { Cordon, Counts, ScaleApi } from './protocol.ts';
import { simulateRealHosts } from './real-hosts.ts';

export interface RealApi {
  readonly api: ScaleApi;
  /** Path of a kubeconfig with the rights of the chart. */
  readonly kubeconfig: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/** Requests of the preparations that are under way at once. */
const atOnce = 24;
const patience = 120_000;
const teams = 50;

/** No controllers: the benches' pods are replaced nowhere, and their budgets would allow nothing twice. */
export async function openRealApi(tell: (line: string) => void): Promise<RealApi> {
  const ground = await findGround({ env: process.env, tell });
  if (ground.kind !== 'own')
    throw new Error(
      `this bench wants a control plane of its own${ground.kind === 'none' ? `: ${ground.why}` : ''}`,
    );
  const cluster = await openTestCluster(ground, { controllers: [], scheduler: false });
  try {
    await installChart(cluster);
    const kubeconfig = await cluster.kubeconfigOf(bot);
    return { api: await apiOf(cluster), kubeconfig, namespace: bot.namespace, close: () => cluster.close() };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

interface NodeState {
  readonly cordoned: boolean;
  readonly mirrored: boolean;
}

async function apiOf(cluster: TestCluster): Promise<ScaleApi> {
  const over = new AbortController();
  const follow = <V>(options: ReflectorOptions<V>): Reflector<V> => {
    const deps = { client: cluster.admin, clock: systemClock, sleep: realSleep, random: Math.random };
    const followed = createReflector(options, { ...deps, logger: silentLogger });
    const running = followed.run(over.signal);
    cluster.onClose(async () => {
      over.abort();
      await running;
    });
    return followed;
  };
  const cordons: Cordon[] = [];
  const named = (object: unknown): string => textAt(object, 'metadata', 'name') ?? '';
  const nodes: Reflector<NodeState> = follow<NodeState>({
    what: 'nodes',
    path: paths.nodes,
    keyOf: named,
    reduce: (node) => ({
      cordoned: at(node, 'spec', 'unschedulable') === true,
      mirrored: listAt(node, 'status', 'conditions').some((one) => textAt(one, 'type') === 'RebootRequired'),
    }),
    onChange(node, before) {
      const on = nodes.get(node)?.cordoned ?? false;
      if (on !== (before?.cordoned ?? false)) cordons.push({ node, on, at: Date.now() });
    },
  });
  const reboots = follow<Progress>({
    what: 'reboots',
    path: paths.reboots,
    keyOf: named,
    reduce: progressOf,
    onChange: () => undefined,
  });
  const hosts = simulateRealHosts(cluster.admin, follow);
  await Promise.all([nodes.listed, reboots.listed, hosts.listed]);
  const user = `system:serviceaccount:${bot.namespace}:${bot.name}`;
  const read = auditReader(join(cluster.plane?.directory ?? '', 'audit.log'), user);
  return {
    url: cluster.url,
    async seed(count, pods) {
      await seed(cluster, count, pods);
      await until('all nodes are seen', async () => [...nodes.values()].length >= count, patience);
    },
    ask: (count, within) => hosts.ask(count, within),
    async counts(since): Promise<Counts> {
      const requests = read().filter((call) => call.at >= since);
      const all = [...reboots.values()];
      return {
        agents: hosts.agents(),
        mirrored: [...nodes.values()].filter(({ mirrored }) => mirrored).length,
        reboots: all.length,
        cards: all.filter(({ card }) => card).length,
        requests: byKind(requests),
        lastAt: requests.at(-1)?.at ?? 0,
        now: Date.now(),
      };
    },
    cordons: async () => cordons,
    async delay() {
      throw new Error('a real API server answers as fast as it can');
    },
    decided: async () => decidedOf([...reboots.values()]),
  };
}

async function seed(cluster: TestCluster, nodes: number, pods: number): Promise<void> {
  const now = Date.now();
  const { admin } = cluster;
  const post = async (path: string, body: unknown): Promise<void> => {
    const answer = await admin.send({ method: 'POST', path, body });
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status.code} ${answer.status.message}`);
  };
  const patch = async (path: string, body: unknown): Promise<void> => {
    const answer = await admin.send({ method: 'PATCH', path, patch: 'merge', body });
    if (!answer.ok) throw new Error(`PATCH ${path}: ${answer.status.code} ${answer.status.message}`);
  };
  await inParallel(teams, async (index) => {
    const name = `team-${index}`;
    await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await post(`/api/v1/namespaces/${name}/serviceaccounts`, account);
  });
  await inParallel(nodes, async (index) => {
    await post(paths.nodes, aNode(index, now));
    // The server taints every new node, and the controller that would see it ready does not run here.
    await patch(paths.node(nodeName(index)), { spec: { taints: null } });
  });
  await inParallel(pods, async (index) => {
    const pod = aPod(index, nodes, now);
    const namespace = textAt(pod, 'metadata', 'namespace') ?? '';
    await post(paths.podsIn(namespace), pod);
    await patch(`${paths.pod(namespace, textAt(pod, 'metadata', 'name') ?? '')}/status`, {
      status: pod['status'],
    });
  });
}

/** `work` of each index below `count`, some at once. */
export async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
