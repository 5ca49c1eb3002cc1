/**
 * Between two environments in one cluster: pods of workload controllers stay, those of removed machines are
 * deleted.
 */
import { bodyOrThrow, type KubeClient } from '../../../src/k8s/api/client.ts';
import { seededWorkloads } from '../../../demo/world/seed-workloads.ts';
import { at, listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { until } from '../../k8s/world/until.ts';
import { installation } from './install-chart.ts';
import type { TestCluster } from './test-cluster.ts';

const records = [
  '/apis/tugboot.dev/v1alpha1/reboots',
  '/apis/tugboot.dev/v1alpha1/nodeagents',
  '/api/v1/nodes',
  '/api/v1/namespaces/default/events',
];
const notes = ['tugboot-turns', 'tugboot-pauses', 'tugboot-pool-digests'].map(
  (name) => `/api/v1/namespaces/${installation}/configmaps/${name}`,
);
const budgets = ['shop', 'db'].map((name) => `/apis/policy/v1/namespaces/${name}/poddisruptionbudgets`);
const patience = 30_000;

async function empty(admin: KubeClient, path: string): Promise<void> {
  const body = { gracePeriodSeconds: 0, propagationPolicy: 'Background' };
  bodyOrThrow(await admin.send({ method: 'DELETE', path, body }), `clearing ${path}`);
}

const workloads = [
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/statefulsets',
  '/apis/apps/v1/daemonsets',
  '/apis/batch/v1/jobs',
  '/api/v1/replicationcontrollers',
];

/**
 * Workloads that a story added, which would run on the nodes of the next one or conflict with it, and seeded
 * workloads that it changed, which are then seeded again.
 */
async function clearWorkloads(admin: KubeClient): Promise<void> {
  for (const path of workloads) {
    const answer = await admin.send({ method: 'GET', path });
    for (const item of listAt(bodyOrThrow(answer, path), 'items')) {
      const namespace = textAt(item, 'metadata', 'namespace') ?? '';
      const name = textAt(item, 'metadata', 'name') ?? '';
      const isAsSeeded =
        seededWorkloads.includes(`${namespace}/${name}`) && at(item, 'metadata', 'generation') === 1;
      if (!storyNamespaces.has(namespace) || isAsSeeded) continue;
      await empty(admin, `${path.replace(/(?=[^/]+$)/, `namespaces/${namespace}/`)}/${name}`);
    }
  }
}

/** Namespaces that stories add to. */
const storyNamespaces = new Set(['shop', 'db', 'default']);

/**
 * Removes everything of Tugboot's and all machines, and resets the budgets. Labels and annotations are
 * removed with their nodes.
 */
export async function clearCluster({ admin }: TestCluster): Promise<void> {
  for (const path of [...records, ...budgets]) await empty(admin, path);
  await clearWorkloads(admin);
  for (const path of notes) {
    const answer = await admin.send({ method: 'DELETE', path });
    // Not every environment had one.
    if (answer.ok || answer.status.code !== 404) bodyOrThrow(answer, `clearing ${path}`);
  }
  const isEmpty = async (path: string): Promise<boolean> =>
    listAt(bodyOrThrow(await admin.send({ method: 'GET', path }), path), 'items').length === 0;
  await until('the machines are gone', () => isEmpty('/api/v1/nodes'), patience);
}

/**
 * Pods of removed machines would wait for the garbage collector, and pending pods for the scheduler's next
 * attempt.
 */
export async function renewPods({ admin }: TestCluster): Promise<void> {
  for (const namespace of ['shop', 'db', 'kube-system', 'default'])
    await empty(admin, `/api/v1/namespaces/${namespace}/pods`);
}
