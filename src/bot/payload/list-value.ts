/** The value of the button that decides on a list of an answer. */
import { parseFields } from './action-ids.ts';
import { type Decoded, isName } from './origin.ts';

export interface ListValue {
  readonly cluster: string;
  /** ID of the stored list. */
  readonly list: string;
}

const version = 1;

export const encodeList = (value: ListValue): string => JSON.stringify({ v: version, ...value });

/** Untrusted input: the result names the first invalid field. */
export function decodeList(text: string): Decoded<ListValue> {
  const { v, cluster, list } = parseFields(text) ?? {};
  if (v !== version) return { ok: false, field: 'v' };
  if (!isName(cluster, 253)) return { ok: false, field: 'cluster' };
  if (!isName(list, 64)) return { ok: false, field: 'list' };
  return { ok: true, value: { cluster, list } };
}
