import { createHash } from 'node:crypto';
import { at, type JsonObject, numberAt, objectAt, sameJson, stringsAt } from '../kube/json.ts';
import { generationOf, isTerminating, nameOf, namespaceOf, uidOf } from '../kube/objects/object.ts';
import { type ClusterView } from '../world/cluster-view.ts';
import { patchTypes } from '../world/kube-client.ts';
import { keyOf } from '../kubelet/mirror.ts';
import { controllerUid, isActive, isReady, nodeOf, ownerReference, podFor, podsPath } from './owned-pods.ts';

const path = (plural: string, object: JsonObject): string =>
  `/apis/apps/v1/namespaces/${namespaceOf(object)}/${plural}/${nameOf(object)}`;
const replicasOf = (object: JsonObject): number => numberAt(object, 'spec', 'replicas') ?? 1;
const owned = (view: ClusterView, owner: JsonObject): readonly JsonObject[] =>
  view.pods.all().filter((pod) => controllerUid(pod) === uidOf(owner));

/** A Deployment has one current ReplicaSet for its template; older ones are scaled to zero. */
export async function reconcileDeployment(view: ClusterView, deployment: JsonObject): Promise<void> {
  const hash = createHash('sha256')
    .update(JSON.stringify(at(deployment, 'spec', 'template') ?? null))
    .digest('hex')
    .slice(0, 10);
  const sets = view.replicaSets.all().filter((set) => controllerUid(set) === uidOf(deployment));
  const name = `${nameOf(deployment)}-${hash}`;
  const current = sets.find((set) => nameOf(set) === name);
  if (current === undefined) {
    const collection = `/apis/apps/v1/namespaces/${namespaceOf(deployment)}/replicasets`;
    await view.write(view.replicaSets, {
      method: 'POST',
      path: collection,
      body: replicaSetFor(deployment, name, hash),
    });
  }
  for (const set of sets) {
    const wanted = set === current ? replicasOf(deployment) : 0;
    if (replicasOf(set) === wanted) continue;
    await view.write(view.replicaSets, {
      method: 'PATCH',
      path: path('replicasets', set),
      body: { spec: { replicas: wanted } },
      contentType: patchTypes.merge,
    });
  }
  const pods = sets.flatMap((set) => owned(view, set)).filter(isActive);
  await writeStatus(view, {
    plural: 'deployments',
    object: deployment,
    status: replicaStatus(deployment, pods),
  });
}

function replicaSetFor(deployment: JsonObject, name: string, hash: string): JsonObject {
  const template = objectAt(deployment, 'spec', 'template');
  const labels = { ...stringsAt(template, 'metadata', 'labels'), 'pod-template-hash': hash };
  const selector = objectAt(deployment, 'spec', 'selector');
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, labels, ownerReferences: [ownerReference(deployment, 'Deployment')] },
    spec: {
      replicas: replicasOf(deployment),
      selector: {
        ...selector,
        matchLabels: { ...stringsAt(selector, 'matchLabels'), 'pod-template-hash': hash },
      },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  };
}

/**
 * Creates and deletes pods up to `replicas`. Terminating pods are not counted, so that a replacement starts
 * while the old pod still stops.
 */
export async function reconcileReplicaSet(view: ClusterView, set: JsonObject): Promise<void> {
  const active = owned(view, set).filter(isActive);
  for (let missing = replicasOf(set) - active.length; missing > 0; missing -= 1) {
    const body = podFor(set, 'ReplicaSet', { generateName: `${nameOf(set)}-` });
    await view.write(view.pods, { method: 'POST', path: podsPath(namespaceOf(set)), body });
  }
  // Pods that are not ready are deleted first.
  const surplus = [...active]
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, active.length - replicasOf(set)));
  for (const pod of surplus) await deletePod(view, pod);
  await writeStatus(view, { plural: 'replicasets', object: set, status: replicaStatus(set, active) });
}

/**
 * Pods in order of their ordinals: one is created only when all lower ones are ready and the old pod of its
 * name is gone.
 */
