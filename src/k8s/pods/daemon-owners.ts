import { second, type Clock, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { isDaemonPod, type PodView } from './pod-view.ts';

/** DaemonSets that were listed just now: an assessment and the drain that follows it share their list. */
export interface SeenDaemonSets {
  /** False does not mean that it is gone: it may be newer than the list. */
  has(uid: string): boolean;
  listed(uids: ReadonlySet<string | undefined>): void;
}

const seenFor: Millis = 5 * second;

export function seenDaemonSets(clock: Clock): SeenDaemonSets {
  let last: ReadonlySet<string | undefined> = new Set();
  let until: Instant = Number.NEGATIVE_INFINITY;
  return {
    has: (uid) => clock.now() < until && last.has(uid),
    listed(uids) {
      last = uids;
      until = clock.now() + seenFor;
    },
  };
}

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
export function daemonOwners(client: KubeClient, seen: SeenDaemonSets): DaemonOwners {
  const alive = new Map<string, boolean>();
  return {
    async learn(pods) {
      const unknown = new Set<string>();
      for (const pod of pods) {
        const owner = ownerOf(pod);
        if (owner === undefined || alive.has(owner)) continue;
        if (seen.has(owner)) alive.set(owner, true);
        else unknown.add(owner);
      }
      if (unknown.size === 0) return false;
      const listed = await listAll(client, { path: paths.daemonSets }, ({ metadata }) => metadata?.uid);
      const there = new Set(listed.items);
      seen.listed(there);
      for (const owner of unknown) alive.set(owner, there.has(owner));
      return true;
    },
    isOrphan(pod) {
      const owner = ownerOf(pod);
      return owner !== undefined && alive.get(owner) === false;
    },
  };
}
