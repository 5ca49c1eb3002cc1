/** Where a person has acted, and where the answer goes. */

/**
 * A channel or thread, or the App Home, which has no channel. A modal carries it in private_metadata, since a
 * view submission has no channel either.
 */
export type Origin = { readonly channel: string; readonly threadTs?: string } | { readonly home: true };

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly field: string };

/** Reads the fields of an origin. Untrusted input: the result names the first invalid field. */
export function originIn(fields: Readonly<Record<string, unknown>>): Decoded<Origin> {
  const { channel, threadTs, home } = fields;
  if (home === true) return { ok: true, value: { home } };
  if (!isName(channel, 64)) return { ok: false, field: 'channel' };
  if (threadTs !== undefined && !isName(threadTs, 64)) return { ok: false, field: 'threadTs' };
  return { ok: true, value: { channel, ...(threadTs === undefined ? {} : { threadTs }) } };
}

export const isName = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

type Guards<Fields> = { readonly [Field in keyof Fields]: (value: unknown) => value is Fields[Field] };

/** The optional fields that are there, or the first that is wrong. */
export function optionalIn<Fields>(
  fields: Readonly<Record<string, unknown>>,
  guards: Guards<Fields>,
): Decoded<Partial<Fields>> {
  const given = Object.keys(guards).filter((field) => fields[field] !== undefined);
  const wrong = given.find((field) => !guards[field as keyof Fields](fields[field]));
  if (wrong !== undefined) return { ok: false, field: wrong };
  const value = Object.fromEntries(given.map((field) => [field, fields[field]]));
  return { ok: true, value: value as Partial<Fields> };
}

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
