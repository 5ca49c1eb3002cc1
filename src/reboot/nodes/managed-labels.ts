/**
 * What a Node wears of ours for other tools, beside the cordon. Which of it is wanted follows from the
 * Reboot, the pool and the Node as it is read; what stood there before is kept on the Node itself, so that
 * only what we did is undone.
 */
import { holdsCordon, isOut, isUnderWay, isUntidied } from '../state/ownership.ts';
import { excludeFromLoadBalancersLabel } from './node-contract.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { type Labels, type Put, replaced, saySame } from './put-values.ts';
import type { Phase, Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { type Timestamp, toInstant } from '../ports/time.ts';

/** Our word about a drain, in the conditions of the node. */
export interface DrainCondition {
  readonly reboot: string;
  /** The pods have gone; before that the drain is under way. */
  readonly drained: boolean;
}

/** What of ours stands on a Node. */
export interface ManagedLabels {
  /** The taint of a node that waits for its reboot. */
  readonly waiting: boolean;
  /** What the annotations name. */
  readonly state?: string;
  readonly reboot?: string;
  readonly lastReboot?: Timestamp;
  readonly drain?: DrainCondition;
  readonly labels: Put;
  /** Annotations of `hooks.annotations`; absent where none was put. */
  readonly annotations?: Put;
  /** The Reboot that labels and annotations were put for. */
  readonly labelsFor?: string;
  /** What we note about them was overwritten with something else: nobody knows any more what was ours. */
  readonly unreadable?: true;
}

/** A Node, as far as marks go. */
export interface LabelledNode {
  readonly labels: Labels;
  readonly unschedulable: boolean;
  readonly cordonedBy?: string;
  readonly marks?: ManagedLabels;
  /** What stands at the keys that hooks write or have written. Absent: nothing. */
  readonly hookAnnotations?: Labels;
}

export interface WantedLabels {
  /** Labels that are taken back when they are not wanted any more. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly labelsFor?: string;
  /** Labels that are written once, and left to whoever comes next. */
  readonly lasting: Labels;
  readonly lastingAnnotations: Labels;
  readonly waiting: boolean;
  readonly state?: { readonly phase: Phase; readonly reboot: string };
  readonly drain?: DrainCondition;
  readonly lastReboot?: Timestamp;
}

export const noManagedLabels: WantedLabels = {
  labels: {},
  annotations: {},
  lasting: {},
  lastingAnnotations: {},
  waiting: false,
};

/** What a Reboot wants on its node. */
export function wantedLabels(
  reboot: Reboot,
  pool: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: LabelledNode,
): WantedLabels {
  const { labels, annotations, preferNoSchedule, annotateState } = pool.hooks;
  const phase = livingPhase(reboot);
  const succeeded = isIn(reboot, 'Succeeded') && isUntidied(reboot) ? reboot.state : undefined;
  const drain = drainMark(reboot, pool, node);
  return {
    ...heldMarks(reboot, pool, node),
    labelsFor: reboot.name,
    lasting: succeeded ? labels.after : {},
    lastingAnnotations: succeeded ? annotations.after : {},
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
function heldMarks(
  reboot: Reboot,
  { hooks, gone }: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: LabelledNode,
): Pick<WantedLabels, 'labels' | 'annotations'> {
  const held = isOut(reboot) || (isLeftCordoned(reboot) && node.cordonedBy === reboot.name);
  if (!held || !node.unschedulable) return { labels: {}, annotations: {} };
  // Nobody knows any more what its pool wants: what is on it stays until the end.
  if (gone) return { labels: valuesPut(node.marks?.labels), annotations: valuesPut(node.marks?.annotations) };
  const excluded = hooks.excludeFromLoadBalancers ? { [excludeFromLoadBalancersLabel]: 'true' } : {};
  return { labels: { ...hooks.labels.before, ...excluded }, annotations: hooks.annotations.before };
}

/**
 * While the node is out through us and takes no pods: a drain that has failed is not in progress, and not
 * done either.
 */
function drainMark(
  reboot: Reboot,
  { hooks, gone }: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: LabelledNode,
): DrainCondition | undefined {
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

const valuesPut = (put: Put = {}): Labels =>
  Object.fromEntries(Object.entries(put).map(([key, { put: value }]) => [key, value]));

/**
 * Of all Reboots of a node, the one whose marks it wears: what is under way before what waits, and the newest
 * of each kind.
 */
export function labelsOwner(reboots: readonly Reboot[]): Reboot | undefined {
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
export const isLabelled = ({ marks }: Pick<LabelledNode, 'marks'>): boolean =>
  marks !== undefined &&
  (marks.waiting ||
    marks.state !== undefined ||
    marks.drain !== undefined ||
    marks.reboot !== undefined ||
    marks.unreadable === true ||
    Object.keys(marks.labels).length > 0 ||
    Object.keys(marks.annotations ?? {}).length > 0);

export interface RelabelledNode {
  readonly labels: Labels;
  readonly hookAnnotations: Labels;
  readonly marks?: ManagedLabels;
}

/** The Node as it is to be; undefined when it is that already. */
export function relabel(node: LabelledNode, wanted: WantedLabels): RelabelledNode | undefined {
  const labels = replaced({ now: node.labels, put: node.marks?.labels }, wanted.labels, wanted.lasting);
  const annotations = replaced(
    { now: node.hookAnnotations, put: node.marks?.annotations },
    wanted.annotations,
    wanted.lastingAnnotations,
  );
  const marks = marksWith({ labels: labels.put, annotations: annotations.put }, node, wanted);
  if (labels.same && annotations.same && sameMarks(node.marks, marks)) return undefined;
  return { labels: labels.now, hookAnnotations: annotations.now, ...(marks ? { marks } : {}) };
}

function marksWith(
  put: { readonly labels: Put; readonly annotations: Put },
  { marks }: LabelledNode,
  { waiting, state, drain, lastReboot, labelsFor }: WantedLabels,
): ManagedLabels | undefined {
  const last = lastReboot ?? marks?.lastReboot;
  const noted = notedOf(put, labelsFor);
  if (!waiting && !state && !drain && last === undefined && noted === undefined) return undefined;
  return {
    waiting,
    ...(state ? { state: state.phase, reboot: state.reboot } : {}),
    ...(last === undefined ? {} : { lastReboot: last }),
    ...(drain === undefined ? {} : { drain }),
    labels: {},
    ...noted,
  };
}

function notedOf(
  { labels, annotations }: { readonly labels: Put; readonly annotations: Put },
  labelsFor: string | undefined,
): Pick<ManagedLabels, 'labels' | 'annotations' | 'labelsFor'> | undefined {
  const annotated = Object.keys(annotations).length > 0;
  if (!annotated && Object.keys(labels).length === 0) return undefined;
  return {
    labels,
    ...(annotated ? { annotations } : {}),
    ...(labelsFor === undefined ? {} : { labelsFor }),
  };
}

/** For whom the labels were put is told, and no reason to write. */
const sameMarks = (one: ManagedLabels | undefined, other: ManagedLabels | undefined): boolean =>
  saySame(compared(one), compared(other));

/** Labels and annotations by their keys, which have no spaces, and the rest. */
function compared(marks: ManagedLabels | undefined): ReadonlyMap<string, string> {
  const { state, reboot, lastReboot, drain, unreadable, waiting = false } = marks ?? {};
  const drains = drain && [drain.reboot, drain.drained];
  const put = (kind: string, values: Put = {}) =>
    Object.entries(values).map(
      ([key, value]) => [`${kind} ${key}`, JSON.stringify([value.put, value.was])] as const,
    );
  return new Map([
    ...put('label', marks?.labels),
    ...put('annotation', marks?.annotations),
    ['the rest', JSON.stringify([waiting, state, reboot, lastReboot, drains, unreadable])],
  ]);
}
