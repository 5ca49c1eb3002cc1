/**
 * What the port promises of managed labels, written once more for the fake, so that tests on it do not judge
 * the real rule by itself.
 */
import type { ManagedLabels } from '../../../src/reboot/nodes/node-view.ts';
import type { WantedLabels } from '../../../src/reboot/ownership/managed-labels.ts';
import type { MutableNode } from './fake-world.ts';

type Values = Readonly<Record<string, string>>;
type Recorded = NonNullable<ManagedLabels['annotations']>;

interface Outcome {
  readonly value: string | undefined;
  readonly recorded?: Recorded[string];
}

const loadBalancerKey = 'node.kubernetes.io/exclude-from-external-load-balancers';
const longestRecorded = 1024;

/** What becomes of one key, from its value, what is recorded of it, and what is wanted. */
function outcomeOf(
  key: string,
  value: string | undefined,
  recorded: Recorded[string] | undefined,
  wanted: string | undefined,
): Outcome {
  const isOurs = recorded !== undefined && recorded.put === value;
  if (wanted === undefined) return { value: isOurs ? recorded.was : value };
  if (recorded !== undefined)
    return { value: isOurs ? wanted : value, recorded: { ...recorded, put: wanted } };
  if (value === undefined) return { value: wanted, recorded: { put: wanted } };
  const isLeft =
    value === wanted || key === loadBalancerKey || JSON.stringify(value).length > longestRecorded;
  return isLeft ? { value } : { value: wanted, recorded: { put: wanted, was: value } };
}

function outcomes(
  before: Values,
  recorded: Recorded,
  wanted: Values,
  lasting: Values,
): { readonly values: Values; readonly recorded: Recorded } {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(recorded), ...Object.keys(wanted)])];
  const all = keys.map((key) => [key, outcomeOf(key, before[key], recorded[key], wanted[key])] as const);
  const values = all.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value] as const]));
  const kept = all.flatMap(([key, outcome]) =>
    outcome.recorded === undefined ? [] : [[key, outcome.recorded] as const],
  );
  return { values: { ...Object.fromEntries(values), ...lasting }, recorded: Object.fromEntries(kept) };
}

const isEmpty = (values: object): boolean => Object.keys(values).length === 0;

const inOrder = (values: object): string =>
  JSON.stringify(Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** All that a write would compare. Whom the labels are for is informative. */
function comparable({ labels, hookAnnotations, managed }: MutableNode): string {
  const { labelsFor: _, labels: recorded = {}, annotations = {}, ...rest } = managed ?? { waiting: false };
  return [labels, hookAnnotations ?? {}, recorded, annotations, rest].map(inOrder).join('\n');
}

/** The node with what is wanted; undefined where nothing would be written. */
export function managedNode(node: MutableNode, wanted: WantedLabels): MutableNode | undefined {
  const { managed } = node;
  const labels = outcomes(node.labels, managed?.labels ?? {}, wanted.labels, wanted.lasting);
  const annotations = outcomes(
    node.hookAnnotations ?? {},
    managed?.annotations ?? {},
    wanted.annotations,
    wanted.lastingAnnotations,
  );
  const lastReboot = wanted.lastReboot ?? managed?.lastReboot;
  const hasRecorded = !isEmpty(labels.recorded) || !isEmpty(annotations.recorded);
  const next: ManagedLabels = {
    waiting: wanted.waiting,
    ...(wanted.state && { state: wanted.state.phase, reboot: wanted.state.reboot }),
    ...(lastReboot !== undefined && { lastReboot }),
    ...(wanted.drain && { drain: wanted.drain }),
    labels: labels.recorded,
    ...(!isEmpty(annotations.recorded) && { annotations: annotations.recorded }),
    ...(hasRecorded && wanted.labelsFor !== undefined && { labelsFor: wanted.labelsFor }),
  };
  const isManaged =
    hasRecorded ||
    wanted.waiting ||
    wanted.state !== undefined ||
    wanted.drain !== undefined ||
    lastReboot !== undefined;
  const { managed: _, hookAnnotations: __, ...others } = node;
  const after: MutableNode = {
    ...others,
    labels: labels.values,
    ...(!isEmpty(annotations.values) && { hookAnnotations: annotations.values }),
    ...(isManaged && { managed: next }),
  };
  return comparable(after) === comparable(node) ? undefined : after;
}
