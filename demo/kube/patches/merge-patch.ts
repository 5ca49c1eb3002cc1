import { isObject, type Json, type JsonObject } from '../json.ts';

/** Applies an RFC 7386 patch: null removes, objects merge, everything else replaces. */
export function applyMergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const base: JsonObject = isObject(target) ? target : {};
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    // `__proto__` is an ordinary key in JSON: it must become an own property.
    if (value === null) delete merged[key];
    else
      Object.defineProperty(
        merged,
        key,
        property(applyMergePatch(Object.hasOwn(base, key) ? (base[key] ?? null) : null, value)),
      );
  }
  return merged;
}

const property = (value: Json): PropertyDescriptor => ({
  value,
  writable: true,
  enumerable: true,
  configurable: true,
});
