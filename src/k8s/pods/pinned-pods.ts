import type { V1PersistentVolume } from '@kubernetes/client-node';
import { type Clock, minute, type Instant } from '../../reboot/time/time.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import type { Path, Received } from '../api/received.ts';
import { isVolumeAvailable, fits, placeOf, type Place } from '../placement/placement.ts';
import { isDaemonPod, titleOf, type PodView } from './pod-view.ts';
import { listPods, podsOnNode } from './pods-on-node.ts';

/** Whether another node could take Tugboot's own pods. */
export interface PinnedPods {
  /** Resolves to whether an answer has changed. Sends no request while none of these pods is on the node. */
  learn(pods: Iterable<PodView>): Promise<boolean>;
  /** True if no other node could take the pod: once evicted, it would wait for this node. */
  isPinned(pod: PodView): boolean;
  /** One sentence for each pod that stays, for display. */
  sentences(): readonly string[];
}

export interface PinnedPodsDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly node: string;
  readonly isOwn: (pod: PodView) => boolean;
}

/** Cache lifetime: nodes come and go while a drain waits for budgets. */
const cachedFor = minute;

/**
 * Where no other node can take them, the bot and its Redis stay, go down with the node and come back with it.
 * Evicted, they would wait for a node that only they can uncordon.
 */
export function pinnedPods({ client, clock, node, isOwn }: PinnedPodsDeps): PinnedPods {
  let pinned = new Map<string, string>();
  let lastRead: { readonly at: Instant; readonly uids: ReadonlySet<string> } | undefined;
  return {
    async learn(pods) {
      const own = [...pods].filter((pod) => pod.node === node && isOwn(pod) && !isDaemonPod(pod));
      const now = clock.now();
      const isOld = lastRead === undefined || now - lastRead.at >= cachedFor;
      if (own.length === 0 || (!isOld && own.every(({ uid }) => lastRead?.uids.has(uid)))) return false;
      const found = await findPinned(client, node, own);
      lastRead = { at: now, uids: new Set(own.map(({ uid }) => uid)) };
      const changed = found.size !== pinned.size || [...found.keys()].some((uid) => !pinned.has(uid));
      pinned = found;
      return changed;
    },
    isPinned: ({ uid }) => pinned.has(uid),
    sentences: () =>
      [...pinned.values()].map(
        (title) =>
          `${title} stays: no other node would take it. It goes down with this one and comes back with it.`,
      ),
  };
}

/** Titles by UID. */
async function findPinned(
  client: KubeClient,
  node: string,
  own: readonly PodView[],
): Promise<Map<string, string>> {
  const [pods, { items: places }] = await Promise.all([
    listPods(client, podsOnNode(node), (pod) => pod),
    listAll(client, { path: paths.nodes }, placeOf),
  ]);
  const others = places.filter(({ name }) => name !== node);
  const staying = new Map<string, string>();
  for (const view of own) {
    const pod = pods.find(({ metadata }) => metadata?.uid === view.uid);
    if (pod === undefined) continue;
    const volumes = await volumesOf(client, view);
    const accepts = (place: Place): boolean =>
      fits(pod, place) && volumes.every((volume) => isVolumeAvailable(volume, place));
    if (!others.some(accepts)) staying.set(view.uid, titleOf(view));
  }
  return staying;
}

/** The bound volumes of a pod: a node-local volume pins it to its node. */
async function volumesOf(
  client: KubeClient,
  { namespace, claims }: PodView,
): Promise<readonly Received<V1PersistentVolume>[]> {
  const volumes = claims.map(async (claim) => {
    const bound = (await read(client, paths.claim(namespace, claim)))?.spec?.volumeName;
    return bound === undefined ? undefined : read(client, paths.volume(bound));
  });
  return (await Promise.all(volumes)).filter((volume) => volume !== undefined);
}

/** Undefined for an object that is gone, or that the rights do not cover: neither pins the pod. */
async function read<O>(client: KubeClient, path: Path<O>): Promise<Received<O> | undefined> {
  const answer = await client.send({ method: 'GET', path });
  if (!answer.ok && [403, 404].includes(answer.status.code)) return undefined;
  return bodyOrThrow(answer, `reading ${path}`) as Received<O>;
}
