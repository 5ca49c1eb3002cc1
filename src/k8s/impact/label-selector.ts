import type { V1LabelSelector, V1LabelSelectorRequirement } from '@kubernetes/client-node';
import type { Received } from '../api/received.ts';

type Labels = Readonly<Record<string, string>>;

/** A `LabelSelector` object (meta/v1). An absent one matches nothing, an empty one everything. */
export function labelSelector(selector: Received<V1LabelSelector> | undefined): (labels: Labels) => boolean {
  if (selector === undefined) return () => false;
  const wanted = Object.entries(selector.matchLabels ?? {});
  const expressions = (selector.matchExpressions ?? []).map((expression) => matcher(expression));
  return (labels) =>
    wanted.every(([key, value]) => labels[key] === value) && expressions.every((matches) => matches(labels));
}

function matcher({
  key = '',
  operator,
  ...expression
}: Received<V1LabelSelectorRequirement>): (labels: Labels) => boolean {
  const values = new Set<string | undefined>(expression.values);
  const has = (labels: Labels): boolean => Object.hasOwn(labels, key);
  if (operator === 'In') return (labels) => has(labels) && values.has(labels[key]);
  // As in the API server: NotIn also matches a pod without the label.
  if (operator === 'NotIn') return (labels) => !has(labels) || !values.has(labels[key]);
  if (operator === 'Exists') return has;
  if (operator === 'DoesNotExist') return (labels) => !has(labels);
  return () => false;
}
