/**
 * Estimates whether the pods that move fit on other nodes, by their requests. Pure; room-search.ts reads the
 * inputs.
 */
import { fits, matches, requiredTerms, type Place, type PodConstraints } from '../placement/placement.ts';
import { plus, type Amounts } from '../placement/resource-requests.ts';
import { amountText } from '../placement/amount-text.ts';

/** A pod that has to be placed. */
export interface Mover {
  readonly title: string;
  readonly requests: Amounts;
  /** The pod's scheduling constraints, in the shape of a pod. */
  readonly constraints: PodConstraints;
}

/** A node that accepts pods. */
export interface Space extends Place {
  readonly allocatable: Amounts;
}

/** The requests of a node's pods in total, and their number. */
export interface Usage {
  readonly requests: Amounts;
  readonly pods: number;
}

export const noUsage: Usage = { requests: new Map(), pods: 0 };

export interface InspectedNode {
  readonly space: Space;
  readonly usage: Usage;
}

const withOneMore = (usage: Usage, { requests }: Mover): Usage => ({
  requests: plus(usage.requests, requests),
  pods: usage.pods + 1,
});

const free = ({ space, usage }: InspectedNode, resource: string): number =>
  (space.allocatable.get(resource) ?? 0) - (usage.requests.get(resource) ?? 0);

/**
 * Resources that the pod does not request are ignored: a node whose memory is overcommitted may take a pod
 * that requests none.
 */
export const hasRoom = (node: InspectedNode, { requests }: Mover): boolean =>
  hasPlace(node) && [...requests].every(([name, amount]) => amount <= 0 || free(node, name) >= amount);

/** A node that reports no pod capacity accepts any number; real kubelets report one. */
const hasPlace = ({ space, usage }: InspectedNode): boolean =>
  usage.pods < (space.allocatable.get('pods') ?? Number.POSITIVE_INFINITY);

/** Weight for the order of placing: 4 GiB of memory count as one CPU, the ratio of a usual node. */
const memoryOfCpu = 4 * 1024 ** 3;
const weight = ({ requests }: Mover): number =>
  Math.max((requests.get('cpu') ?? 0) / 1000, (requests.get('memory') ?? 0) / memoryOfCpu);

const isConstrained = ({ constraints }: Mover): boolean =>
  hasSelector(constraints) || requiredTerms(constraints).length > 0;

const hasSelector = ({ spec }: PodConstraints): boolean => Object.keys(spec?.nodeSelector ?? {}).length > 0;

/**
 * Constrained pods first, then by size. The order depends on the pods alone: a further node, appended at the
 * end, never takes the room away from a pod that had it.
 */
export const sortedForPlacing = (movers: readonly Mover[]): readonly Mover[] =>
  [...movers].sort(
    (a, b) =>
      Number(isConstrained(b)) - Number(isConstrained(a)) ||
      weight(b) - weight(a) ||
      (a.title < b.title ? -1 : 1),
  );

export interface Placing {
  readonly placed: ReadonlyMap<Mover, Space>;
  readonly left: readonly Mover[];
}

/** First fit: each pod goes to the first node with room left by the pods placed before it. */
export function place(
  movers: readonly Mover[],
  nodes: readonly InspectedNode[],
  may = (mover: Mover, space: Space): boolean => fits(mover.constraints, space),
): Placing {
  const now = nodes.map((node) => ({ ...node }));
  const placed = new Map<Mover, Space>();
  const left: Mover[] = [];
  for (const mover of movers) {
    const target = now.find((node) => hasRoom(node, mover) && may(mover, node.space));
    if (target === undefined) {
      left.push(mover);
      continue;
    }
    target.usage = withOneMore(target.usage, mover);
    placed.set(mover, target.space);
  }
  return { placed, left };
}

export interface Reasons {
  readonly others: readonly Space[];
  /** The subset that the pod's constraints allow. */
  readonly open: readonly Space[];
  /** The nodes whose pods were read, before anything moves. */
  readonly inspected: ReadonlyMap<Space, InspectedNode>;
}

/** Why a pod may find no room: completes a sentence that begins with the pod's name. */
export function unplacedReason(mover: Mover, { others, open, inspected }: Reasons): string {
  if (others.length === 0) return 'no other node takes pods now';
  if (open.length === 0)
    return others.some((space) => matches(mover.constraints, space))
      ? 'it tolerates the taints of no node that it could go to'
      : `no other node matches its ${constraintName(mover)}`;
  const nodes = open.flatMap((space) => inspected.get(space) ?? []);
  const isAll = open.every((space) => inspected.has(space) || !hasRoom({ space, usage: noUsage }, mover));
  const bounded = `on the ${nodes.length === 1 ? 'one node' : `${nodes.length} nodes`} looked at, of ${open.length}`;
  return tooLittle(mover, {
    open,
    nodes,
    ...(isAll ? { one: 'on one node', any: 'elsewhere' } : { one: bounded, any: bounded }),
  });
}

const constraintName = ({ constraints }: Mover): string => {
  if (!hasSelector(constraints)) return 'node affinity';
  return requiredTerms(constraints).length > 0 ? 'node selector and affinity' : 'node selector';
};

interface ShortageContext {
  readonly open: readonly Space[];
  readonly nodes: readonly InspectedNode[];
  /** Phrases for the nodes to which a maximum applies, and for those on which nothing is free. */
  readonly one: string;
  readonly any: string;
}

function tooLittle(mover: Mover, { open, nodes, one, any }: ShortageContext): string {
  for (const [name, amount] of mover.requests) {
    const largest = Math.max(...open.map(({ allocatable }) => allocatable.get(name) ?? 0));
    if (amount > 0 && largest < amount)
      return `needs ${amountText(name, amount)}, no node that it may use has more than ${amountText(name, largest)}`;
  }
  for (const [name, amount] of mover.requests) {
    const most = Math.max(0, ...nodes.map((node) => free(node, name)));
    if (amount > 0 && most === 0) return `needs ${amountText(name, amount)}, none is free ${any}`;
    if (amount > 0 && most < amount)
      return `needs ${amountText(name, amount)}, at most ${amountText(name, most)} is free ${one}`;
  }
  if (!nodes.some(hasPlace)) return 'every node that it could go to has as many pods as it may have';
  const all = [...mover.requests].filter(([, amount]) => amount > 0);
  const needs = all.map(([name, amount]) => amountText(name, amount)).join(' and ') || 'a place';
  return nodes.some((node) => hasRoom(node, mover))
    ? `needs ${needs}, and the other pods that move take what is free`
    : `needs ${needs}, not free together ${one}`;
}
