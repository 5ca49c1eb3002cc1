import { at, field, listAt, textAt, textsAt } from '../api/json-value.ts';

/** The fields of a node that decide which pods it accepts. */
export interface Place {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly unknown[];
}

/** Undefined for a node that accepts no pods: cordoned, or not Ready. */
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
 * Whether the scheduler could place the pod there by its static rules: node selector, required affinity,
 * taints ("Assigning Pods to Nodes"). Free resources are not checked: Tugboot's own pods have a priority that
 * preempts others, and for all other pods see room-fit.ts.
 */
export const fits = (pod: unknown, place: Place): boolean => matches(pod, place) && tolerates(pod, place);

const cordonTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/**
 * Whether the pod tolerates the taint of a cordon, so that the scheduler may place it on a cordoned node (the
 * scheduler's plugin NodeUnschedulable).
 */
export const toleratesCordon = (pod: unknown): boolean =>
  tolerated(cordonTaint, listAt(pod, 'spec', 'tolerations'));

/** Node selector and required node affinity. */
export const matches = (pod: unknown, place: Place): boolean =>
  matchesSelector(textsAt(pod, 'spec', 'nodeSelector'), place) &&
  matchesTerms(listAt(pod, 'spec', 'affinity', 'nodeAffinity', required, 'nodeSelectorTerms'), place);

export const tolerates = (pod: unknown, place: Place): boolean =>
  place.taints.every((taint) => tolerated(taint, listAt(pod, 'spec', 'tolerations')));

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

const matchesSelector = (selector: Readonly<Record<string, string>>, { labels }: Place): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Whether the volume is available there (PersistentVolume, nodeAffinity). */
export const isVolumeAvailable = (volume: unknown, place: Place): boolean =>
  matchesTerms(listAt(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'), place);

/** Terms are ORed, the expressions of a term are ANDed, and an empty term matches nothing. */
function matchesTerms(terms: readonly unknown[], place: Place): boolean {
  if (terms.length === 0) return true;
  return terms.some((term) => {
    const labels = listAt(term, 'matchExpressions').map((one) => satisfies(one, place.labels));
    const fields = listAt(term, 'matchFields').map((one) => satisfies(one, { 'metadata.name': place.name }));
    const all = [...labels, ...fields];
    return all.length > 0 && all.every(Boolean);
  });
}

function satisfies(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
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
      return integer(value) > integer(values[0]);
    case 'Lt':
      return integer(value) < integer(values[0]);
    case undefined:
    default:
      return false;
  }
}

/** NaN for what is no integer: neither greater nor less than any number. */
const integer = (text: unknown): number =>
  typeof text === 'string' && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;

/** Only NoSchedule and NoExecute keep a pod away; PreferNoSchedule is a preference. */
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
      // A toleration with `tolerationSeconds` only delays the eviction.
      (effect === 'NoSchedule' || field(toleration, 'tolerationSeconds') === undefined)
    );
  });
}
