/**
 * JSON schemas as structural schemas, which the API server takes: one type per field, and no alternatives
 * (Kubernetes documentation, "Specifying a structural schema").
 */
export type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const listIn = (schema: Json, key: string): readonly unknown[] =>
  Array.isArray(schema[key]) ? (schema[key] as readonly unknown[]) : [];

/** Keywords of JSON schema without a counterpart, or that say what a structural schema says by default. */
const dropped: ReadonlySet<string> = new Set(['$schema', 'propertyNames', 'oneOf', 'anyOf', 'const']);

export function structural(schema: Json): Json {
  const variants = [...listIn(schema, 'oneOf'), ...listIn(schema, 'anyOf')].filter(isObject);
  const own = Object.entries(schema)
    .filter(([key, value]) => !dropped.has(key) && !isRedundant(key, value))
    .map(([key, value]) => [key, inside(key, value)] as const);
  const fixed = 'const' in schema ? { enum: [schema['const']] } : {};
  const merged = variants.length === 0 ? {} : variants.map(structural).reduce(mergeOf);
  return { ...merged, ...Object.fromEntries(own), ...fixed };
}

const isRedundant = (key: string, value: unknown): boolean =>
  (key === 'additionalProperties' && value === false) ||
  (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) ||
  (key === 'minimum' && value === Number.MIN_SAFE_INTEGER);

function inside(key: string, value: unknown): unknown {
  if (key === 'properties' && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, property]) => [name, structural(property as Json)]),
    );
  return (key === 'items' || key === 'additionalProperties') && isObject(value) ? structural(value) : value;
}

/** One schema that takes what either takes. What differs in more than a choice or its fields is refused. */
export function mergeOf(one: Json, other: Json): Json {
  if (same(one, other)) return one;
  if (one['type'] !== other['type'])
    throw new Error(`two types in one field: ${JSON.stringify([one, other])}`);
  const description = one['description'] ?? other['description'];
  const base = { ...one, ...(description === undefined ? {} : { description }) };
  if (one['type'] === 'object')
    return { ...base, properties: mergedProperties(one, other), required: inBoth(one, other) };
  if (Array.isArray(one['enum']) && Array.isArray(other['enum']))
    return { ...base, enum: [...new Set([...listIn(one, 'enum'), ...listIn(other, 'enum')])] };
  if (same({ ...base, description: '' }, { ...other, description: '' })) return base;
  throw new Error(`two schemas in one field: ${JSON.stringify([one, other])}`);
}

const inBoth = (one: Json, other: Json): readonly unknown[] =>
  listIn(one, 'required').filter((key) => listIn(other, 'required').includes(key));

export const propertiesOf = ({ properties }: Json): Json => (isObject(properties) ? properties : {});

function mergedProperties(one: Json, other: Json): Json {
  const [here, there] = [propertiesOf(one), propertiesOf(other)];
  const merged = Object.entries(there).map(([key, schema]) => {
    const known = here[key];
    return [key, known === undefined ? schema : mergeOf(known as Json, schema as Json)] as const;
  });
  return { ...here, ...Object.fromEntries(merged) };
}
