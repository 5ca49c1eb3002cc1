import { bodyOrThrow, type KubeClient } from '../../../src/k8s/api/client.ts';
import { listAt, numberAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { connectKube, type Kube, type KubeOptions } from '../../../src/k8s/kube.ts';
import type { DrainWorld } from '../../contracts/drain-contract.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { realSleep, systemClock } from '../../k8s/world/api.ts';
import { startControllers } from '../../k8s/world/controllers.ts';
import { type Hand, handOf } from '../../k8s/world/hand.ts';
import { until } from '../../k8s/world/until.ts';
import { heldTime } from '../../k8s/world/held-time.ts';
import { openDrainDoor } from '../drain-door.ts';
import { bot, installation } from './install-chart.ts';
import type { TestCluster } from './test-cluster.ts';

export interface ContractWorld {
  readonly hand: Hand;
  /** A bot with the service account of the chart. */
  connect(overrides?: Partial<KubeOptions>): Kube;
  close(): Promise<void>;
}

const watched = new AbortController().signal;

/**
 * For one test, on a real API server that many tests share: nothing of Tugboot's, and on a control plane of
 * our own nothing at all.
 */
export async function openContractWorld(cluster: TestCluster): Promise<ContractWorld> {
  await clear(cluster.admin, cluster.plane === undefined ? own : [...own, ...shared]);
  const kubeconfig = await cluster.kubeconfigOf(bot);
  const kubes: Kube[] = [];
  return {
    hand: handOf(cluster.admin),
    connect(overrides = {}) {
      const kube = connectKube({
        kubeconfig,
        namespace: installation,
        clock: systemClock,
        random: Math.random,
        logger: silentLogger,
        sleep: realSleep,
        version: '0.1.0',
        ...overrides,
      });
      kubes.push(kube);
      return kube;
    },
    close: async () => void (await Promise.all(kubes.map((kube) => kube.stop()))),
  };
}

const pauses = `/api/v1/namespaces/${installation}/configmaps/tugboot-pauses`;
const digests = `/api/v1/namespaces/${installation}/configmaps/tugboot-pool-digests`;
const ledger = `/api/v1/namespaces/${installation}/configmaps/tugboot-turns`;
/** Only ours: the chart is not installed on a cluster that already has these types. */
const own = ['/apis/tugboot.dev/v1alpha1/reboots', '/apis/tugboot.dev/v1alpha1/nodeagents'];
const shared = [
  '/api/v1/nodes',
  // Before their pods, which they would replace.
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets'].map(
    (resource) => `/apis/apps/v1/namespaces/default/${resource}`,
  ),
  '/api/v1/namespaces/default/replicationcontrollers',
  '/apis/batch/v1/namespaces/default/jobs',
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/events',
  '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
];

/** Deletes what earlier tests left. */
async function clear(admin: KubeClient, collections: readonly string[]): Promise<void> {
  const body = { gracePeriodSeconds: 0, propagationPolicy: 'Background' };
  for (const path of collections)
    bodyOrThrow(await admin.send({ method: 'DELETE', path, body }), `clearing ${path}`);
  await admin.send({ method: 'DELETE', path: ledger });
  await admin.send({ method: 'DELETE', path: pauses });
  await admin.send({ method: 'DELETE', path: digests });
}

/** The adapter with a real disruption controller; a minimal kubelet terminates the pods. */
export async function openDrainWorld(cluster: TestCluster): Promise<DrainWorld> {
  const world = await openContractWorld(cluster);
  const { hand } = world;
  const door = await openDrainDoor(cluster);
  const time = heldTime({ clock: systemClock, sleep: realSleep });
  const kubeconfig = await door.kubeconfigFor(bot);
  const kube = world.connect({ kubeconfig, clock: time.clock, sleep: time.sleep });
  const kubelet = await startControllers(cluster.admin);
  // The real controller computes their status.
  kubelet.countBudgets = false;
  await kube.start(() => undefined, watched);
  return {
    ...hand,
    cluster: kube.cluster,
    stuck: kubelet.stuck,
    now: time.clock.now,
    time,
    holdPodWatch: () => door.hold((path) => path.startsWith('/api/v1/pods?') && path.includes('watch=true')),
    settled: () => settled(kube),
    async addBudget(name, wish) {
      await hand.addBudget(name, wish);
      await until(`budget ${name} is counted`, () => isCounted(hand, name, wish.matchLabels));
    },
    async close() {
      await kubelet.stop();
      await world.close();
      await door.close();
    },
  };
}

/** Until the watch shows the nodes as the server has them. */
export async function settled({ cluster }: Kube): Promise<void> {
  await until('the watch shows the nodes', async () => {
    const fresh = await cluster.freshNodes({ selector: '' });
    return JSON.stringify(cluster.nodes()) === JSON.stringify(fresh);
  });
}

/** The controller reads the pods from its cache, which may lag. */
async function isCounted(
  hand: Hand,
  name: string,
  matchLabels: Readonly<Record<string, string>>,
): Promise<boolean> {
  const labelSelector = Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const covered = await hand.ask({
    method: 'GET',
    path: '/api/v1/namespaces/default/pods',
    query: { labelSelector },
  });
  const ready = listAt(covered, 'items').filter((pod) =>
    listAt(pod, 'status', 'conditions').some(
      (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
    ),
  );
  const path = `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${name}`;
  const budget = await hand.ask({ method: 'GET', path });
  return (
    numberAt(budget, 'status', 'expectedPods') === listAt(covered, 'items').length &&
    numberAt(budget, 'status', 'currentHealthy') === ready.length
  );
}
