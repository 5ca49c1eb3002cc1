/** Between two houses in one cluster. What the workload controllers made stays; whose machines are gone goes. */
import { bodyOrThrow, type KubeClient } from '../../../src/k8s/api/client.ts';
import { listAt } from '../../../src/k8s/api/json-value.ts';
import { until } from '../../k8s/world/until.ts';
import { installation } from './install-chart.ts';
import type { TestCluster } from './test-cluster.ts';

const records = [
  '/apis/tugboot.dev/v1alpha1/reboots',
  '/apis/tugboot.dev/v1alpha1/nodeagents',
  '/api/v1/nodes',
  '/api/v1/namespaces/default/events',
];
const notes = ['tugboot-turns', 'tugboot-pauses'].map(
  (name) => `/api/v1/namespaces/${installation}/configmaps/${name}`,
);
const budgets = '/apis/policy/v1/namespaces/db/poddisruptionbudgets';
const patience = 30_000;

async function empty(admin: KubeClient, path: string): Promise<void> {
  const body = { gracePeriodSeconds: 0, propagationPolicy: 'Background' };
  bodyOrThrow(await admin.send({ method: 'DELETE', path, body }), `clearing ${path}`);
}

/** Nothing of Tugboot's, no machines, and budgets as they are seeded. Labels and annotations that were put on a node go with it. */
export async function clearCluster({ admin }: TestCluster): Promise<void> {
  for (const path of [...records, budgets]) await empty(admin, path);
  for (const path of notes) {
    const answer = await admin.send({ method: 'DELETE', path });
    // Not every house had one.
    if (answer.ok || answer.status.code !== 404) bodyOrThrow(answer, `clearing ${path}`);
  }
  const none = async (path: string): Promise<boolean> =>
    listAt(bodyOrThrow(await admin.send({ method: 'GET', path }), path), 'items').length === 0;
  await until('the machines are gone', () => none('/api/v1/nodes'), patience);
}

/** Pods of the machines that are gone would wait for the garbage collector, and pods without a machine for the scheduler to try again. */
export async function renewPods({ admin }: TestCluster): Promise<void> {
  for (const namespace of ['shop', 'db', 'kube-system', 'default'])
    await empty(admin, `/api/v1/namespaces/${namespace}/pods`);
}
