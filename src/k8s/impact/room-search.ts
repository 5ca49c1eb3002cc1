import type { RoomEstimate } from '../../reboot/state/impact.ts';
import type { KubeClient } from '../api/client.ts';
import { isFinished, podView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { plus, requestsOfPod } from '../placement/resource-requests.ts';
import { fits } from '../placement/placement.ts';
import {
  hasRoom,
  sortedForPlacing,
  type InspectedNode,
  type Mover,
  noUsage,
  place,
  type Placing,
  type Reasons,
  type Space,
  type Usage,
  unplacedReason,
} from './room-fit.ts';

/** Nodes to read in the first round; each round doubles the number. */
const firstBatch = 4;
/**
 * Limit of the nodes whose pods are read in a large cluster. The reason for a pod without room names that
 * number.
 */
const maxInspected = 60;

/**
 * The usage of one node, in one request: the API server has an index of pods by node. Finished pods use
 * nothing.
 */
export async function usageOf(client: KubeClient, node: string): Promise<Usage> {
  const requests = await listPods(client, podsOnNode(node), (pod) =>
    isFinished(podView(pod)) ? undefined : requestsOfPod(pod),
  );
  return { requests: requests.reduce(plus, noUsage.requests), pods: requests.length };
}

export interface RoomSearchInput {
  /** The node that is drained. */
  readonly node: string;
  /** Nodes that accept pods; may include the drained one. */
  readonly spaces: readonly Space[];
  readonly usage: (node: string) => Promise<Usage>;
  readonly mostNamed: number;
}

/**
 * Reads a few nodes first, and more only for pods that found no room: most drains fit on a few nodes,
 * whatever the size of the cluster. Starts with the nodes that follow by name: they are mostly alike, and the
 * same ones are read each time.
 */
export async function searchRoom(movers: readonly Mover[], input: RoomSearchInput): Promise<RoomEstimate> {
  const ordered = sortedForPlacing(movers);
  const others = fromNext(input);
  const open = openTo(ordered, others);
  const inspected = new Map<Space, InspectedNode>();
  const placed = (): Placing =>
    place(ordered, [...inspected.values()], (mover, space) => open(mover)?.has(space) === true);
  let { left } = placed();
  for (let batch = firstBatch; left.length > 0; batch *= 2) {
    const wanted = nextToInspect(left, open, {
      inspected,
      most: Math.min(batch, maxInspected - inspected.size),
    });
    if (wanted.length === 0) break;
    const usages = await Promise.all(
      wanted.map(async (space) => ({ space, usage: await input.usage(space.name) })),
    );
    for (const node of usages) inspected.set(node.space, node);
    ({ left } = placed());
  }
  const reasonOf = cachedReasons(open, { others, inspected });
  const without = left
    .slice(0, input.mostNamed)
    .map((mover) => ({ pod: mover.title, reason: reasonOf(mover) }));
  return { pods: movers.length, short: left.length, without };
}

function fromNext({ node, spaces }: RoomSearchInput): readonly Space[] {
  const sorted = spaces.filter(({ name }) => name !== node).sort((a, b) => (a.name < b.name ? -1 : 1));
  const next = sorted.findIndex(({ name }) => name > node);
  return next < 0 ? sorted : [...sorted.slice(next), ...sorted.slice(0, next)];
}

/** The nodes that a pod's constraints allow; undefined where they were not evaluated. */
type Open = (mover: Mover) => ReadonlySet<Space> | undefined;

/**
 * Constraints are untrusted input, and may be as long as an API object. This many characters, times the nodes
 * that they are evaluated against, take a second at worst. Usual pods have some hundreds of characters, and
 * most are alike.
 */
const mostWork = 30_000_000;

/**
 * Most pods have equal constraints: each distinct one is evaluated once against all nodes, the shortest
 * first.
 */
function openTo(movers: readonly Mover[], others: readonly Space[]): Open {
  const keys = new Map(movers.map((mover) => [mover, JSON.stringify(mover.constraints)]));
  const constraints = new Map(movers.map((mover) => [keys.get(mover) ?? '', mover.constraints]));
  const byConstraints = new Map<string, ReadonlySet<Space>>();
  let work = 0;
  for (const [key, constraint] of [...constraints].toSorted(([one], [other]) => one.length - other.length)) {
    work += key.length * others.length;
    if (work > mostWork) break;
    byConstraints.set(key, new Set(others.filter((space) => fits(constraint, space))));
  }
  return (mover) => byConstraints.get(keys.get(mover) ?? '');
}

/** Pods with equal constraints that no node satisfies share one reason, which is computed once. */
function cachedReasons(open: Open, about: Omit<Reasons, 'open'>): (mover: Mover) => string {
  const reasons = new Map<ReadonlySet<Space>, string>();
  return (mover) => {
    const allowed = open(mover);
    if (allowed === undefined) return 'says more about where it may run than is looked at here';
    const reason = reasons.get(allowed) ?? unplacedReason(mover, { ...about, open: [...allowed] });
    if (allowed.size === 0) reasons.set(allowed, reason);
    return reason;
  };
}

/** Round-robin over the pods, so that one that fits nowhere does not use up the limit. */
function nextToInspect(
  left: readonly Mover[],
  open: Open,
  { inspected, most }: { readonly inspected: ReadonlyMap<Space, InspectedNode>; readonly most: number },
): readonly Space[] {
  const next = new Set<Space>();
  const queues = left.map((mover) => uninspected(mover, open(mover) ?? [], inspected));
  let isOver = false;
  while (next.size < most && !isOver) {
    isOver = true;
    for (const queue of queues) {
      const { value } = queue.next();
      if (value === undefined || next.size >= most) continue;
      isOver = false;
      next.add(value);
    }
  }
  return [...next];
}

/** Nodes that would have room for the pod if they were empty; only of those the usage is read. */
function* uninspected(
  mover: Mover,
  open: Iterable<Space>,
  inspected: ReadonlyMap<Space, InspectedNode>,
): Generator<Space, undefined, undefined> {
  for (const space of open)
    if (!inspected.has(space) && hasRoom({ space, usage: noUsage }, mover)) yield space;
  return undefined;
}
