import type { RoomEstimate } from '../../reboot/state/drain-facts.ts';
import type { KubeClient } from '../api/client.ts';
import { isFinished, podView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { plus, requestsOfPod } from './resource-requests.ts';
import { fits } from './placement.ts';
import {
  hasRoom,
  inPlacingOrder,
  type Looked,
  type Mover,
  noUsage,
  place,
  type Placing,
  type Reasons,
  type Space,
  type Usage,
  whyHomeless,
} from './room-fit.ts';

/** How many nodes are looked at in the first round; each next one doubles it. */
const firstLook = 4;
/**
 * Of a cluster of thousands no more than these are asked for their pods: with no room on so many, a person is
 * told as much.
 */
const mostLooked = 60;

/**
 * Its pods are one request, and it is asked by name, which the API server has an index for. Those that have
 * finished hold nothing.
 */
export async function usageOf(client: KubeClient, node: string): Promise<Usage> {
  const requests = await listPods(client, podsOnNode(node), (pod) =>
    isFinished(podView(pod)) ? undefined : requestsOfPod(pod),
  );
  return { requests: requests.reduce(plus, noUsage.requests), pods: requests.length };
}

export interface Neighbourhood {
  /** The node that is drained. */
  readonly node: string;
  /** Nodes that take pods, this one among them or not. */
  readonly spaces: readonly Space[];
  readonly usage: (node: string) => Promise<Usage>;
  readonly mostNamed: number;
}

/**
 * Looks for room on a few nodes at first, and on more only for pods that found none: most drains fit on a
 * handful, whatever the size of the cluster. The nodes that follow by name come first: they are mostly alike,
 * and the same are asked each time.
 */
export async function searchRoom(movers: readonly Mover[], around: Neighbourhood): Promise<RoomEstimate> {
  const ordered = inPlacingOrder(movers);
  const others = fromNext(around);
  const open = openTo(ordered, others);
  const looked = new Map<Space, Looked>();
  const placed = (): Placing =>
    place(ordered, [...looked.values()], (mover, space) => open(mover)?.has(space) === true);
  let { left } = placed();
  for (let batch = firstLook; left.length > 0; batch *= 2) {
    const wanted = nextToLook(left, open, { looked, most: Math.min(batch, mostLooked - looked.size) });
    if (wanted.length === 0) break;
    const usages = await Promise.all(
      wanted.map(async (space) => ({ space, usage: await around.usage(space.name) })),
    );
    for (const node of usages) looked.set(node.space, node);
    ({ left } = placed());
  }
  const reasonOf = throttle(open, { others, looked });
  const without = left
    .slice(0, around.mostNamed)
    .map((mover) => ({ pod: mover.title, reason: reasonOf(mover) }));
  return { pods: movers.length, short: left.length, without };
}

function fromNext({ node, spaces }: Neighbourhood): readonly Space[] {
  const sorted = spaces.filter(({ name }) => name !== node).sort((a, b) => (a.name < b.name ? -1 : 1));
  const next = sorted.findIndex(({ name }) => name > node);
  return next < 0 ? sorted : [...sorted.slice(next), ...sorted.slice(0, next)];
}

/** The nodes that a pod may go to; undefined where its wishes were not looked at. */
type Open = (mover: Mover) => ReadonlySet<Space> | undefined;

/**
 * Wishes are written by whoever writes pods, and may be as long as an object of the API. So many characters,
 * times the nodes that they are held against, take a second at worst; those of usual pods have some hundreds,
 * and most of them are alike.
 */
const mostWork = 30_000_000;

/** Pods mostly wish the same: each wish is held against the nodes once, the shortest first. */
function openTo(movers: readonly Mover[], others: readonly Space[]): Open {
  const keys = new Map(movers.map((mover) => [mover, JSON.stringify(mover.wishes)]));
  const wishes = new Map(movers.map((mover) => [keys.get(mover) ?? '', mover.wishes]));
  const byWish = new Map<string, ReadonlySet<Space>>();
  let work = 0;
  for (const [key, wish] of [...wishes].toSorted(([one], [other]) => one.length - other.length)) {
    work += key.length * others.length;
    if (work > mostWork) break;
    byWish.set(key, new Set(others.filter((space) => fits(wish, space))));
  }
  return (mover) => byWish.get(keys.get(mover) ?? '');
}

/**
 * Pods of one wish that no node fulfils are told the same, and the wish is held against the nodes once more
 * for all of them.
 */
function throttle(open: Open, about: Omit<Reasons, 'open'>): (mover: Mover) => string {
  const told = new Map<ReadonlySet<Space>, string>();
  return (mover) => {
    const homes = open(mover);
    if (homes === undefined) return 'says more about where it may run than is looked at here';
    const reason = told.get(homes) ?? whyHomeless(mover, { ...about, open: [...homes] });
    if (homes.size === 0) told.set(homes, reason);
    return reason;
  };
}

/** In turns for each pod, so that one that fits nowhere does not use up what may be looked at. */
function nextToLook(
  left: readonly Mover[],
  open: Open,
  { looked, most }: { readonly looked: ReadonlyMap<Space, Looked>; readonly most: number },
): readonly Space[] {
  const next = new Set<Space>();
  const lines = left.map((mover) => unseen(mover, open(mover) ?? [], looked));
  let isOver = false;
  while (next.size < most && !isOver) {
    isOver = true;
    for (const line of lines) {
      const { value } = line.next();
      if (value === undefined || next.size >= most) continue;
      isOver = false;
      next.add(value);
    }
  }
  return [...next];
}

/** Those that it would fit on if they were empty: what their pods use up is only worth a question then. */
function* unseen(
  mover: Mover,
  open: Iterable<Space>,
  looked: ReadonlyMap<Space, Looked>,
): Generator<Space, undefined, undefined> {
  for (const space of open) if (!looked.has(space) && hasRoom({ space, usage: noUsage }, mover)) yield space;
  return undefined;
}
