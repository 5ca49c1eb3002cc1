/** Reading what was stored. */
export type Json = unknown;
export interface Obj {
  readonly [key: string]: Json;
}

export const isObj = (value: Json): value is Obj =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function at(value: Json, ...path: readonly string[]): Json {
  let here = value;
  for (const key of path) {
    if (!isObj(here)) return undefined;
    here = here[key];
  }
  return here;
}

export const text = (value: Json, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};

export const list = (value: Json, ...path: readonly string[]): readonly Json[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
};

export const obj = (value: Json, ...path: readonly string[]): Obj => {
  const found = at(value, ...path);
  return isObj(found) ? found : {};
};
