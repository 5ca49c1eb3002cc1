import { at, type JsonObject, listAt, stringsAt, textAt } from '../kube/json.ts';
import { isTerminating, nameOf, namespaceOf } from '../kube/objects/object.ts';
import { type World, type WorldNode, type WorldPod } from './view.ts';
import { type Access, createKubeClient } from './kube-client.ts';
import { type Kubelet } from '../kubelet/kubelet.ts';
import { createMirror } from '../kubelet/mirror.ts';
import { isReady, nodeOf } from '../controllers/owned-pods.ts';
import { type Timers } from './timers.ts';

export interface WorldOptions extends Access {
  readonly kubelets: readonly Kubelet[];
  readonly timers: Timers;
}

export interface LiveWorld extends World {
  stop(): void;
}

const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';

/** The world as the page draws it: nodes and pods of the API, and the state of the machines themselves. */
export async function createWorld({ url, token, kubelets, timers }: WorldOptions): Promise<LiveWorld> {
  const stopping = new AbortController();
  const client = createKubeClient({ url, token, name: 'demo-world' });
  const listeners = new Set<() => void>();
  const onChange = (): void => listeners.forEach((listener) => listener());
  const follow = { client, timers, signal: stopping.signal, onChange };
  const nodes = createMirror({ ...follow, path: '/api/v1/nodes' });
  const pods = createMirror({ ...follow, path: '/api/v1/pods' });
  const machines = new Map(kubelets.map((kubelet) => [kubelet.name, kubelet]));
  const unsubscribe = kubelets.map((kubelet) => kubelet.subscribe(onChange));
  await Promise.all([nodes.ready, pods.ready]);

  return {
    view: () => {
      const byNode = Map.groupBy(pods.all(), nodeOf);
      const view = (node: JsonObject): WorldNode =>
        worldNode(node, byNode.get(nameOf(node)) ?? [], machines.get(nameOf(node)));
      return { nodes: nodes.all().map(view).sort(byName) };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    aptUpgrade: async (name) => {
      const machine = machines.get(name);
      if (machine === undefined) throw new Error(`no machine is called ${name}`);
      await machine.host.aptUpgrade();
    },
    async patchWorkers() {
      const workers = nodes.all().filter((node) => !isControlPlane(node));
      await Promise.all(workers.map(async (node) => machines.get(nameOf(node))?.host.aptUpgrade()));
    },
    stop() {
      stopping.abort();
      unsubscribe.forEach((stop) => stop());
      client.close();
    },
  };
}

const isControlPlane = (node: JsonObject): boolean =>
  stringsAt(node, 'metadata', 'labels')[controlPlaneLabel] !== undefined;

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1;

function worldNode(node: JsonObject, pods: readonly JsonObject[], machine: Kubelet | undefined): WorldNode {
  return {
    name: nameOf(node),
    controlPlane: isControlPlane(node),
    ready: isReady(node),
    cordoned: at(node, 'spec', 'unschedulable') === true,
    power: machine?.power() ?? 'on',
    kernel: textAt(node, 'status', 'nodeInfo', 'kernelVersion'),
    bootId: textAt(node, 'status', 'nodeInfo', 'bootID'),
    sentinel: machine?.host.hasSentinel() ?? false,
    pods: pods.map(worldPod).sort(byName),
  };
}

function worldPod(pod: JsonObject): WorldPod {
  const owner = ownerKind(pod);
  return {
    namespace: namespaceOf(pod),
    name: nameOf(pod),
    state: podState(pod),
    ...(owner === undefined ? {} : { owner }),
  };
}

/** A Deployment's pods are shown with the Deployment, not with the ReplicaSet in between. */
function ownerKind(pod: JsonObject): string | undefined {
  const kind = textAt(
    listAt(pod, 'metadata', 'ownerReferences').find((owner) => at(owner, 'controller') === true),
    'kind',
  );
  if (kind === '') return undefined;
  return kind === 'ReplicaSet' ? 'Deployment' : kind;
}

function podState(pod: JsonObject): WorldPod['state'] {
  if (isTerminating(pod)) return 'terminating';
  if (isReady(pod)) return 'running';
  return nodeOf(pod) === '' ? 'pending' : 'starting';
}
