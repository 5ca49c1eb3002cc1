import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import { judgeOf } from './cel-rules.ts';
import { validate } from './schema.ts';
import { type FieldError } from '../status-error.ts';

const rules = 'x-kubernetes-validations';
/** The server's message for an object that fails the schema of a type with CEL rules. */
const notChecked: FieldError = {
  field: '<nil>',
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

export interface CustomWrite {
  readonly object: JsonObject;
  readonly previous: JsonObject | undefined;
  readonly subresource: string;
}

/** Schema errors first; rules are evaluated only if the types match. */
export function customErrors(
  { object, previous, subresource }: CustomWrite,
  schema: JsonObject,
): readonly FieldError[] {
  const found = validate(object, schema);
  const errors = subresource === 'status' ? found.map(relativeToStatus) : found;
  // A value out of range can still be compared; a wrong type or a missing value cannot.
  if (errors.every(({ reason }) => reason === 'FieldValueInvalid'))
    return [...errors, ...brokenRules(object, previous, schema)];
  return JSON.stringify(schema).includes(rules) ? [...errors, notChecked] : errors;
}

/**
 * For a write of the status, the server's messages are relative to the status; the field's own path stays
 * complete.
 */
const relativeToStatus = (error: FieldError): FieldError => ({
  ...error,
  message: error.message.replace(/(?<=: )status\.(?=\S* in body)/, ''),
});

/** Objects and lists are named by their type. */
const shown = (value: Json): string =>
  JSON.stringify(isObject(value) ? 'object' : Array.isArray(value) ? 'array' : value);

/** Fields that break a rule, with the server's message. */
function brokenRules(
  object: Json,
  previous: Json | undefined,
  schema: JsonObject,
  path = '',
): readonly FieldError[] {
  if (previous === undefined) return [];
  const own = listAt(schema, rules)
    .filter((rule) => judgeOf(textAt(rule, 'rule'))?.(object, previous) === false)
    .map((rule): FieldError => ({
      field: path,
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${shown(object)}: ${textAt(rule, 'message')}`,
    }));
  if (!isObject(object)) return own;
  const inside = Object.entries(objectAt(schema, 'properties')).flatMap(([key, property]) => {
    const value = at(object, key);
    // As in the server, a rule on a field that is added or removed is not evaluated.
    if (value === undefined || !isObject(property)) return [];
    return brokenRules(value, at(previous, key), property, path === '' ? key : `${path}.${key}`);
  });
  return [...own, ...inside];
}

/** Refuses rules that this server does not evaluate, since their violations would go unnoticed. */
export function unknownRules(schema: Json, path: string): readonly FieldError[] {
  if (!isObject(schema)) return [];
  const own = listAt(schema, rules)
    .filter((rule) => judgeOf(textAt(rule, 'rule')) === undefined)
    .map((rule): FieldError => ({
      field: path,
      reason: 'FieldValueForbidden',
      message: `Forbidden: the demo does not judge ${textAt(rule, 'rule')}`,
    }));
  const inside = Object.entries(objectAt(schema, 'properties'));
  return [
    ...own,
    ...inside.flatMap(([key, property]) => unknownRules(property, `${path}.properties[${key}]`)),
    ...unknownRules(at(schema, 'items') ?? null, `${path}.items`),
  ];
}
