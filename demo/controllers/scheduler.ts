import { at, type Json, type JsonObject, listAt, stringsAt, textAt } from '../kube/json.ts';
import { isTerminating, nameOf, namespaceOf, uidOf } from '../kube/objects/object.ts';
import { type ClusterView } from '../world/cluster-view.ts';
import { controllerUid, isFinished, isReady, nodeOf, podsPath } from './owned-pods.ts';
import { pinnedNode } from './workloads.ts';

/** Binds pending pods to the node with the fewest pods, and spreads the pods of one owner. */
export async function schedule(view: ClusterView): Promise<void> {
  for (const pod of view.pods.all()) {
    if (nodeOf(pod) !== '' || isTerminating(pod) || isFinished(pod)) continue;
    const node = chooseNode(pod, view.nodes.all(), view.pods.all());
    if (node === undefined) continue;
    const path = `${podsPath(namespaceOf(pod))}/${nameOf(pod)}/binding`;
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: nameOf(pod), uid: uidOf(pod) },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    await view.write(view.pods, { method: 'POST', path, body });
    // The response to a binding is a Status. The pod is read back, otherwise the next decision would not
    // count it.
    await view.write(view.pods, { method: 'GET', path: `${podsPath(namespaceOf(pod))}/${nameOf(pod)}` });
  }
}

/** Pure. Undefined if no node fits: the pod stays pending. */
export function chooseNode(
  pod: JsonObject,
  nodes: readonly JsonObject[],
  pods: readonly JsonObject[],
): string | undefined {
  const pin = pinnedNode(pod);
  if (pin !== undefined) return nodes.some((node) => nameOf(node) === pin) ? pin : undefined;
  const load = loadOf(controllerUid(pod), pods);
  const fitting = nodes.filter((node) => fits(pod, node));
  return fitting
    .map((node) => ({ name: nameOf(node), load: load.get(nameOf(node)) ?? 0 }))
    .sort((a, b) => a.load - b.load || (a.name < b.name ? -1 : 1))[0]?.name;
}

/** How much each node carries; pods of the same owner weigh most. */
function loadOf(owner: string, pods: readonly JsonObject[]): ReadonlyMap<string, number> {
  const load = new Map<string, number>();
  for (const pod of pods) {
    if (nodeOf(pod) === '' || isFinished(pod)) continue;
    const weight = owner !== '' && controllerUid(pod) === owner ? 1001 : 1;
    load.set(nodeOf(pod), (load.get(nodeOf(pod)) ?? 0) + weight);
  }
  return load;
}

/** The taint by which the scheduler respects a cordon, even before the node controller has added it. */
const cordon: JsonObject = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Checks readiness, the node selector, taints and the cordon: what a drain relies on. */
function fits(pod: JsonObject, node: JsonObject): boolean {
  if (!isReady(node) || isTerminating(node)) return false;
  const labels = stringsAt(node, 'metadata', 'labels');
  const selected = Object.entries(stringsAt(pod, 'spec', 'nodeSelector')).every(
    ([key, value]) => labels[key] === value,
  );
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const isCordoned = at(node, 'spec', 'unschedulable') === true;
  const taints = [...listAt(node, 'spec', 'taints'), ...(isCordoned ? [cordon] : [])];
  const tolerated = taints
    .filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule')
    .every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));
  return selected && tolerated;
}

/**
 * An empty effect matches all effects; an empty key with `Exists` matches all keys ("Taints and
 * Tolerations").
 */
function tolerates(toleration: Json, taint: Json): boolean {
  const [key, effect] = [textAt(toleration, 'key'), textAt(toleration, 'effect')];
  const exists = textAt(toleration, 'operator') === 'Exists';
  if (effect !== '' && effect !== textAt(taint, 'effect')) return false;
  if (key === '') return exists;
  return key === textAt(taint, 'key') && (exists || textAt(toleration, 'value') === textAt(taint, 'value'));
}
