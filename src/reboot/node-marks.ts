/**
 * What a Node wears of ours for other tools, beside the cordon. Which of it is wanted follows from the Reboot, the pool and the Node as it is
 * read; what stood there before is kept on the Node itself, so that only what we did is undone.
 */
import { holdsCordon, isOut, isUnderWay, isUntidied } from './claims.ts';
import { excludeFromLoadBalancersLabel } from './node-contract.ts';
import type { PoolPolicy } from './policy.ts';
import type { Phase, Reboot } from './reboot.ts';
import { isIn } from './reboot.ts';
import { type Timestamp, toInstant } from './time.ts';

type Labels = Readonly<Record<string, string>>;

/** A label that we put, and what stood there before; nothing: it was not there. */
export interface PutLabel {
  readonly put: string;
  readonly was?: string;
}

/** Our word about a drain, in the conditions of the node. */
export interface DrainMark {
  readonly reboot: string;
  /** The pods have gone; before that the drain is under way. */
  readonly drained: boolean;
}

/** What of ours stands on a Node. */
export interface NodeMarks {
  /** The taint of a node that waits for its reboot. */
  readonly waiting: boolean;
  /** What the annotations name. */
  readonly state?: string;
  readonly reboot?: string;
  readonly lastReboot?: Timestamp;
  readonly drain?: DrainMark;
  readonly labels: Readonly<Record<string, PutLabel>>;
  /** The Reboot that the labels were put for. */
  readonly labelsFor?: string;
  /** What we note about labels was overwritten with something else: nobody knows any more what was ours. */
  readonly unreadable?: true;
}

/** A Node, as far as marks go. */
export interface MarkedNode {
  readonly labels: Labels;
  readonly unschedulable: boolean;
  readonly cordonedBy?: string;
  readonly marks?: NodeMarks;
}

export interface WantedMarks {
  /** Labels that are taken back when they are not wanted any more. */
  readonly labels: Labels;
  readonly labelsFor?: string;
  /** Labels that are written once, and left to whoever comes next. */
  readonly lasting: Labels;
  readonly waiting: boolean;
  readonly state?: { readonly phase: Phase; readonly reboot: string };
  readonly drain?: DrainMark;
  readonly lastReboot?: Timestamp;
}

export const noMarks: WantedMarks = { labels: {}, lasting: {}, waiting: false };

/** What a Reboot wants on its node. */
export function wantedMarks(
  reboot: Reboot,
  pool: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: MarkedNode,
): WantedMarks {
  const { labels, preferNoSchedule, annotateState } = pool.hooks;
  const phase = livingPhase(reboot);
  const succeeded = isIn(reboot, 'Succeeded') && isUntidied(reboot) ? reboot.state : undefined;
  const drain = drainMark(reboot, pool, node);
  return {
    labels: heldLabels(reboot, pool, node),
    labelsFor: reboot.name,
    lasting: succeeded ? labels.after : {},
    waiting: preferNoSchedule && phase !== undefined && phase !== 'Denied',
    ...(annotateState && phase !== undefined ? { state: { phase, reboot: reboot.name } } : {}),
    ...(drain === undefined ? {} : { drain }),
    ...(annotateState && succeeded ? { lastReboot: succeeded.since } : {}),
  };
}

/** Undefined when it is over. What is put back waits on: its marks must not come and go in between. */
function livingPhase(reboot: Reboot): Phase | undefined {
  if (isIn(reboot, 'Undoing')) return 'Approved';
  if (isIn(reboot, 'Succeeded', 'Cancelled', 'Superseded')) return undefined;
  return isIn(reboot, 'Failed') && reboot.state.givenUp ? undefined : reboot.state.phase;
}

/** Only on a node that takes no pods: whoever uncordons it wants it back as it was. */
function heldLabels(
  reboot: Reboot,
  { hooks, gone }: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: MarkedNode,
): Labels {
  const held = isOut(reboot) || (isLeftCordoned(reboot) && node.cordonedBy === reboot.name);
  if (!held || !node.unschedulable) return {};
  // Nobody knows any more what its pool wants: what is on it stays until the end.
  if (gone) return Object.fromEntries(putLabels(node).map(([key, { put }]) => [key, put]));
  const excluded = hooks.excludeFromLoadBalancers ? { [excludeFromLoadBalancersLabel]: 'true' } : {};
  return { ...hooks.labels.before, ...excluded };
}

/** While the node is out through us and takes no pods: a drain that has failed is not in progress, and not done either. */
function drainMark(
  reboot: Reboot,
  { hooks, gone }: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: MarkedNode,
): DrainMark | undefined {
  const { name, state } = reboot;
  if (!isOut(reboot) || !node.unschedulable) return undefined;
  if (gone) return node.marks?.drain;
  if (!hooks.drainConditions) return undefined;
  if (state.phase === 'Draining') return { reboot: name, drained: false };
  const left = state.phase === 'Failed' ? state.from.phase : state.phase;
  return left === 'Rebooting' || left === 'Settling' ? { reboot: name, drained: true } : undefined;
}

