import { type JsonObject } from '../kube/json.ts';
import { type Access, createKubeClient } from './kube-client.ts';
import { stopAnnotation } from '../kubelet/pod-runner.ts';

export interface SeedOptions extends Access {
  /** Pods of the database: with its budget, one of three may be missing, none of two. */
  readonly databaseReplicas?: 2 | 3;
  /** A pod without a controller: a drain would lose it. */
  readonly barePod?: boolean;
  /** Multiplies the pods of the Deployments: 1 suits a few nodes. */
  readonly scale?: number;
}

interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly replicas?: number;
  readonly stopSeconds?: number;
  readonly tolerations?: readonly JsonObject[];
}

/** DaemonSets run on control-plane nodes too. */
const everywhere: readonly JsonObject[] = [{ operator: 'Exists' }];

const workloads = (databaseReplicas: number, scale = 1): readonly Workload[] => [
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'web',
    image: 'shop/web:1.42',
    replicas: Math.round(6 * scale),
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'api',
    image: 'shop/api:2.7',
    replicas: Math.round(4 * scale),
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'cart',
    image: 'shop/cart:3.1',
    replicas: Math.round(3 * scale),
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'search',
    image: 'shop/search:0.9',
    replicas: Math.round(2 * scale),
  },
  { kind: 'StatefulSet', namespace: 'db', name: 'pg', image: 'postgres:17', replicas: databaseReplicas },
  {
    kind: 'DaemonSet',
    namespace: 'kube-system',
    name: 'node-exporter',
    image: 'node-exporter:1.9',
    tolerations: everywhere,
  },
  {
    kind: 'DaemonSet',
    namespace: 'kube-system',
    name: 'kube-proxy',
    image: 'kube-proxy:1.36',
    tolerations: everywhere,
  },
];

function workloadObject({
  kind,
  namespace,
  name,
  image,
  replicas,
  stopSeconds,
  tolerations,
}: Workload): JsonObject {
  const labels = { app: name };
  const annotations: JsonObject = stopSeconds === undefined ? {} : { [stopAnnotation]: String(stopSeconds) };
  const containers = [{ name, image }];
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: { containers, ...(tolerations === undefined ? {} : { tolerations }) },
      },
    },
  };
}

const budget = (namespace: string, name: string, limit: JsonObject): JsonObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace },
  spec: { ...limit, selector: { matchLabels: { app: name } } },
});

const barePod: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'debug', namespace: 'default', labels: { app: 'debug' } },
  spec: { containers: [{ name: 'debug', image: 'busybox:1.37' }] },
};

/** `namespace/name` of what is seeded, for code that removes what was added later. */
export const seededWorkloads: readonly string[] = workloads(0).map(
  ({ namespace, name }) => `${namespace}/${name}`,
);

/** Number of pods, without those of DaemonSets, that are seeded by default. */
export const seededReplicas = workloads(3).reduce((sum, { replicas = 0 }) => sum + replicas, 0);

/** A realistic small cluster: a shop, its database, and DaemonSets. Creating it twice changes nothing. */
export async function seedWorkloads({
  databaseReplicas = 3,
  barePod: withBarePod = false,
  scale = 1,
  ...access
}: SeedOptions): Promise<void> {
  const client = createKubeClient({ ...access, name: 'demo-seed' });
  const create = async (path: string, body: JsonObject): Promise<void> => {
    const { status } = await client.send('POST', path, body);
    if (status !== 201 && status !== 409) throw new Error(`seeding ${path}: ${status}`);
  };
  for (const name of ['shop', 'db'])
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const workload of workloads(databaseReplicas, scale)) {
    await create(
      `/apis/apps/v1/namespaces/${workload.namespace}/${workload.kind.toLowerCase()}s`,
      workloadObject(workload),
    );
  }
  const budgets = (namespace: string): string =>
    `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  await create(
    budgets('shop'),
    budget('shop', 'api', { minAvailable: Math.round(4 * scale) - Math.max(1, Math.round(scale / 3)) }),
  );
  await create(budgets('db'), budget('db', 'pg', { minAvailable: 2 }));
  if (withBarePod) await create('/api/v1/namespaces/default/pods', barePod);
  client.close();
}
