import type { KubeRequest } from '../../../src/k8s/api/client.ts';
import { numberAt, textAt } from '../../../src/k8s/api/json-value.ts';
import type { WorkloadKind } from '../../../src/reboot/nodes/workloads.ts';

export interface WorkloadWish {
  readonly kind: WorkloadKind | 'DaemonSet' | 'Job';
  readonly name: string;
  /** Wished for. */
  readonly replicas: number;
  /** Counted by its controller. */
  readonly ready: number;
}

type Ask = (request: KubeRequest) => Promise<unknown>;

interface Sort {
  readonly apiVersion: string;
  readonly path: string;
}
const apps = (plural: string): Sort => ({
  apiVersion: 'apps/v1',
  path: `/apis/apps/v1/namespaces/default/${plural}`,
});
const sorts: Readonly<Record<WorkloadWish['kind'], Sort>> = {
  Deployment: apps('deployments'),
  ReplicaSet: apps('replicasets'),
  StatefulSet: apps('statefulsets'),
  DaemonSet: apps('daemonsets'),
  ReplicationController: { apiVersion: 'v1', path: '/api/v1/namespaces/default/replicationcontrollers' },
  Job: { apiVersion: 'batch/v1', path: '/apis/batch/v1/namespaces/default/jobs' },
};
const hash = '5d8f7c9b64';

/**
 * What a workload controller would have made by now: the objects, their counts, and one pod of it on the
 * node.
 */
export async function addWorkload(ask: Ask, node: string, wish: WorkloadWish): Promise<void> {
  // The demo knows no Jobs, and nobody asks for them: that the pod names one is enough.
  const owner = wish.kind === 'Job' ? { ...wish, uid: 'of-a-job' } : await made(ask, wish);
  const isDeployment = wish.kind === 'Deployment';
  const set = { ...wish, kind: 'ReplicaSet', name: `${wish.name}-${hash}` } as const;
  const controller = isDeployment ? await made(ask, set, reference(owner)) : owner;
  await ask({
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${wish.name}-on-${node}`,
        labels: { app: wish.name, ...(isDeployment ? { 'pod-template-hash': hash } : {}) },
        ownerReferences: [reference(controller)],
      },
      spec: { nodeName: node, containers: [{ name: 'main', image: 'main' }] },
    },
  });
}

/** What its controller counts later. */
export async function countReady(ask: Ask, { kind, name, replicas, ready }: WorkloadWish): Promise<void> {
  const path = `${sorts[kind].path}/${name}`;
  const observedGeneration = numberAt(await ask({ method: 'GET', path }), 'metadata', 'generation') ?? 0;
  const counted = { replicas, readyReplicas: ready, observedGeneration };
  await ask({
    method: 'PATCH',
    path: `${path}/status`,
    patch: 'merge',
    body: { status: kind === 'DaemonSet' ? {} : counted },
  });
}

/** Nobody collects them where no controller runs. */
export async function removeWorkload(
  ask: Ask,
  { kind, name }: Pick<WorkloadWish, 'kind' | 'name'>,
): Promise<void> {
  if (kind === 'Job') return;
  if (kind === 'Deployment')
    await ask({ method: 'DELETE', path: `${sorts.ReplicaSet.path}/${name}-${hash}` });
  await ask({ method: 'DELETE', path: `${sorts[kind].path}/${name}` });
}

type Made = WorkloadWish & { readonly uid: string };

const reference = ({ kind, name, uid }: Made): unknown => ({
  apiVersion: sorts[kind].apiVersion,
  kind,
  name,
  uid,
  controller: true,
});

async function made(ask: Ask, wish: WorkloadWish, owner?: unknown): Promise<Made> {
  const { kind, name, replicas } = wish;
  const { apiVersion, path } = sorts[kind];
  const labels = { app: name };
  const isOld = kind === 'ReplicationController';
  const object = await ask({
    method: 'POST',
    path,
    body: {
      apiVersion,
      kind,
      metadata: { name, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
      spec: {
        ...(kind === 'DaemonSet' ? {} : { replicas }),
        ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
        selector: isOld ? labels : { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'main' }] } },
      },
    },
  });
  await countReady(ask, wish);
  return { ...wish, uid: textAt(object, 'metadata', 'uid') ?? '' };
}
