import { isObject, type Json, type JsonObject } from '../json.ts';
import { applyJsonPatch } from '../patches/json-patch.ts';
import { applyMergePatch } from '../patches/merge-patch.ts';
import { applyStrategicMerge } from '../patches/strategic-merge.ts';
import { accept, present } from '../lists/representation.ts';
import { type ResourceType } from '../types/resource-type.ts';
import { badRequest, patchRejected, unsupportedMediaType } from '../status-error.ts';
import { type Cluster, readObject, replaceObject, type Target, type WriteOptions } from './writes.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';

/** Strategic merge is not defined for custom types. Server-side apply is not implemented here. */
const acceptedFor = (type: ResourceType): readonly string[] =>
  type.custom === undefined ? [jsonPatch, mergePatch, strategic] : [jsonPatch, mergePatch];

/** Checked before the body is read. */
export function patchKind(type: ResourceType, contentType: string): string {
  const kind = contentType.split(';')[0]?.trim() ?? '';
  if (!acceptedFor(type).includes(kind)) throw unsupportedMediaType(acceptedFor(type));
  return kind;
}

/**
 * PATCH: applied to the stored object, in the requested version, and then written like a PUT. A patch without
 * resourceVersion therefore never conflicts; one with it is a compare-and-swap.
 */
export function patchObject(
  cluster: Cluster,
  target: Target,
  patch: { readonly kind: string; readonly body: Json },
  options: WriteOptions,
): JsonObject {
  const { type } = target;
  const current = readObject(cluster, target);
  const patched = applyPatch(present(type, current), patch.kind, patch.body);
  if (!isObject(patched)) throw patchRejected();
  return replaceObject(cluster, target, { current, candidate: accept(type, patched) }, options);
}

function applyPatch(document: JsonObject, kind: string, body: Json): Json {
  if (kind === jsonPatch) return applyJsonPatch(document, body);
  if (!isObject(body))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  return kind === mergePatch ? applyMergePatch(document, body) : applyStrategicMerge(document, body);
}
