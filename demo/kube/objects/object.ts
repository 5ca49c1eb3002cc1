import { at, having, type Json, type JsonObject, numberAt, objectAt, textAt } from '../json.ts';

/** Accessors for fields of every Kubernetes object. */
export const nameOf = (object: JsonObject): string => textAt(object, 'metadata', 'name');
export const namespaceOf = (object: JsonObject): string => textAt(object, 'metadata', 'namespace');
export const uidOf = (object: JsonObject): string => textAt(object, 'metadata', 'uid');
export const versionOf = (object: JsonObject): string => textAt(object, 'metadata', 'resourceVersion');
export const generationOf = (object: JsonObject): number => numberAt(object, 'metadata', 'generation') ?? 0;
export const isTerminating = (object: JsonObject): boolean =>
  textAt(object, 'metadata', 'deletionTimestamp') !== '';

export function withMetadata(
  object: JsonObject,
  changes: Readonly<Record<string, Json | undefined>>,
): JsonObject {
  let metadata = objectAt(object, 'metadata');
  for (const [key, value] of Object.entries(changes)) metadata = having(metadata, key, value);
  return { ...object, metadata };
}

/** Timestamps in metadata have whole seconds: objects created within one second cannot be ordered by them. */
export const inSeconds = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

export const conditionStatus = (object: JsonObject, type: string): string => {
  const conditions = at(object, 'status', 'conditions');
  if (!Array.isArray(conditions)) return '';
  return textAt(
    conditions.find((condition: Json) => textAt(condition, 'type') === type),
    'status',
  );
};
