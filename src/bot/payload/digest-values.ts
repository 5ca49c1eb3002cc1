/** The values that the buttons and modals of a pool digest carry. */
import type { Instant } from '../../reboot/time/time.ts';
import { isPlainDecision, parseFields, type PlainDecision } from './action-ids.ts';
import { type Decoded, isCount, isName, optionalIn, type Origin, originIn } from './origin.ts';
import { limits } from '../blocks/limits.ts';

/** A pool digest as it was shown: a decision holds for the nodes and packages of this revision. */
export interface DigestValue {
  readonly cluster: string;
  readonly pool: string;
  readonly id: string;
  readonly revision: number;
  /** When the next window opens; needed by the choices of Snooze. */
  readonly opens?: Instant;
  /** Of a list, from 0. */
  readonly page?: number;
  /** The pool demands an input with this decision: a modal asks for it. */
  readonly asks?: true;
  /** Of a modal: what it decides. */
  readonly decision?: PlainDecision;
}

/**
 * Which nodes are listed. Slack does not send the state of other inputs with a search, so that it is kept
 * here.
 */
export interface MemberFilter {
  readonly zone?: string;
  readonly kernel?: string;
  /** Part of a name, or of `label=value`. */
  readonly text?: string;
}

export interface DigestOrigin {
  readonly value: DigestValue;
  readonly origin: Origin;
  readonly filter: MemberFilter;
}

const version = 1;

export function encodeDigest(value: DigestValue): string {
  const text = JSON.stringify({ v: version, ...value });
  if (text.length > limits.buttonValue)
    throw new RangeError('the value of a button is longer than Slack accepts');
  return text;
}

/** Untrusted input: the result names the first invalid field. */
export function decodeDigest(text: string): Decoded<DigestValue> {
  const fields = parseFields(text);
  if (fields === undefined) return { ok: false, field: 'value' };
  const { v, cluster, pool, id, revision } = fields;
  if (v !== version) return { ok: false, field: 'v' };
  if (!isName(cluster, 253)) return { ok: false, field: 'cluster' };
  if (!isName(pool, 253)) return { ok: false, field: 'pool' };
  if (!isName(id, 253)) return { ok: false, field: 'id' };
  if (!isCount(revision)) return { ok: false, field: 'revision' };
  const rest = optionalIn(fields, optional);
  return rest.ok ? { ok: true, value: { cluster, pool, id, revision, ...rest.value } } : rest;
}

const optional = {
  opens: isCount,
  page: isCount,
  asks: (value: unknown): value is true => value === true,
  decision: isPlainDecision,
};

export const encodeDigestOrigin = ({ value, origin, filter }: DigestOrigin): string =>
  JSON.stringify({ value: encodeDigest(value), ...origin, filter });

export function decodeDigestOrigin(text: string): Decoded<DigestOrigin> {
  const fields = parseFields(text);
  if (fields === undefined) return { ok: false, field: 'private_metadata' };
  const { value, filter } = fields;
  const origin = originIn(fields);
  if (!origin.ok) return origin;
  const decoded = decodeDigest(typeof value === 'string' ? value : '');
  if (!decoded.ok) return decoded;
  return { ok: true, value: { value: decoded.value, origin: origin.value, filter: filterIn(filter) } };
}

function filterIn(filter: unknown): MemberFilter {
  const fields: Readonly<Record<string, unknown>> =
    typeof filter === 'object' && filter !== null ? { ...filter } : {};
  const { zone, kernel, text } = fields;
  return {
    ...(isName(zone, 253) ? { zone } : {}),
    ...(isName(kernel, 253) ? { kernel } : {}),
    ...(isName(text, 253) ? { text } : {}),
  };
}
