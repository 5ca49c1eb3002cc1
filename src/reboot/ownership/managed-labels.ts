/**
 * Labels, annotations, taint and conditions that Tugboot manages on a Node for other tools, beside the
 * cordon. The wanted ones follow from the Reboot, the pool and the Node as read. Previous values are stored
 * on the Node itself, so that only our own changes are undone.
 */
import { owesCleanUp } from '../state/clean-up.ts';
import { holdsCordon, isOut, isUnderWay } from './ownership.ts';
import { excludeFromLoadBalancersLabel } from '../nodes/node-contract.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { DrainCondition, ManagedLabels } from '../nodes/node-view.ts';
import { type Labels, type Put, replaced, saySame } from '../nodes/put-values.ts';
import { type Phase, type Reboot, isIn } from '../state/reboot.ts';
import { type Timestamp, toInstant } from '../time/time.ts';

/** The fields of a Node that managed labels depend on. */
export interface LabelledNode {
  readonly labels: Labels;
  readonly unschedulable: boolean;
  readonly cordonedBy?: string;
  readonly managed?: ManagedLabels;
  /** Current values of the annotations that hooks write or have written. Absent: none. */
  readonly hookAnnotations?: Labels;
}

export interface WantedLabels {
  /** Restored to their previous values when they are no longer wanted. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly labelsFor?: string;
  /** Written once and not removed. */
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

/** The labels that a Reboot requires on its node. */
export function wantedLabels(
  reboot: Reboot,
  pool: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: LabelledNode,
): WantedLabels {
  const { labels, annotations, preferNoSchedule, annotateState } = pool.hooks;
  const phase = activePhase(reboot);
  const succeeded = isIn(reboot, 'Succeeded') && owesCleanUp(reboot) ? reboot.state : undefined;
  const drain = drainConditionOf(reboot, pool, node);
  return {
    ...activeLabels(reboot, pool, node),
    labelsFor: reboot.name,
    lasting: succeeded ? labels.after : {},
    lastingAnnotations: succeeded ? annotations.after : {},
    waiting: preferNoSchedule && phase !== undefined && phase !== 'Denied',
    ...(annotateState && phase !== undefined ? { state: { phase, reboot: reboot.name } } : {}),
    ...(drain === undefined ? {} : { drain }),
    ...(annotateState && succeeded ? { lastReboot: succeeded.since } : {}),
  };
}

/**
 * The phase to show; undefined after the end. An undone Reboot counts as Approved, so that its labels do not
 * disappear and return.
 */
function activePhase(reboot: Reboot): Phase | undefined {
  if (isIn(reboot, 'Undoing')) return 'Approved';
  if (isIn(reboot, 'Succeeded', 'GivenUp', 'Cancelled', 'Superseded')) return undefined;
  return reboot.state.phase;
}

/** Only on a cordoned node: somebody who uncordons it wants its previous labels back. */
function activeLabels(
  reboot: Reboot,
  { hooks, gone }: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: LabelledNode,
): Pick<WantedLabels, 'labels' | 'annotations'> {
  const applies = isOut(reboot) || (isLeftCordoned(reboot) && node.cordonedBy === reboot.name);
  if (!applies || !node.unschedulable) return { labels: {}, annotations: {} };
  // The configuration no longer defines the pool. What is set stays until the Reboot ends.
  if (gone)
    return { labels: valuesOf(node.managed?.labels), annotations: valuesOf(node.managed?.annotations) };
  const excluded = hooks.excludeFromLoadBalancers ? { [excludeFromLoadBalancersLabel]: 'true' } : {};
  return { labels: { ...hooks.labels.before, ...excluded }, annotations: hooks.annotations.before };
}

/**
 * Only while the node is cordoned and this Reboot has it out of service. A failed drain is neither in
 * progress nor complete.
 */
function drainConditionOf(
  reboot: Reboot,
  { hooks, gone }: Pick<PoolPolicy, 'hooks' | 'gone'>,
  node: LabelledNode,
): DrainCondition | undefined {
  const { name, state } = reboot;
  if (!isOut(reboot) || !node.unschedulable) return undefined;
  if (gone) return node.managed?.drain;
  if (!hooks.drainConditions) return undefined;
  if (state.phase === 'Draining') return { reboot: name, drained: false };
  const left = state.phase === 'Failed' ? state.from.phase : state.phase;
  return left === 'Rebooting' || left === 'Settling' ? { reboot: name, drained: true } : undefined;
}

/** Given up with the node left cordoned. People were notified, and its labels stay until they uncordon it. */
const isLeftCordoned = (reboot: Reboot): boolean =>
  holdsCordon(reboot) &&
  !isUnderWay(reboot) &&
  (!owesCleanUp(reboot) || (isIn(reboot, 'GivenUp') && reboot.state.leaveCordoned));

const valuesOf = (put: Put = {}): Labels =>
  Object.fromEntries(Object.entries(put).map(([key, { put: value }]) => [key, value]));

/**
 * The Reboot that determines the labels of its node: one that has started before one that waits, and the
 * newest of each kind.
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
  if (isUnderWay(reboot) || owesCleanUp(reboot)) return 3;
  if (isIn(reboot, 'Pending', 'Snoozed', 'Denied', 'Approved')) return 2;
  return isLeftCordoned(reboot) ? 1 : 0;
}

/** Whether a Node has anything that has to be removed with its Reboot. */
export const isLabelled = ({ managed }: Pick<LabelledNode, 'managed'>): boolean =>
  managed !== undefined &&
  (managed.waiting ||
    managed.state !== undefined ||
    managed.drain !== undefined ||
    managed.reboot !== undefined ||
    managed.unreadable === true ||
    Object.keys(managed.labels).length > 0 ||
    Object.keys(managed.annotations ?? {}).length > 0);

export interface RelabelledNode {
  readonly labels: Labels;
  readonly hookAnnotations: Labels;
  readonly managed?: ManagedLabels;
}

/** The Node as it should be; undefined when nothing changes. */
export function relabel(node: LabelledNode, wanted: WantedLabels): RelabelledNode | undefined {
  const labels = replaced({ now: node.labels, put: node.managed?.labels }, wanted.labels, wanted.lasting);
  const annotations = replaced(
    { now: node.hookAnnotations, put: node.managed?.annotations },
    wanted.annotations,
    wanted.lastingAnnotations,
  );
  const managed = withPut({ labels: labels.put, annotations: annotations.put }, node, wanted);
  if (labels.same && annotations.same && sameLabels(node.managed, managed)) return undefined;
  return { labels: labels.now, hookAnnotations: annotations.now, ...(managed ? { managed } : {}) };
}

function withPut(
  put: { readonly labels: Put; readonly annotations: Put },
  { managed }: LabelledNode,
  { waiting, state, drain, lastReboot, labelsFor }: WantedLabels,
): ManagedLabels | undefined {
  const last = lastReboot ?? managed?.lastReboot;
  const recorded = recordedPut(put, labelsFor);
  if (!waiting && !state && !drain && last === undefined && recorded === undefined) return undefined;
  return {
    waiting,
    ...(state ? { state: state.phase, reboot: state.reboot } : {}),
    ...(last === undefined ? {} : { lastReboot: last }),
    ...(drain === undefined ? {} : { drain }),
    labels: {},
    ...recorded,
  };
}

function recordedPut(
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

/** `labelsFor` is informative. A change of it alone causes no write. */
const sameLabels = (one: ManagedLabels | undefined, other: ManagedLabels | undefined): boolean =>
  saySame(compared(one), compared(other));

/** Labels and annotations by kind and key, which contain no spaces, and everything else under one key. */
function compared(managed: ManagedLabels | undefined): ReadonlyMap<string, string> {
  const { state, reboot, lastReboot, drain, unreadable, waiting = false } = managed ?? {};
  const drains = drain && [drain.reboot, drain.drained];
  const put = (kind: string, values: Put = {}) =>
    Object.entries(values).map(
      ([key, value]) => [`${kind} ${key}`, JSON.stringify([value.put, value.was])] as const,
    );
  return new Map([
    ...put('label', managed?.labels),
    ...put('annotation', managed?.annotations),
    ['the rest', JSON.stringify([waiting, state, reboot, lastReboot, drains, unreadable])],
  ]);
}
