import { parseJson, type Json } from '../json.ts';

export const malformed: unique symbol = Symbol('malformed');

/** A JSON argument as received. `malformed` is a symbol, since any string is valid JSON. */
export type Given = Json | undefined | typeof malformed;

/** Arguments of a call: text from a form, or JSON values from a JSON body. Slack accepts both everywhere. */
export interface Args {
  readonly raw: Readonly<Record<string, Json>>;
  has(key: string): boolean;
  text(key: string): string;
  flag(key: string): boolean;
  number(key: string, fallback: number): number;
  /** `malformed` for text that is not JSON. */
  json(key: string): Given;
}

export function argsOf(raw: Readonly<Record<string, Json>>): Args {
  const text = (key: string): string => {
    const value = raw[key];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  };
  return {
    raw,
    has: (key) => raw[key] !== undefined && raw[key] !== null,
    text,
    flag: (key) => raw[key] === true || ['true', '1', 't'].includes(text(key)),
    number(key, fallback) {
      const value = Number(raw[key] ?? fallback);
      return Number.isFinite(value) ? value : fallback;
    },
    json(key) {
      const value = raw[key];
      if (value === undefined || value === null || value === '') return undefined;
      return typeof value === 'string' ? (parseJson(value) ?? malformed) : value;
    },
  };
}
