/** What runs on the node that is drained: Deployments, and the budgets that guard them. */
import { bodyOrThrow, type KubeClient } from '../../src/k8s/api/client.ts';
import { listAt, numberAt, textAt } from '../../src/k8s/api/json-value.ts';
import { until } from '../k8s/world/until.ts';

export type Budgets = 'no budget' | 'one budget' | 'many budgets' | 'blocked budget';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const budgetsPath = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const perApp = 5;
const patience = 180_000;

const send = async (admin: KubeClient, request: Parameters<KubeClient['send']>[0]): Promise<unknown> =>
  bodyOrThrow(await admin.send(request), `${request.method} ${request.path}`);

const deployment = (name: string, replicas: number): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 30, containers: [{ name: 'main', image: 'main' }] },
    },
  },
});

/** Nothing may go for as long as all are needed. */
const limitOf = (budgets: Budgets, pods: number): object => {
  if (budgets === 'blocked budget') return { minAvailable: pods };
  return { maxUnavailable: budgets === 'one budget' ? '10%' : 1 };
};

export interface Workload {
  /** From now on the budget lets everything go. */
  unblock(): Promise<void>;
  /** As it was made. */
  block(): Promise<void>;
  /** Until every budget has counted all of its pods. */
  counted(): Promise<void>;
  remove(): Promise<void>;
}

export async function deploy(admin: KubeClient, pods: number, budgets: Budgets): Promise<Workload> {
  const size = budgets === 'many budgets' ? perApp : pods;
  const apps = Array.from({ length: pods / size }, (_, index) => `app-${index}`);
  for (const app of apps) {
    await send(admin, { method: 'POST', path: deployments, body: deployment(app, size) });
    if (budgets === 'no budget') continue;
    const spec = { selector: { matchLabels: { app } }, ...limitOf(budgets, pods) };
    const body = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: app }, spec };
    await send(admin, { method: 'POST', path: budgetsPath, body });
  }
  const need = async (minAvailable: number): Promise<void> => {
    if (budgets !== 'blocked budget') return;
    const body = { spec: { minAvailable } };
    await send(admin, { method: 'PATCH', path: `${budgetsPath}/app-0`, patch: 'merge', body });
  };
  return {
    unblock: () => need(0),
    block: () => need(pods),
    counted: () => until('the budgets are counted', () => isCounted(admin, size), patience),
    async remove() {
      const body = { propagationPolicy: 'Background', gracePeriodSeconds: 0 };
      const replicaSets = deployments.replace('deployments', 'replicasets');
      const podsPath = '/api/v1/namespaces/default/pods';
      for (const path of [budgetsPath, deployments, replicaSets, podsPath])
        await send(admin, { method: 'DELETE', path, body });
      await until('the pods are gone', async () => (await list(admin, podsPath)).length === 0, patience);
    },
  };
}

const list = async (admin: KubeClient, path: string): Promise<readonly unknown[]> =>
  listAt(await send(admin, { method: 'GET', path }), 'items');

async function isCounted(admin: KubeClient, size: number): Promise<boolean> {
  const all = await list(admin, budgetsPath);
  return all.every((budget) => {
    const generation = numberAt(budget, 'metadata', 'generation');
    return (
      textAt(budget, 'metadata', 'name') !== undefined &&
      numberAt(budget, 'status', 'observedGeneration') === generation &&
      numberAt(budget, 'status', 'currentHealthy') === size &&
      numberAt(budget, 'status', 'expectedPods') === size
    );
  });
}