/** Given up with the node cordoned: people were told, and until they uncordon it, it stays as it is. */
const isLeftCordoned = (reboot: Reboot): boolean =>
  holdsCordon(reboot) &&
  !isUnderWay(reboot) &&
  (!isUntidied(reboot) || (isIn(reboot, 'Failed') && reboot.state.givenUp?.leaveCordoned === true));

const putLabels = ({ marks }: MarkedNode): [string, PutLabel][] => Object.entries(marks?.labels ?? {});

/** Of all Reboots of a node, the one whose marks it wears: what is under way before what waits, and the newest of each kind. */
export function marksOwner(reboots: readonly Reboot[]): Reboot | undefined {
  const ranked = reboots
    .map((reboot) => ({ reboot, rank: rankOf(reboot) }))
    .filter(({ rank }) => rank > 0)
    .toSorted(
      (one, other) =>
        other.rank - one.rank ||
        toInstant(other.reboot.createdAt) - toInstant(one.reboot.createdAt) ||
        (one.reboot.name < other.reboot.name ? -1 : 1),
    );
  return ranked[0]?.reboot;
}

function rankOf(reboot: Reboot): number {
  if (isUnderWay(reboot) || isUntidied(reboot)) return 3;
  if (isIn(reboot, 'Pending', 'Snoozed', 'Denied', 'Approved')) return 2;
  return isLeftCordoned(reboot) ? 1 : 0;
}

/** Whether a Node wears anything that is to go with its Reboot. */
export const isMarked = ({ marks }: Pick<MarkedNode, 'marks'>): boolean =>
  marks !== undefined &&
  (marks.waiting ||
    marks.state !== undefined ||
    marks.drain !== undefined ||
    marks.reboot !== undefined ||
    marks.unreadable === true ||
    Object.keys(marks.labels).length > 0);

/** The Node as it is to be; undefined when it is that already. */
export function remark(
  node: MarkedNode,
  wanted: WantedMarks,
): { readonly labels: Labels; readonly marks?: NodeMarks } | undefined {
  const labels = new Map(Object.entries(node.labels));
  const put = new Map(putLabels(node));
  takeBack(labels, put, wanted.labels);
  putOn(labels, put, wanted.labels);
  for (const [key, value] of Object.entries(wanted.lasting)) labels.set(key, value);
  const marks = marksWith(put, node, wanted);
  const same = saySame(new Map(Object.entries(node.labels)), labels) && sameMarks(node.marks, marks);
  return same ? undefined : { labels: Object.fromEntries(labels), ...(marks ? { marks } : {}) };
}

/** What somebody else has written over ours is theirs. */
function takeBack(labels: Map<string, string>, put: Map<string, PutLabel>, wanted: Labels): void {
  for (const [key, { put: ours, was }] of Array.from(put)) {
    if (Object.hasOwn(wanted, key)) continue;
    put.delete(key);
    if (labels.get(key) !== ours) continue;
    if (was === undefined) labels.delete(key);
    else labels.set(key, was);
  }
}

function putOn(labels: Map<string, string>, put: Map<string, PutLabel>, wanted: Labels): void {
  for (const [key, value] of Object.entries(wanted)) {
    const before = put.get(key);
    const now = labels.get(key);
    if (before !== undefined) {
      if (before.put === value) continue;
      // The configuration says something else by now.
      put.set(key, { ...before, put: value });
      if (now === before.put) labels.set(key, value);
      continue;
    }
    // It is there already, and not by us. Load balancers look at the key alone.
    if (now === value || (now !== undefined && key === excludeFromLoadBalancersLabel)) continue;
    labels.set(key, value);
    put.set(key, { put: value, ...(now === undefined ? {} : { was: now }) });
  }
}

function marksWith(
  put: ReadonlyMap<string, PutLabel>,
  { marks }: MarkedNode,
  { waiting, state, drain, lastReboot, labelsFor }: WantedMarks,
): NodeMarks | undefined {
  const last = lastReboot ?? marks?.lastReboot;
  if (!waiting && !state && !drain && last === undefined && put.size === 0) return undefined;
  return {
    waiting,
    ...(state ? { state: state.phase, reboot: state.reboot } : {}),
    ...(last === undefined ? {} : { lastReboot: last }),
    ...(drain === undefined ? {} : { drain }),
    labels: Object.fromEntries(put),
    ...(put.size === 0 || labelsFor === undefined ? {} : { labelsFor }),
  };
}

/** For whom the labels were put is told, and no reason to write. */
const sameMarks = (one: NodeMarks | undefined, other: NodeMarks | undefined): boolean =>
  saySame(compared(one), compared(other));

/** Labels by their keys, which have no spaces, and the rest. */
function compared(marks: NodeMarks | undefined): ReadonlyMap<string, string> {
  const { state, reboot, lastReboot, drain, unreadable, waiting = false, labels = {} } = marks ?? {};
  const drains = drain && [drain.reboot, drain.drained];
  const put = Object.entries(labels).map(
    ([key, label]) => [key, JSON.stringify([label.put, label.was])] as const,
  );
  return new Map([
    ...put,
    ['the rest', JSON.stringify([waiting, state, reboot, lastReboot, drains, unreadable])],
  ]);
}

const saySame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
