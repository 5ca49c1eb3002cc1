import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import { bodyOrThrow, type KubeClient, type KubeRequest } from '../../../src/k8s/api/client.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import { addWorkload, removeWorkload, type WorkloadWish } from './workload-hand.ts';

export interface PodWish {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly controller?:
    | { readonly apiVersion: string; readonly kind: string; readonly name: string }
    | 'none';
  readonly emptyDir?: boolean;
  /** A PersistentVolumeClaim that it mounts. */
  readonly claim?: string;
  readonly mirror?: boolean;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly tolerations?: readonly object[];
  /** Created with the name of its node; others are bound to it, as by a scheduler. */
  readonly named?: boolean;
  readonly graceSeconds?: number;
}

export interface BudgetWish {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly needed: number;
}

/** What other people and machines do to the cluster. */
export interface Hand {
  ask(request: KubeRequest): Promise<unknown>;
  addNode(name: string, labels?: Readonly<Record<string, string>>): Promise<BootTarget>;
  removeNode(name: string): Promise<void>;
  setBoot(name: string, bootId: string): Promise<void>;
  setReady(name: string, ready: boolean): Promise<void>;
  cordonAsOther(name: string): Promise<void>;
  uncordonAsOther(name: string): Promise<void>;
  requestAsOther(name: string, reason: string, how?: 'in their own name'): Promise<string>;
  taintAsOther(name: string, key: string): Promise<void>;
  conditionAsOther(name: string, type: string, reason: string): Promise<void>;
  addPod(node: string, name: string, wish?: PodWish): Promise<string>;
  setPodReady(namespace: string, name: string, ready: boolean): Promise<void>;
  addWorkload(node: string, wish: WorkloadWish): Promise<void>;
  removeWorkload(wish: Pick<WorkloadWish, 'kind' | 'name'>): Promise<void>;
  addBudget(name: string, wish: BudgetWish): Promise<void>;
  setNeeded(name: string, needed: number): Promise<void>;
  podsOn(node: string): Promise<readonly string[]>;
  eventsOf(node: string): Promise<readonly { readonly reason: string; readonly note: string }[]>;
}

const condition = (ready: boolean): unknown => ({ type: 'Ready', status: ready ? 'True' : 'False' });

const nodeStatus = (bootId: string, ready: boolean): unknown => ({
  nodeInfo: { bootID: bootId, kernelVersion: '6.8.0-45-generic', osImage: 'Ubuntu 24.04.1 LTS' },
  conditions: [condition(ready)],
});

const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1' };

type Owner = { readonly apiVersion: string; readonly kind: string; readonly name: string };

function podBody(
  node: string,
  name: string,
  wish: PodWish,
  owner: (Owner & { readonly uid: string }) | undefined,
): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: wish.labels ?? {},
      ...(wish.mirror ? { annotations: { 'kubernetes.io/config.mirror': 'hash' } } : {}),
      ...(owner ? { ownerReferences: [{ ...owner, controller: true }] } : {}),
    },
    spec: {
      ...(isNamed(wish) ? { nodeName: node } : { schedulerName: 'nobody' }),
      ...(wish.tolerations ? { tolerations: wish.tolerations } : {}),
      terminationGracePeriodSeconds: wish.graceSeconds ?? 1,
      containers: [{ name: 'main', image: 'main' }],
      volumes: [
        ...(wish.emptyDir ? [{ name: 'scratch', emptyDir: {} }] : []),
        ...(wish.claim ? [{ name: 'data', persistentVolumeClaim: { claimName: wish.claim } }] : []),
      ],
    },
  };
}

/** A mirror pod is its kubelet's. */
const isNamed = ({ named, mirror }: PodWish): boolean => named === true || mirror === true;

/** What a scheduler asks of the API server. */
export const bindingOf = (name: string, node: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name },
  target: { apiVersion: 'v1', kind: 'Node', name: node },
});

