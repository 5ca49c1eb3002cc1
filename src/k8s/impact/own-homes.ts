import type { Clock } from '../../reboot/ports/time.ts';
import { minute, type Instant } from '../../reboot/ports/time.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { textAt } from '../api/json-value.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { canHave, fits, placeOf, type Place } from './placement.ts';
import { isDaemonPod, titleOf, type PodView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';

/** Whether another node would take our own pods. */
export interface OwnHomes {
  /** Resolves to whether an answer has changed. Asks nobody while no pod of ours is on the node. */
  learn(pods: Iterable<PodView>): Promise<boolean>;
  /** No other node would take this pod of ours: evicted, it would wait for this very one. */
  hasNone(pod: PodView): boolean;
  /** For people, one for each pod that stays. */
  sentences(): readonly string[];
}

export interface OwnHomesDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly node: string;
  readonly isOwn: (pod: PodView) => boolean;
}

/** Nodes come and go while a drain waits for its budgets. */
const goodFor = minute;

/**
 * On a cluster with nowhere to go the bot and its queue stay, go down with the node and come back with it.
 * Evicted, they would wait for a node that nobody could uncordon but they themselves.
 */
export function ownHomes({ client, clock, node, isOwn }: OwnHomesDeps): OwnHomes {
  let homeless = new Map<string, string>();
  let asked: { readonly at: Instant; readonly uids: ReadonlySet<string> } | undefined;
  return {
    async learn(pods) {
      const own = [...pods].filter((pod) => pod.node === node && isOwn(pod) && !isDaemonPod(pod));
      const now = clock.now();
      const isOld = asked === undefined || now - asked.at >= goodFor;
      if (own.length === 0 || (!isOld && own.every(({ uid }) => asked?.uids.has(uid)))) return false;
      const found = await findHomeless(client, node, own);
      asked = { at: now, uids: new Set(own.map(({ uid }) => uid)) };
      const changed = found.size !== homeless.size || [...found.keys()].some((uid) => !homeless.has(uid));
      homeless = found;
      return changed;
    },
    hasNone: ({ uid }) => homeless.has(uid),
    sentences: () =>
      [...homeless.values()].map(
        (title) =>
          `${title} stays: no other node would take it. It goes down with this one and comes back with it.`,
      ),
  };
}

/** Titles by UID. */
async function findHomeless(
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
    const pod = pods.find((one) => textAt(one, 'metadata', 'uid') === view.uid);
    if (pod === undefined) continue;
    const volumes = await volumesOf(client, view);
    const isHome = (place: Place): boolean =>
      fits(pod, place) && volumes.every((volume) => canHave(volume, place));
    if (!others.some(isHome)) staying.set(view.uid, titleOf(view));
  }
  return staying;
}

/** A volume on a disk of the node itself goes nowhere. */
async function volumesOf(client: KubeClient, { namespace, claims }: PodView): Promise<readonly unknown[]> {
  const volumes = claims.map(async (claim) => {
    const bound = textAt(await read(client, paths.claim(namespace, claim)), 'spec', 'volumeName');
    return bound === undefined ? undefined : read(client, paths.volume(bound));
  });
  return Promise.all(volumes);
}

/** Undefined for what is gone, or not for our eyes: then it is no reason to stay. */
async function read(client: KubeClient, path: string): Promise<unknown> {
  const answer = await client.send({ method: 'GET', path });
  if (!answer.ok && [403, 404].includes(answer.status.code)) return undefined;
  return bodyOrThrow(answer, `reading ${path}`);
}
