import type { DaemonPod } from '../../reboot/nodes/observation.ts';
import type { DrainRequest } from '../../reboot/ports/cluster/drains.ts';
import type { KubeClient } from '../api/client.ts';
import { daemonsNotReady, podView, type PodView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';

interface Begun {
  readonly client: KubeClient;
  /** The drain's first list. */
  readonly pods: Iterable<PodView>;
  readonly isReady: boolean;
}

/**
 * DaemonSet pods that are not ready before the first eviction. On a node that is not Ready no pod is ready,
 * which says nothing about its DaemonSets. With a pod selector the drain does not list them all.
 */
export async function brokenDaemons(
  { client, pods, isReady }: Begun,
  { target, policy }: Pick<DrainRequest, 'target' | 'policy'>,
): Promise<readonly DaemonPod[]> {
  if (!isReady) return [];
  if (policy.podSelector === undefined) return daemonsNotReady([...pods]);
  return daemonsNotReady(await listPods(client, podsOnNode(target.node), podView));
}
