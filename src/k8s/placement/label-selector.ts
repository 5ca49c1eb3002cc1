import type { V1LabelSelector, V1LabelSelectorRequirement } from '@kubernetes/client-node';
import { matchesRequirement, type Requirement } from '../../reboot/policy/selector.ts';
import type { Received } from '../api/received.ts';

const operators: ReadonlyMap<string | undefined, Requirement['operator']> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', 'absent'],
]);

/** A `LabelSelector` object (meta/v1). An absent one matches nothing, an empty one everything. */
export function labelSelector(
  selector: Received<V1LabelSelector> | undefined,
): (labels: Readonly<Record<string, string>>) => boolean {
  if (selector === undefined) return () => false;
  const wanted = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: 'in',
    values: [value],
  }));
  const requirements = [...wanted, ...(selector.matchExpressions ?? []).map(requirementOf)];
  return (labels) => requirements.every((each) => each !== undefined && matchesRequirement(labels, each));
}

/** Undefined for an operator that is not known: it matches nothing. */
function requirementOf({
  key = '',
  operator: name,
  values = [],
}: Received<V1LabelSelectorRequirement>): Requirement | undefined {
  const operator = operators.get(name);
  return operator && { key, operator, values };
}