export function handOf(admin: KubeClient): Hand {
  const ask = async (request: KubeRequest): Promise<unknown> =>
    bodyOrThrow(await admin.send(request), `${request.method} ${request.path}`);
  const merge = (path: string, body: unknown): Promise<unknown> =>
    ask({ method: 'PATCH', path, patch: 'merge', body });
  /** It has to exist: what belongs to nothing is collected as garbage. */
  const ownerOf = async (namespace: string, owner: Owner): Promise<Owner & { uid: string }> => {
    const path = `/apis/${owner.apiVersion}/namespaces/${namespace}/${owner.kind.toLowerCase()}s`;
    const labels = { owner: owner.name };
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'main' }] } },
    };
    await admin.send({
      method: 'POST',
      path,
      body: { apiVersion: owner.apiVersion, kind: owner.kind, metadata: { name: owner.name }, spec },
    });
    const found = await ask({ method: 'GET', path: `${path}/${owner.name}` });
    return { ...owner, uid: textAt(found, 'metadata', 'uid') ?? '' };
  };
  const budgetPath = (name: string): string =>
    `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${name}`;
  return {
    ask,
    async addNode(name, labels = {}) {
      const body = {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels },
        spec: {},
        status: nodeStatus('boot-1', true),
      };
      const node = await ask({ method: 'POST', path: paths.nodes, body });
      return { node: name, uid: textAt(node, 'metadata', 'uid') ?? '', bootId: 'boot-1' };
    },
    removeNode: async (name) => void (await ask({ method: 'DELETE', path: paths.node(name) })),
    setBoot: async (name, bootId) =>
      void (await merge(paths.nodeStatus(name), { status: { nodeInfo: { bootID: bootId } } })),
    setReady: async (name, ready) =>
      void (await merge(paths.nodeStatus(name), { status: { conditions: [condition(ready)] } })),
    cordonAsOther: async (name) => void (await merge(paths.node(name), { spec: { unschedulable: true } })),
    uncordonAsOther: async (name) => void (await merge(paths.node(name), { spec: { unschedulable: null } })),
    async requestAsOther(name, reason, how) {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
      const self = await ask({ method: 'POST', path: paths.self, body: review });
      const own = textAt(self, 'status', 'userInfo', 'username') ?? '';
      const annotations = {
        'tugboot.dev/reboot-requested': reason,
        ...(how === undefined ? {} : { 'tugboot.dev/requested-by': own }),
      };
      await merge(paths.node(name), { metadata: { annotations } });
      return own;
    },
    taintAsOther: async (name, key) =>
      void (await merge(paths.node(name), { spec: { taints: [{ key, effect: 'NoSchedule' }] } })),
    conditionAsOther: async (name, type, reason) =>
      void (await ask({
        method: 'PATCH',
        path: paths.nodeStatus(name),
        patch: 'json',
        body: [{ op: 'add', path: '/status/conditions/-', value: { type, status: 'True', reason } }],
      })),
    async addPod(node, name, wish = {}) {
      const namespace = wish.namespace ?? 'default';
      const { controller = replicaSet } = wish;
      const owner = controller === 'none' ? undefined : await ownerOf(namespace, controller);
      const pod = await ask({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/pods`,
        body: podBody(node, name, wish, owner),
      });
      if (!isNamed(wish)) {
        const path = `${paths.pod(namespace, name)}/binding`;
        await ask({ method: 'POST', path, body: bindingOf(name, node) });
      }
      const status = { phase: wish.phase ?? 'Running', conditions: [condition(wish.ready ?? true)] };
      await merge(`${paths.pod(namespace, name)}/status`, { status });
      return textAt(pod, 'metadata', 'uid') ?? '';
    },
    setPodReady: async (namespace, name, ready) =>
      void (await merge(`${paths.pod(namespace, name)}/status`, {
        status: { conditions: [condition(ready)] },
      })),
    addWorkload: (node, wish) => addWorkload(ask, node, wish),
    removeWorkload: (wish) => removeWorkload(ask, wish),
    async addBudget(name, { matchLabels, needed }) {
      const body = {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name },
        spec: { minAvailable: needed, selector: { matchLabels } },
      };
      await ask({ method: 'POST', path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets', body });
    },
    setNeeded: async (name, needed) =>
      void (await merge(budgetPath(name), { spec: { minAvailable: needed } })),
    async podsOn(node) {
      const list = await ask({
        method: 'GET',
        path: paths.pods,
        query: { fieldSelector: `spec.nodeName=${node}` },
      });
      return listAt(list, 'items').map((pod) => textAt(pod, 'metadata', 'name') ?? '');
    },
    async eventsOf(node) {
      const list = await ask({
        method: 'GET',
        path: paths.events('default'),
        query: { fieldSelector: `involvedObject.name=${node}` },
      });
      return listAt(list, 'items').map((event) => ({
        reason: textAt(event, 'reason') ?? '',
        note: textAt(event, 'message') ?? '',
      }));
    },
  };
}
