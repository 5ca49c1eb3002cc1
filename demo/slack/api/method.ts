import type { Json, JsonObject } from '../json.ts';
import type { Problem } from '../validate/checks.ts';
import type { Args } from './args.ts';
import type { Tier } from './rate-limits.ts';

export type Refusal = JsonObject & { readonly ok: false; readonly error: string };
export type Reply = Refusal | (JsonObject & { readonly ok: true });

export interface Method {
  /** The kind of token that is required. */
  readonly token: 'bot' | 'app' | 'none';
  /** Any one of these is sufficient; absent: none is needed. */
  readonly scopes?: readonly string[];
  readonly tier: Tier;
  run(args: Args): Reply;
}

export type Methods = Readonly<Record<string, Method>>;

export const ok = (fields: JsonObject = {}): Reply => ({ ok: true, ...fields });
export const fail = (error: string, fields: JsonObject = {}): Refusal => ({ ok: false, error, ...fields });

const errorLine = ({ message, pointer }: Problem): string => `${message} [json-pointer:${pointer}]`;

/** Slack's form of errors in blocks, views and arguments. */
export function failWith(error: string, problems: readonly Problem[]): Refusal {
  const lines = problems.map(errorLine);
  return fail(error, {
    errors: lines,
    response_metadata: { messages: lines.map((line) => `[ERROR] ${line}`) },
  });
}

export const missingArgument = (key: string): Refusal =>
  fail('invalid_arguments', { response_metadata: { messages: [`[ERROR] missing required field: ${key}`] } });

export interface Page {
  readonly items: readonly Json[];
  readonly next: string;
}

/** Cursors are opaque to clients; these hold an offset. */
export function pageOf(
  all: readonly Json[],
  args: Args,
  fallback: number,
): Page | 'invalid_cursor' | 'invalid_limit' {
  const cursor = args.text('cursor');
  const decoded =
    cursor === ''
      ? '0'
      : Buffer.from(cursor, 'base64')
          .toString()
          .replace(/^from:/, '');
  if (!/^\d+$/.test(decoded) || Number(decoded) > all.length) return 'invalid_cursor';
  const limit = args.number('limit', fallback);
  if (limit < 1 || limit > 1000) return 'invalid_limit';
  const from = Number(decoded);
  const end = from + limit;
  return {
    items: all.slice(from, end),
    next: end < all.length ? Buffer.from(`from:${end}`).toString('base64') : '',
  };
}
