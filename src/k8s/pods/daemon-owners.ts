import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { isDaemonPod, type PodView } from './pod-view.ts';

/** Which DaemonSets exist. Each is looked up once, when the first of its pods is seen. */
export interface DaemonOwners {
  /** Resolves to true if DaemonSets were looked up. At most one request, whatever their number. */
  learn(pods: Iterable<PodView>): Promise<boolean>;
  /** False while it is unknown. */
  isOrphan(pod: PodView): boolean;
}

const ownerOf = (pod: PodView): string | undefined => (isDaemonPod(pod) ? pod.controller?.uid : undefined);

/**
 * A deleted DaemonSet recreates no pod: its pods would be lost, and are garbage-collected soon. Compares
 * UIDs, since a new DaemonSet of the same name does not adopt them. List the pods before the call: then the
 * owners of all pods are in the list of DaemonSets, the newest included.
 */
export function daemonOwners(client: KubeClient): DaemonOwners {
  const alive = new Map<string, boolean>();
  return {
    async learn(pods) {
      const unknown = new Set<string>();
      for (const pod of pods) {
        const owner = ownerOf(pod);
        if (owner !== undefined && !alive.has(owner)) unknown.add(owner);
      }
      if (unknown.size === 0) return false;
      const listed = await listAll(client, { path: paths.daemonSets }, ({ metadata }) => metadata?.uid);
      const there = new Set(listed.items);
      for (const owner of unknown) alive.set(owner, there.has(owner));
      return true;
    },
    isOrphan(pod) {
      const owner = ownerOf(pod);
      return owner !== undefined && alive.get(owner) === false;
    },
  };
}
