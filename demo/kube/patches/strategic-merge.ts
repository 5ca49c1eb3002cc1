import { at, isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { badRequest } from '../status-error.ts';

/**
 * Lists that are merged by item, and the key of their items (`patchMergeKey` in the API's types). Every other
 * list is replaced, surprisingly also a node's taints. Among the types served here one name has one key,
 * except `ports`, whose key differs between containers and services.
 */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  addresses: 'type',
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
  ownerReferences: 'uid',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};
/** Lists of plain values that merge as sets. */
const mergedSets: ReadonlySet<string> = new Set(['finalizers']);

/**
 * Applies a strategic merge patch, with the directives `$patch`, `$deleteFromPrimitiveList`,
 * `$setElementOrder` and `$retainKeys`.
 */
export function applyStrategicMerge(target: JsonObject, patch: JsonObject): JsonObject {
  if (at(patch, '$patch') === 'replace') return without(patch, '$patch');
  if (at(patch, '$patch') === 'delete') return {};
  let merged: Record<string, Json> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$retainKeys') merged = retain(merged, patch, value);
    if (key.startsWith('$deleteFromPrimitiveList/')) removeValues(merged, key.slice(25), value);
    if (key.startsWith('$')) continue;
    if (value === null) delete merged[key];
    else merged[key] = mergeField(key, merged[key], value);
  }
  return merged;
}

function mergeField(key: string, current: Json | undefined, value: Json): Json {
  if (isObject(value)) return applyStrategicMerge(isObject(current) ? current : {}, value);
  if (!isArray(value)) return value;
  const existing = isArray(current) ? current : [];
  if (mergedSets.has(key)) return [...existing, ...value.filter((item) => !existing.includes(item))];
  const mergeKey = mergeKeys[key];
  return mergeKey === undefined ? value : mergeList(existing, value, mergeKey);
}

function mergeList(existing: readonly Json[], patch: readonly Json[], mergeKey: string): readonly Json[] {
  if (patch.some((item) => at(item, '$patch') === 'replace'))
    return patch.filter((item) => at(item, '$patch') === undefined);
  let merged = existing;
  for (const item of patch) {
    const id = at(item, mergeKey);
    if (!isObject(item) || id === undefined)
      throw badRequest(`map: does not contain declared merge key: ${mergeKey}`);
    const index = merged.findIndex((candidate) => at(candidate, mergeKey) === id);
    const found = merged[index];
    if (at(item, '$patch') === 'delete') merged = index < 0 ? merged : merged.toSpliced(index, 1);
    else if (isObject(found)) merged = merged.with(index, applyStrategicMerge(found, item));
    else merged = [...merged, applyStrategicMerge({}, item)];
  }
  return merged;
}

function retain(merged: Readonly<Record<string, Json>>, patch: JsonObject, keys: Json): Record<string, Json> {
  const kept = isArray(keys) ? keys : [];
  return Object.fromEntries(
    Object.entries(merged).filter(([key]) => kept.includes(key) || Object.hasOwn(patch, key)),
  );
}

function removeValues(merged: Record<string, Json>, key: string, values: Json): void {
  const list = merged[key];
  const removed = isArray(values) ? values : [];
  if (isArray(list)) merged[key] = list.filter((item) => !removed.includes(item));
}

function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _removed, ...rest } = object;
  return rest;
}