export async function reconcileStatefulSet(view: ClusterView, set: JsonObject): Promise<void> {
  const pods = owned(view, set);
  for (let index = 0; index < replicasOf(set); index += 1) {
    const name = `${nameOf(set)}-${index}`;
    const pod = view.pods.get(`${namespaceOf(set)}/${name}`);
    if (pod === undefined) {
      const labels = {
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(index),
      };
      await view.write(view.pods, {
        method: 'POST',
        path: podsPath(namespaceOf(set)),
        body: podFor(set, 'StatefulSet', { name, labels }),
      });
    }
    if (pod === undefined || !isReady(pod) || isTerminating(pod)) break;
  }
  const surplus = pods.filter(
    (pod) => Number(nameOf(pod).slice(nameOf(set).length + 1)) >= replicasOf(set) && !isTerminating(pod),
  );
  for (const pod of surplus) await deletePod(view, pod);
  await writeStatus(view, {
    plural: 'statefulsets',
    object: set,
    status: replicaStatus(set, pods.filter(isActive)),
  });
}

/** One pod on each node, including nodes that are cordoned or not ready. */
export async function reconcileDaemonSet(view: ClusterView, set: JsonObject): Promise<void> {
  const pods = owned(view, set);
  const selector = Object.entries(stringsAt(set, 'spec', 'template', 'spec', 'nodeSelector'));
  const nodes = view.nodes.all().filter((node) => {
    const labels = stringsAt(node, 'metadata', 'labels');
    return selector.every(([key, value]) => labels[key] === value);
  });
  const served = new Set(pods.filter(isActive).map((pod) => nodeOf(pod) || pinnedNode(pod)));
  for (const node of nodes) {
    if (served.has(nameOf(node))) continue;
    await view.write(view.pods, {
      method: 'POST',
      path: podsPath(namespaceOf(set)),
      body: pinned(podFor(set, 'DaemonSet', { generateName: `${nameOf(set)}-` }), nameOf(node)),
    });
  }
  const active = pods.filter(isActive);
  const ready = active.filter(isReady).length;
  await writeStatus(view, {
    plural: 'daemonsets',
    object: set,
    status: {
      observedGeneration: generationOf(set),
      desiredNumberScheduled: nodes.length,
      currentNumberScheduled: active.length,
      updatedNumberScheduled: active.length,
      numberReady: ready,
      numberAvailable: ready,
      numberMisscheduled: 0,
    },
  });
}

/**
 * The DaemonSet controller sets a node affinity to the node's name, and leaves the binding to the scheduler.
 */
function pinned(pod: JsonObject, node: string): JsonObject {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
  return { ...pod, spec: { ...objectAt(pod, 'spec'), affinity: { nodeAffinity } } };
}

/** The node of a DaemonSet's pod. */
export function pinnedNode(pod: JsonObject): string | undefined {
  const required = at(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  const text = JSON.stringify(at(required, 'nodeSelectorTerms') ?? null);
  return /"key":"metadata\.name","operator":"In","values":\["([^"]+)"\]/.exec(text)?.[1];
}

/** With the pod's UID as precondition: a new pod of the same name is not deleted. */
export async function deletePod(
  view: ClusterView,
  pod: JsonObject,
  gracePeriodSeconds?: number,
): Promise<void> {
  const body = {
    preconditions: { uid: uidOf(pod) },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
  await view.write(view.pods, {
    method: 'DELETE',
    path: `${podsPath(namespaceOf(pod))}/${nameOf(pod)}`,
    body,
  });
}

function replicaStatus(owner: JsonObject, active: readonly JsonObject[]): JsonObject {
  const ready = active.filter(isReady).length;
  return {
    observedGeneration: generationOf(owner),
    replicas: active.length,
    readyReplicas: ready,
    availableReplicas: ready,
    updatedReplicas: active.length,
  };
}

interface StatusWrite {
  readonly plural: 'deployments' | 'replicasets' | 'statefulsets' | 'daemonsets';
  readonly object: JsonObject;
  readonly status: JsonObject;
}

/** Only if it changed: every write is an event for all watches. */
async function writeStatus(view: ClusterView, { plural, object, status }: StatusWrite): Promise<void> {
  const mirrors = {
    deployments: view.deployments,
    replicasets: view.replicaSets,
    statefulsets: view.statefulSets,
    daemonsets: view.daemonSets,
  };
  const current = mirrors[plural].get(keyOf(object));
  if (current === undefined || sameJson(objectAt(current, 'status'), status)) return;
  await view.write(mirrors[plural], {
    method: 'PATCH',
    path: `${path(plural, object)}/status`,
    body: { status },
    contentType: patchTypes.merge,
  });
}
