import {
  at,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
} from '../json.ts';
import { formatError } from './schema-formats.ts';
import { type FieldError } from '../status-error.ts';

export interface Pruned {
  readonly object: JsonObject;
  /** Paths that are not in the schema, and were dropped. */
  readonly unknown: readonly string[];
}

/** Drops fields that are not in the schema, and applies defaults, as the server does before validation. */
export function prune(object: JsonObject, schema: JsonObject): Pruned {
  const unknown: string[] = [];
  const pruned = pruneObject(object, { ...schema, properties: rootProperties(schema) }, '', unknown);
  return { object: pruned, unknown };
}

/** apiVersion, kind and metadata are allowed in every object, whatever its schema. */
const rootProperties = (schema: JsonObject): JsonObject => ({
  ...objectAt(schema, 'properties'),
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
});

function pruneValue(value: Json, schema: JsonObject, path: string, unknown: string[]): Json {
  if (isObject(value)) return pruneObject(value, schema, path, unknown);
  if (!isArray(value)) return value;
  return value.map((item, index) =>
    pruneValue(item, objectAt(schema, 'items'), `${path}[${index}]`, unknown),
  );
}

function pruneObject(object: JsonObject, schema: JsonObject, path: string, unknown: string[]): JsonObject {
  const properties = objectAt(schema, 'properties');
  const rest = at(schema, 'additionalProperties');
  const keeps = at(schema, 'x-kubernetes-preserve-unknown-fields') === true || rest === true;
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const inside = isObject(property) ? property : isObject(rest) ? rest : undefined;
    const here = path === '' ? key : `${path}.${key}`;
    if (value === null && property !== undefined && at(property, 'nullable') !== true) continue;
    if (inside !== undefined) kept[key] = pruneValue(value, inside, here, unknown);
    else if (keeps) kept[key] = value;
    else unknown.push(here);
  }
  return withDefaults(kept, properties);
}

function withDefaults(object: Record<string, Json>, properties: JsonObject): JsonObject {
  for (const [key, property] of Object.entries(properties)) {
    const value = at(property, 'default');
    if (value !== undefined && !Object.hasOwn(object, key)) object[key] = value;
  }
  return object;
}

/** Every violation of the schema, with the server's messages. */
export function validate(value: Json, schema: JsonObject, path = ''): readonly FieldError[] {
  const typeError = checkType(value, schema, path);
  if (typeError !== undefined) return [typeError];
  const errors: FieldError[] = [...checkEnum(value, schema, path)];
  if (isObject(value)) errors.push(...checkObject(value, schema, path));
  else if (isArray(value)) errors.push(...checkArray(value, schema, path));
  else if (typeof value === 'string') errors.push(...checkText(value, schema, path));
  else if (typeof value === 'number') errors.push(...checkNumber(value, schema, path));
  return errors;
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function checkType(value: Json, schema: JsonObject, path: string): FieldError | undefined {
  const found = typeName(value);
  if (value === null && at(schema, 'nullable') === true) return undefined;
  if (at(schema, 'x-kubernetes-int-or-string') === true && (found === 'integer' || found === 'string'))
    return undefined;
  const wanted = textAt(schema, 'type');
  if (wanted === '' || wanted === found || (wanted === 'number' && found === 'integer')) return undefined;
  return {
    field: path,
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: "${found}": ${path} in body must be of type ${wanted}: "${found}"`,
  };
}

function checkEnum(value: Json, schema: JsonObject, path: string): readonly FieldError[] {
  const allowed = listAt(schema, 'enum');
  if (allowed.length === 0 || allowed.includes(value)) return [];
  const listed = allowed.map((item) => JSON.stringify(item)).join(', ');
  return [
    {
      field: path,
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${listed}`,
    },
  ];
}

const under = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function checkObject(object: JsonObject, schema: JsonObject, path: string): readonly FieldError[] {
  const missing = listAt(schema, 'required')
    .filter((key) => typeof key === 'string')
    .filter((key) => !Object.hasOwn(object, key))
    .map((key): FieldError => ({
      field: under(path, key),
      reason: 'FieldValueRequired',
      message: 'Required value',
    }));
  const properties = objectAt(schema, 'properties');
  const rest = at(schema, 'additionalProperties');
  const inside = Object.entries(object).flatMap(([key, value]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : rest;
    // Metadata is validated elsewhere.
    return isObject(property) && !(path === '' && key === 'metadata')
      ? validate(value, property, under(path, key))
      : [];
  });
  return [...inside, ...missing];
}

function checkArray(list: readonly Json[], schema: JsonObject, path: string): readonly FieldError[] {
  const most = numberAt(schema, 'maxItems') ?? Number.POSITIVE_INFINITY;
  const tooMany: FieldError[] =
    list.length > most
      ? [
          {
            field: path,
            reason: 'FieldValueTooMany',
            message: `Too many: ${list.length}: must have at most ${most} items`,
          },
        ]
      : [];
  return [
    ...tooMany,
    ...list.flatMap((item, index) => validate(item, objectAt(schema, 'items'), `${path}[${index}]`)),
  ];
}

const wrong = (path: string, value: Json, why: string): FieldError => ({
  field: path,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${path} in body ${why}`,
});

function checkText(text: string, schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const longest = numberAt(schema, 'maxLength') ?? Number.POSITIVE_INFINITY;
  const shortest = numberAt(schema, 'minLength') ?? 0;
  const pattern = textAt(schema, 'pattern');
  // Lengths count code points, not UTF-16 units.
  const length = Array.from(text).length;
  if (length > longest)
    errors.push({
      field: path,
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${longest} bytes`,
    });
  if (length < shortest) errors.push(wrong(path, text, `should be at least ${shortest} chars long`));
  if (pattern !== '' && !new RegExp(pattern, 'u').test(text))
    errors.push(wrong(path, text, `should match '${pattern}'`));
  const format = formatError(textAt(schema, 'format'), text);
  if (format !== undefined)
    errors.push({
      ...wrong(path, text, `${format}: ${JSON.stringify(text)}`),
      reason: 'FieldValueTypeInvalid',
    });
  return errors;
}

function checkNumber(number: number, schema: JsonObject, path: string): readonly FieldError[] {
  const least = numberAt(schema, 'minimum') ?? Number.NEGATIVE_INFINITY;
  const most = numberAt(schema, 'maximum') ?? Number.POSITIVE_INFINITY;
  if (number < least) return [wrong(path, number, `should be greater than or equal to ${least}`)];
  return number > most ? [wrong(path, number, `should be less than or equal to ${most}`)] : [];
}
