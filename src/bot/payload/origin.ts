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
