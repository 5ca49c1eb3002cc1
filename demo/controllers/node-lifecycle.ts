import { type JsonObject, listAt, textAt } from '../kube/json.ts';
import { conditionStatus, inSeconds, isTerminating, nameOf, namespaceOf } from '../kube/objects/object.ts';
import { type ClusterView } from '../world/cluster-view.ts';
import { patchTypes } from '../world/kube-client.ts';
import { isReady, nodeOf, podsPath } from './owned-pods.ts';
import { deletePod } from './workloads.ts';

/**
 * The node lifecycle controller: a node whose lease is not renewed becomes Unknown, pods on nodes that are
 * not ready become not ready, and pods of deleted nodes are removed.
 */
export async function watchNodes(view: ClusterView, grace: number): Promise<void> {
  for (const node of view.nodes.all()) {
    if (isSilent(view, node, grace) && conditionStatus(node, 'Ready') !== 'Unknown')
      await markUnknown(view, node);
  }
  const nodes = new Map(view.nodes.all().map((node) => [nameOf(node), node]));
  for (const pod of view.pods.all()) {
    const node = nodes.get(nodeOf(pod));
    if (nodeOf(pod) === '') continue;
    if (node === undefined) await deletePod(view, pod, 0);
    else if (!isReady(node) && isReady(pod)) await markNotReady(view, pod);
  }
}

function isSilent(view: ClusterView, node: JsonObject, grace: number): boolean {
  const lease = view.leases.get(`kube-node-lease/${nameOf(node)}`);
  const renewed = Date.parse(textAt(lease, 'spec', 'renewTime'));
  // A node without a lease has no simulated kubelet: it is left as it is.
  return !Number.isNaN(renewed) && view.now() - renewed > grace;
}

async function markUnknown(view: ClusterView, node: JsonObject): Promise<void> {
  const condition = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: inSeconds(view.now()),
  };
  const path = `/api/v1/nodes/${nameOf(node)}/status`;
  await view.write(view.nodes, {
    method: 'PATCH',
    path,
    body: { status: { conditions: [condition] } },
    contentType: patchTypes.strategic,
  });
}

async function markNotReady(view: ClusterView, pod: JsonObject): Promise<void> {
  if (isTerminating(pod)) return;
  const conditions = listAt(pod, 'status', 'conditions')
    .filter((condition) => textAt(condition, 'type') === 'Ready')
    .map(() => ({ type: 'Ready', status: 'False', lastTransitionTime: inSeconds(view.now()) }));
  const path = `${podsPath(namespaceOf(pod))}/${nameOf(pod)}/status`;
  await view.write(view.pods, {
    method: 'PATCH',
    path,
    body: { status: { conditions } },
    contentType: patchTypes.strategic,
  });
}
