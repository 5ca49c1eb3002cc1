import type {
  V1Node,
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1PersistentVolume,
  V1Pod,
  V1Taint,
  V1Toleration,
} from '@kubernetes/client-node';
import { objectNameOf } from '../api/object-names.ts';
import type { Received } from '../api/received.ts';

type Taint = Received<V1Taint>;
/** The fields of a pod that the static rules read; a DaemonSet's template has them too. */
export type PodConstraints = Pick<Received<V1Pod>, 'spec'>;

/** The fields of a node that decide which pods it accepts. */
export interface Place {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** Undefined for a node that accepts no pods: cordoned, or not Ready. */
export function placeOf(node: Received<V1Node>): Place | undefined {
  const { metadata, spec, status } = node;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || spec?.unschedulable === true) return undefined;
  return { name: objectNameOf(node), labels: metadata?.labels ?? {}, taints: spec?.taints ?? [] };
}

/**
 * Whether the scheduler could place the pod there by its static rules: node selector, required affinity,
 * taints ("Assigning Pods to Nodes"). Free resources are not checked: Tugboot's own pods have a priority that
 * preempts others, and for all other pods see room-fit.ts.
 */
export const fits = (pod: PodConstraints, place: Place): boolean =>
  matches(pod, place) && tolerates(pod, place);

const cordonTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/**
 * Whether the pod tolerates the taint of a cordon, so that the scheduler may place it on a cordoned node (the
 * scheduler's plugin NodeUnschedulable).
 */
export const toleratesCordon = ({ spec }: PodConstraints): boolean =>
  tolerated(cordonTaint, spec?.tolerations ?? []);

/** Node selector and required node affinity. */
export const matches = (pod: PodConstraints, place: Place): boolean =>
  matchesSelector(pod.spec?.nodeSelector ?? {}, place) && matchesTerms(requiredTerms(pod), place);

export const tolerates = ({ spec }: PodConstraints, place: Place): boolean =>
  place.taints.every((taint) => tolerated(taint, spec?.tolerations ?? []));

/** The terms of the required node affinity. */
export const requiredTerms = ({ spec }: PodConstraints): readonly Received<V1NodeSelectorTerm>[] =>
  spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

const matchesSelector = (selector: Readonly<Record<string, string>>, { labels }: Place): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Whether the volume is available there (PersistentVolume, nodeAffinity). */
export const isVolumeAvailable = ({ spec }: Received<V1PersistentVolume>, place: Place): boolean =>
  matchesTerms(spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [], place);

/** Terms are ORed, the expressions of a term are ANDed, and an empty term matches nothing. */
function matchesTerms(terms: readonly Received<V1NodeSelectorTerm>[], place: Place): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    const labels = matchExpressions.map((one) => satisfies(one, place.labels));
    const fields = matchFields.map((one) => satisfies(one, { 'metadata.name': place.name }));
    const all = [...labels, ...fields];
    return all.length > 0 && all.every(Boolean);
  });
}

function satisfies(
  { key = '', operator, values = [] }: Received<V1NodeSelectorRequirement>,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
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
const integer = (text: string | undefined): number =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;

/** Only NoSchedule and NoExecute keep a pod away; PreferNoSchedule is a preference. */
function tolerated(taint: Taint, tolerations: readonly Received<V1Toleration>[]): boolean {
  const { effect } = taint;
  if (effect !== 'NoSchedule' && effect !== 'NoExecute') return true;
  return tolerations.some((toleration) => {
    const { key = '', value = '' } = toleration;
    const exists = toleration.operator === 'Exists';
    return (
      [undefined, '', effect].includes(toleration.effect) &&
      (key === '' ? exists : key === taint.key) &&
      (exists || value === (taint.value ?? '')) &&
      // A toleration with `tolerationSeconds` only delays the eviction.
      (effect === 'NoSchedule' || toleration.tolerationSeconds === undefined)
    );
  });
}
