import { field, listAt, textAt, textsAt } from '../api/json-value.ts';

type Labels = Readonly<Record<string, string>>;

/** A `LabelSelector` object (meta/v1). An absent one matches nothing, an empty one everything. */
export function labelSelector(selector: unknown): (labels: Labels) => boolean {
  if (typeof selector !== 'object' || selector === null) return () => false;
  const wanted = Object.entries(textsAt(selector, 'matchLabels'));
  const expressions = listAt(selector, 'matchExpressions').map((expression) => matcher(expression));
  return (labels) =>
    wanted.every(([key, value]) => labels[key] === value) && expressions.every((matches) => matches(labels));
}

function matcher(expression: unknown): (labels: Labels) => boolean {
  const key = textAt(expression, 'key') ?? '';
  const values = new Set(listAt(expression, 'values'));
  const operator = field(expression, 'operator');
  const has = (labels: Labels): boolean => Object.hasOwn(labels, key);
  if (operator === 'In') return (labels) => has(labels) && values.has(labels[key]);
  // As in the API server: NotIn also matches a pod without the label.
  if (operator === 'NotIn') return (labels) => !has(labels) || !values.has(labels[key]);
  if (operator === 'Exists') return has;
  if (operator === 'DoesNotExist') return (labels) => !has(labels);
  return () => false;
}
