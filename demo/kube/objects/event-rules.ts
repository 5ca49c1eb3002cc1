import { having, type Json, type JsonObject, textAt } from '../json.ts';
import { namespaceOf } from './object.ts';
import { type FieldError } from '../status-error.ts';

/** core/v1 and events.k8s.io/v1 name the fields of the same stored Event differently. */
const spellings: readonly (readonly [core: string, modern: string])[] = [
  ['message', 'note'],
  ['involvedObject', 'regarding'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['count', 'deprecatedCount'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
];

function respell(object: JsonObject, from: 0 | 1): JsonObject {
  let result = object;
  for (const pair of spellings) {
    const value: Json | undefined = object[pair[from]];
    if (value === undefined) continue;
    result = having(having(result, pair[from], undefined), pair[1 - from] ?? '', value);
  }
  return result;
}

export const toCoreEvent = (event: JsonObject): JsonObject => respell(event, 1);
export const toModernEvent = (event: JsonObject): JsonObject => respell(event, 0);

const required = (field: string): FieldError => ({
  field,
  reason: 'FieldValueRequired',
  message: 'Required value',
});
const wrong = (field: string, value: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: "${value}": ${why}`,
});

const isModern = (event: JsonObject): boolean => textAt(event, 'apiVersion') === 'events.k8s.io/v1';

/**
 * An Event must be in the namespace of its object; for a cluster-scoped object, such as a Node, in `default`,
 * or, with events.k8s.io/v1, in `kube-system`.
 */
function checkNamespace(event: JsonObject): readonly FieldError[] {
  const about = textAt(event, 'involvedObject', 'namespace');
  const here = namespaceOf(event);
  const fits =
    about === '' ? here === 'default' || (isModern(event) && here === 'kube-system') : about === here;
  return fits ? [] : [wrong('involvedObject.namespace', about, 'does not match event.namespace')];
}

/** events.k8s.io/v1 is stricter than core/v1: it requires time, reporter, action and reason. */
function checkModern(event: JsonObject): readonly FieldError[] {
  const errors = ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason']
    .filter((field) => textAt(event, field === 'reportingController' ? 'reportingComponent' : field) === '')
    .map(required);
  for (const [field, most] of [
    ['reportingInstance', 128],
    ['action', 128],
    ['reason', 128],
  ] as const) {
    if (textAt(event, field).length > most)
      errors.push(wrong(field, '', `can have at most ${most} characters`));
  }
  if (textAt(event, 'message').length > 1024)
    errors.push(wrong('message', '', 'can have at most 1024 characters'));
  const type = textAt(event, 'type');
  if (type !== 'Normal' && type !== 'Warning') errors.push(wrong('type', type, ''));
  return errors;
}

/** Expects the stored field names (core/v1), with the apiVersion of the request. */
export function eventErrors(event: JsonObject, previous: JsonObject | undefined): readonly FieldError[] {
  const rules = [...checkNamespace(event)];
  return previous === undefined && isModern(event) ? [...rules, ...checkModern(event)] : rules;
}
