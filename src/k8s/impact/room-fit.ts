/**
 * Whether pods that move find room on other nodes: an estimate by what they request. Pure; room-search.ts
 * reads what it needs.
 */
import { listAt, textsAt } from '../api/json-value.ts';
import { fits, matches, type Place } from './placement.ts';
import { plus, type Amounts } from './resource-requests.ts';
import { amountText } from './amount-text.ts';

/** A pod that has to be placed. */
export interface Mover {
  readonly title: string;
  readonly requests: Amounts;
  /** Where it may run, in the shape of a pod. */
  readonly wishes: unknown;
}

/** A node that pods may come to. */
export interface Space extends Place {
  readonly allocatable: Amounts;
}

/** What the pods of a node have requested, and how many they are. */
export interface Usage {
  readonly requests: Amounts;
  readonly pods: number;
}

export const noUsage: Usage = { requests: new Map(), pods: 0 };

export interface Looked {
  readonly space: Space;
  readonly usage: Usage;
}

const withOneMore = (usage: Usage, { requests }: Mover): Usage => ({
  requests: plus(usage.requests, requests),
  pods: usage.pods + 1,
});

const free = ({ space, usage }: Looked, resource: string): number =>
  (space.allocatable.get(resource) ?? 0) - (usage.requests.get(resource) ?? 0);

/**
 * What is not requested is not looked at: a node that is overfull of memory may well take a pod that wants
 * none.
 */
export const hasRoom = (node: Looked, { requests }: Mover): boolean =>
  hasPlace(node) && [...requests].every(([name, amount]) => amount <= 0 || free(node, name) >= amount);

/** Nodes that say no number take any; real kubelets say one. */
const hasPlace = ({ space, usage }: Looked): boolean =>
  usage.pods < (space.allocatable.get('pods') ?? Number.POSITIVE_INFINITY);

/** By which pods are ordered: as much as a CPU weighs, a usual node has of memory for each. */
const memoryOfCpu = 4 * 1024 ** 3;
const weight = ({ requests }: Mover): number =>
  Math.max((requests.get('cpu') ?? 0) / 1000, (requests.get('memory') ?? 0) / memoryOfCpu);

const isChoosy = ({ wishes }: Mover): boolean =>
  Object.keys(textsAt(wishes, 'spec', 'nodeSelector')).length > 0 || termsOf(wishes).length > 0;

const termsOf = (wishes: unknown): readonly unknown[] =>
  listAt(wishes, 'spec', 'affinity', 'nodeAffinity', required, 'nodeSelectorTerms');
const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/**
 * Those that may not go everywhere first, then the biggest. The order depends on the pods alone, so that a
 * node more, at the end, never leaves a pod without a place that had one.
 */
export const inPlacingOrder = (movers: readonly Mover[]): readonly Mover[] =>
  [...movers].sort(
    (a, b) =>
      Number(isChoosy(b)) - Number(isChoosy(a)) || weight(b) - weight(a) || (a.title < b.title ? -1 : 1),
  );

export interface Placing {
  readonly placed: ReadonlyMap<Mover, Space>;
  readonly left: readonly Mover[];
}

/** First fit: each pod on the first node that takes it, beside those that were placed before. */
export function place(
  movers: readonly Mover[],
  nodes: readonly Looked[],
  may = (mover: Mover, space: Space): boolean => fits(mover.wishes, space),
): Placing {
  const now = nodes.map((node) => ({ ...node }));
  const placed = new Map<Mover, Space>();
  const left: Mover[] = [];
  for (const mover of movers) {
    const home = now.find((node) => hasRoom(node, mover) && may(mover, node.space));
    if (home === undefined) {
      left.push(mover);
      continue;
    }
    home.usage = withOneMore(home.usage, mover);
    placed.set(mover, home.space);
  }
  return { placed, left };
}

export interface Reasons {
  readonly others: readonly Space[];
  /** Of those the ones that it may go to. */
  readonly open: readonly Space[];
  /** Those whose pods were looked at, as they are before anything moves. */
  readonly looked: ReadonlyMap<Space, Looked>;
}

/** Why a pod may find no room, continuing a sentence that begins with it. */
export function whyHomeless(mover: Mover, { others, open, looked }: Reasons): string {
  if (others.length === 0) return 'no other node takes pods now';
  if (open.length === 0)
    return others.some((space) => matches(mover.wishes, space))
      ? 'it tolerates the taints of no node that it could go to'
      : `no other node matches its ${wish(mover)}`;
  const nodes = open.flatMap((space) => looked.get(space) ?? []);
  const isAll = open.every((space) => looked.has(space) || !hasRoom({ space, usage: noUsage }, mover));
  const bounded = `on the ${nodes.length === 1 ? 'one node' : `${nodes.length} nodes`} looked at, of ${open.length}`;
  return tooLittle(mover, {
    open,
    nodes,
    ...(isAll ? { one: 'on one node', any: 'elsewhere' } : { one: bounded, any: bounded }),
  });
}

const wish = ({ wishes }: Mover): string => {
  const isSelecting = Object.keys(textsAt(wishes, 'spec', 'nodeSelector')).length > 0;
  if (!isSelecting) return 'node affinity';
  return termsOf(wishes).length > 0 ? 'node selector and affinity' : 'node selector';
};

interface Tried {
  readonly open: readonly Space[];
  readonly nodes: readonly Looked[];
  /** Where there is at most so much, and where there is none. */
  readonly one: string;
  readonly any: string;
}

function tooLittle(mover: Mover, { open, nodes, one, any }: Tried): string {
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
