import { type JsonObject, textAt } from '../kube/json.ts';
import { nameOf } from '../kube/objects/object.ts';
import { type KubeClient } from '../world/kube-client.ts';
import { podsPath } from '../controllers/owned-pods.ts';

const namespace = 'kube-system';

/**
 * Marks a mirror pod: deleting it has no effect, since its kubelet runs the pod from a file and recreates the
 * mirror pod.
 */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The mirror pod of a static pod. */
function mirrorPod(name: string, node: JsonObject): JsonObject {
  const nodeName = nameOf(node);
  const owner = {
    apiVersion: 'v1',
    kind: 'Node',
    name: nodeName,
    uid: textAt(node, 'metadata', 'uid'),
    controller: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${nodeName}`,
      namespace,
      labels: { component: name, tier: 'control-plane' },
      annotations: { [mirrorAnnotation]: name, 'kubernetes.io/config.source': 'file' },
      ownerReferences: [owner],
    },
    spec: { nodeName, containers: [{ name, image: `${name}:1.36` }], tolerations: [{ operator: 'Exists' }] },
  };
}

export interface StaticPodsOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly names: readonly string[];
  readonly onError: (error: unknown) => void;
}

/** Creates the missing mirror pods of a node. */
export function createStaticPods({
  client,
  node,
  names,
  onError,
}: StaticPodsOptions): (known: readonly JsonObject[]) => void {
  const underWay = new Set<string>();
  const show = async (name: string): Promise<void> => {
    const { body } = await client.send('GET', `/api/v1/nodes/${node}`);
    // 409: it exists already, and its watch event has not arrived yet.
    const { status } = await client.send('POST', podsPath(namespace), mirrorPod(name, body));
    if (status !== 201 && status !== 409) throw new Error(`mirror pod ${name}-${node}: ${status}`);
  };
  return (known) => {
    for (const name of names) {
      if (underWay.has(name) || known.some((pod) => nameOf(pod) === `${name}-${node}`)) continue;
      underWay.add(name);
      show(name)
        .catch(onError)
        .finally(() => underWay.delete(name));
    }
  };
}
