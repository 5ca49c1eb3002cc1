import type { KubeClient } from '../api/client.ts';
import { textAt } from '../api/json-value.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { isDaemonPod, type PodView } from './pod-view.ts';

/** Which DaemonSets are there. Each is looked up once, when the first of its pods is seen. */
export interface DaemonOwners {
  /** Resolves to whether anything new was learned. One request at most, however many DaemonSets. */
  learn(pods: Iterable<PodView>): Promise<boolean>;
  /** False for as long as it is not known. */
  isOrphan(pod: PodView): boolean;
}

const ownerOf = (pod: PodView): string | undefined => (isDaemonPod(pod) ? pod.controller?.uid : undefined);

/**
 * A DaemonSet that is gone makes no new pod: its pod would be lost, and is collected as garbage soon. By UID,
 * since one of the same name would not take it over. Pods have to be listed before: a DaemonSet that is
 * younger than the list is then no stranger.
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
      const listed = await listAll(client, { path: paths.daemonSets }, (set) =>
        textAt(set, 'metadata', 'uid'),
      );
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
