/**
 * The data exchanged between an app and Slack. Blocks and views stay JSON, since the fake, like Slack, must
 * store fields that it does not interpret.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isJsonList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** The string at `key`, or the empty string. */
export function textAt(value: unknown, key: string): string {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : '';
}

export function objectAt(value: unknown, key: string): JsonObject | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : undefined;
}

export function listAt(value: unknown, key: string): readonly Json[] {
  const found = isObject(value) ? value[key] : undefined;
  return isJsonList(found) ? found : [];
}

export const objectsAt = (value: unknown, key: string): readonly JsonObject[] =>
  listAt(value, key).filter(isObject);

/** Undefined for text that is not JSON; the caller chooses the error. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
