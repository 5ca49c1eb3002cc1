/**
 * Cuts texts to the bounds of their fields. The API server would refuse a status with a longer text, and the
 * Reboot could not go on.
 */
import { z } from 'zod';

/** The bounds of a declaration, by the place of the text in the value. */
interface Bounds {
  readonly maxLength?: number;
  readonly properties: Readonly<Record<string, Bounds>>;
  /** Of the items of a list, and of the values of a record. */
  readonly each?: Bounds;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listAt = (schema: Json, key: string): readonly unknown[] =>
  Array.isArray(schema[key]) ? (schema[key] as readonly unknown[]) : [];

function boundsIn(schema: unknown): Bounds {
  if (!isObject(schema)) return { properties: {} };
  const { maxLength, properties, items, additionalProperties } = schema;
  const each = items ?? additionalProperties;
  const own: Bounds = {
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
    properties: Object.fromEntries(
      Object.entries(isObject(properties) ? properties : {}).map(([key, inner]) => [key, boundsIn(inner)]),
    ),
    ...(isObject(each) ? { each: boundsIn(each) } : {}),
  };
  return [...listAt(schema, 'oneOf'), ...listAt(schema, 'anyOf')].map(boundsIn).reduce(merged, own);
}

/**
 * Alternatives that share a field have the same bound for it: the generator of the definition requires that.
 */
function merged(one: Bounds, other: Bounds): Bounds {
  const each = one.each && other.each ? merged(one.each, other.each) : (one.each ?? other.each);
  const shared = Object.entries(other.properties).map(([key, inner]) => {
    const known = one.properties[key];
    return [key, known === undefined ? inner : merged(known, inner)] as const;
  });
  return {
    ...other,
    ...one,
    properties: { ...one.properties, ...Object.fromEntries(shared) },
    ...(each === undefined ? {} : { each }),
  };
}

/** In UTF-16 units, of which a text has at least as many as the characters that the API server counts. */
function cutText(text: string, { maxLength }: Bounds): string {
  if (maxLength === undefined || text.length <= maxLength) return text;
  return `${text.slice(0, maxLength - 1).replace(/\p{Cs}$/u, '')}…`;
}

function cut(value: unknown, bounds: Bounds | undefined): unknown {
  if (bounds === undefined) return value;
  if (typeof value === 'string') return cutText(value, bounds);
  if (Array.isArray(value)) return value.map((item) => cut(item, bounds.each));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, cut(inner, bounds.properties[key] ?? bounds.each)]),
  );
}

const boundsOf = (schema: z.ZodType): Bounds =>
  boundsIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));

/** Cuts every text to its bound in these declarations. Fields that none of them declares stay as they are. */
export function cutter(...declarations: readonly z.ZodType[]): <Value>(value: Value) => Value {
  let known: Bounds | undefined;
  // Computed at the first use: it would double the start time of a command that stores nothing.
  const bounds = (): Bounds => (known ??= declarations.map(boundsOf).reduce(merged));
  return <Value>(value: Value) => cut(value, bounds()) as Value;
}
