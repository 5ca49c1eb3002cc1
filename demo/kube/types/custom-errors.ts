import { at, isObject, type Json, type JsonObject, listAt, objectAt, sameJson, textAt } from '../json.ts';
import { validate } from './schema.ts';
import { type FieldError } from '../status-error.ts';

const rules = 'x-kubernetes-validations';
/** The one rule in CEL that is judged here. */
const frozen = 'self == oldSelf';

/** What the server says when the schema is broken and there are rules as well. */
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

/** The schema first, and the rules only of an object that has the shape they are about. */
export function customErrors(
  { object, previous, subresource }: CustomWrite,
  schema: JsonObject,
): readonly FieldError[] {
  const found = validate(object, schema);
  const errors = subresource === 'status' ? found.map(saidOfStatus) : found;
  // A value that is out of range can still be compared; one of another type, or none at all, cannot.
  if (errors.every(({ reason }) => reason === 'FieldValueInvalid'))
    return [...errors, ...frozenFields(object, previous, schema)];
  return JSON.stringify(schema).includes(rules) ? [...errors, notChecked] : errors;
}

/**
 * Of a write of the status alone, the server speaks as if the status were all there is; the field's own path
 * stays whole.
 */
const saidOfStatus = (error: FieldError): FieldError => ({
  ...error,
  message: error.message.replace(/(?<=: )status\.(?=\S* in body)/, ''),
});

/** Fields that may never change once they are set, in the words of the server. */
function frozenFields(
  object: Json,
  previous: Json | undefined,
  schema: JsonObject,
  path = '',
): readonly FieldError[] {
  if (previous === undefined) return [];
  const own = listAt(schema, rules)
    .filter((rule) => textAt(rule, 'rule') === frozen && !sameJson(object, previous))
    .map((rule): FieldError => ({
      field: path,
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(object)}: ${textAt(rule, 'message')}`,
    }));
  if (!isObject(object)) return own;
  const inside = Object.entries(objectAt(schema, 'properties')).flatMap(([key, property]) => {
    const value = at(object, key);
    // A rule on a field that comes or goes is not evaluated: it has nothing to compare.
    if (value === undefined || !isObject(property)) return [];
    return frozenFields(value, at(previous, key), property, path === '' ? key : `${path}.${key}`);
  });
  return [...own, ...inside];
}

/** A rule that cannot be judged here would be broken unseen. */
export function unknownRules(schema: Json, path: string): readonly FieldError[] {
  if (!isObject(schema)) return [];
  const own = listAt(schema, rules)
    .filter((rule) => textAt(rule, 'rule') !== frozen)
    .map((rule): FieldError => ({
      field: path,
      reason: 'FieldValueForbidden',
      message: `Forbidden: the demo judges only ${frozen}, not ${textAt(rule, 'rule')}`,
    }));
  const inside = Object.entries(objectAt(schema, 'properties'));
  return [
    ...own,
    ...inside.flatMap(([key, property]) => unknownRules(property, `${path}.properties[${key}]`)),
    ...unknownRules(at(schema, 'items') ?? null, `${path}.items`),
  ];
}
