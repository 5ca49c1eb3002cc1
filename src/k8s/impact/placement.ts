import { at, field, listAt, textAt, textsAt } from '../api/json-value.ts';

/** A node, reduced to what decides whether pods may come. */
export interface Place {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly unknown[];
}

/** Undefined for a node that takes no pods at all: cordoned, or not Ready. */
export function placeOf(node: unknown): Place | undefined {
  const ready = listAt(node, 'status', 'conditions').find(
    (condition) => textAt(condition, 'type') === 'Ready',
  );
  if (textAt(ready, 'status') !== 'True' || at(node, 'spec', 'unschedulable') === true) return undefined;
  return {
    name: textAt(node, 'metadata', 'name') ?? '',
    labels: textsAt(node, 'metadata', 'labels'),
    taints: listAt(node, 'spec', 'taints'),
  };
}

/**
 * Whether the scheduler could put such a pod there, by what is fixed: node selector, required affinity,
 * taints ("Assigning Pods to Nodes"). Room is not looked at here: our own pods have a priority that makes it,
 * and for others see room.ts.
 */
export const fits = (pod: unknown, place: Place): boolean => matches(pod, place) && tolerates(pod, place);

const cordonTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/**
 * Whether a cordon keeps the scheduler from putting such a pod on a node (the scheduler's plugin
 * NodeUnschedulable).
 */
export const toleratesCordon = (pod: unknown): boolean =>
  tolerated(cordonTaint, listAt(pod, 'spec', 'tolerations'));

/** By node selector and required affinity. */
export const matches = (pod: unknown, place: Place): boolean =>
  selected(textsAt(pod, 'spec', 'nodeSelector'), place) &&
  attracted(listAt(pod, 'spec', 'affinity', 'nodeAffinity', required, 'nodeSelectorTerms'), place);

export const tolerates = (pod: unknown, place: Place): boolean =>
  place.taints.every((taint) => tolerated(taint, listAt(pod, 'spec', 'tolerations')));

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

const selected = (selector: Readonly<Record<string, string>>, { labels }: Place): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Whether a volume can be had there (PersistentVolume, nodeAffinity). */
export const canHave = (volume: unknown, place: Place): boolean =>
  attracted(listAt(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'), place);

/** Terms are alternatives; within one, everything must hold, and one without anything matches nothing. */
function attracted(terms: readonly unknown[], place: Place): boolean {
  if (terms.length === 0) return true;
  return terms.some((term) => {
    const labels = listAt(term, 'matchExpressions').map((one) => holds(one, place.labels));
    const fields = listAt(term, 'matchFields').map((one) => holds(one, { 'metadata.name': place.name }));
    const all = [...labels, ...fields];
    return all.length > 0 && all.every(Boolean);
  });
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return values.includes(value);
    case 'NotIn':
      return !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return whole(value) > whole(values[0]);
    case 'Lt':
      return whole(value) < whole(values[0]);
    case undefined:
    default:
      return false;
  }
}

/** What is no number is neither more nor less than another. */
const whole = (text: unknown): number =>
  typeof text === 'string' && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;

/** Only these two keep a pod away; PreferNoSchedule is a wish. */
function tolerated(taint: unknown, tolerations: readonly unknown[]): boolean {
  const effect = textAt(taint, 'effect');
  if (effect !== 'NoSchedule' && effect !== 'NoExecute') return true;
  return tolerations.some((toleration) => {
    const key = textAt(toleration, 'key') ?? '';
    const exists = textAt(toleration, 'operator') === 'Exists';
    return (
      [undefined, '', effect].includes(textAt(toleration, 'effect')) &&
      (key === '' ? exists : key === textAt(taint, 'key')) &&
      (exists || (textAt(toleration, 'value') ?? '') === (textAt(taint, 'value') ?? '')) &&
      // A toleration with an end only delays the eviction.
      (effect === 'NoSchedule' || field(toleration, 'tolerationSeconds') === undefined)
    );
  });
}
