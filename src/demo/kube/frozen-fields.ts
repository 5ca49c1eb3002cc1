import { at, isObject, type Json, type JsonObject, listAt, objectAt, sameJson, textAt } from './json.ts';
import { type FieldError } from './status-error.ts';

const rules = 'x-kubernetes-validations';
/** The one rule in CEL that is judged here. */
const frozen = 'self == oldSelf';

/** Fields that may never change once they are set (`self == oldSelf`), in the words of the server. */
export function frozenFields(
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
