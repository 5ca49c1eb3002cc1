import { type JsonObject } from '../kube/json.ts';
import { type Answer, type KubeClient } from './kube-client.ts';
import { createMirror, type Mirror, type MirrorOptions } from '../kubelet/mirror.ts';

/** The mirrors that the controllers read, and their writes. */
export interface ClusterView {
  readonly nodes: Mirror;
  readonly pods: Mirror;
  readonly deployments: Mirror;
  readonly replicaSets: Mirror;
  readonly statefulSets: Mirror;
  readonly daemonSets: Mirror;
  readonly budgets: Mirror;
  readonly leases: Mirror;
  readonly now: () => number;
  /**
   * Sends a write; its response is applied to the mirror at once. A conflict with another writer is not an
   * error: the next reconcile handles it.
   */
  write(mirror: Mirror, request: WriteRequest): Promise<Answer>;
}

export interface WriteRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject;
  readonly contentType?: string;
}

/** Responses after which the next reconcile starts from newer state. */
const overtaken: ReadonlySet<number> = new Set([404, 409]);

export function createClusterView(options: Omit<MirrorOptions, 'path' | 'query'>): ClusterView {
  const mirror = (path: string): Mirror => createMirror({ ...options, path });
  const apps = '/apis/apps/v1';
  return {
    nodes: mirror('/api/v1/nodes'),
    pods: mirror('/api/v1/pods'),
    deployments: mirror(`${apps}/deployments`),
    replicaSets: mirror(`${apps}/replicasets`),
    statefulSets: mirror(`${apps}/statefulsets`),
    daemonSets: mirror(`${apps}/daemonsets`),
    budgets: mirror('/apis/policy/v1/poddisruptionbudgets'),
    leases: mirror('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'),
    now: () => options.timers.now(),
    write: (into, request) => send(options.client, into, request),
  };
}

async function send(
  client: KubeClient,
  into: Mirror,
  { method, path, body, contentType }: WriteRequest,
): Promise<Answer> {
  const answer = await client.send(method, path, body, contentType);
  if (answer.status < 300) into.apply(answer.body);
  else if (!overtaken.has(answer.status))
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
