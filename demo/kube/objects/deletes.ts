import { terminatingStatus } from '../types/custom-types.ts';
import { at, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import {
  generationOf,
  inSeconds,
  isTerminating,
  nameOf,
  namespaceOf,
  uidOf,
  versionOf,
  withMetadata,
} from './object.ts';
import { type ResourceType } from '../types/resource-type.ts';
import { preconditionFailed } from '../status-error.ts';
import { type Cluster, readObject, type Target } from './writes.ts';

/** `DeleteOptions` of the API, from the body of a DELETE, from its query, or from inside an Eviction. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: boolean;
}

export function readDeleteOptions(body: Json | undefined, query?: URLSearchParams): DeleteOptions {
  const asked = query?.get('gracePeriodSeconds') ?? undefined;
  const grace = numberAt(body, 'gracePeriodSeconds') ?? (asked === undefined ? undefined : Number(asked));
  const uid = textAt(body, 'preconditions', 'uid');
  const resourceVersion = textAt(body, 'preconditions', 'resourceVersion');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    dryRun: query?.get('dryRun') === 'All' || listAt(body, 'dryRun').includes('All'),
  };
}

export interface Deletion {
  readonly object: JsonObject;
  /** False while a grace period or finalizers keep the object. */
  readonly gone: boolean;
}

/**
 * Removes an object, or marks it as terminating if a kubelet, a finalizer or a namespace's content must
 * finish first.
 */
export function deleteObject(cluster: Cluster, target: Target, options: DeleteOptions): Deletion {
  const current = readObject(cluster, target);
  checkPreconditions(target.type, current, options);
  const grace = target.type.kind === 'Pod' ? podGrace(current, options) : 0;
  const held = grace > 0 || listAt(current, 'metadata', 'finalizers').length > 0 || hasContent(target.type);
  if (isTerminating(current) && held && !shortens(current, grace)) return { object: current, gone: false };
  if (options.dryRun) return { object: current, gone: !held };
  if (!held) return { object: cluster.store.remove(target.type.storedAs, current), gone: true };
  return {
    object: cluster.store.put(target.type.storedAs, terminating(current, grace, cluster.now())),
    gone: false,
  };
}

/** These are removed after their content. */
const hasContent = ({ kind }: ResourceType): boolean =>
  kind === 'Namespace' || kind === 'CustomResourceDefinition';

/** A second delete may only shorten the grace period. */
const shortens = (current: JsonObject, grace: number): boolean =>
  grace < (numberAt(current, 'metadata', 'deletionGracePeriodSeconds') ?? 0);

const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

function terminating(current: JsonObject, grace: number, now: number): JsonObject {
  // A shorter grace period counts from the first delete. If it has already passed, one second is left.
  const begun = isTerminating(current) ? beginOfEnd(current) : now;
  const late = grace > 0 && begun + grace * 1000 < now;
  const generation = isTerminating(current) ? 0 : generationOf(current);
  const marked = withMetadata(current, {
    deletionTimestamp: inSeconds(late ? now : begun + grace * 1000),
    deletionGracePeriodSeconds: late ? 1 : grace,
    ...(generation > 0 ? { generation: generation + 1 } : {}),
  });
  const kind = textAt(current, 'kind');
  if (kind === 'CustomResourceDefinition')
    return {
      ...withMetadata(marked, { finalizers: [definitionFinalizer] }),
      status: terminatingStatus(current, now),
    };
  return kind === 'Namespace' ? { ...marked, status: { phase: 'Terminating' } } : marked;
}

const beginOfEnd = (current: JsonObject): number =>
  Date.parse(textAt(current, 'metadata', 'deletionTimestamp')) -
  (numberAt(current, 'metadata', 'deletionGracePeriodSeconds') ?? 0) * 1000;

function checkPreconditions(type: ResourceType, current: JsonObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options;
  if (uid !== undefined && uid !== uidOf(current)) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${uidOf(current)}). The object might have been deleted and then recreated`;
    throw preconditionFailed(type, nameOf(current), why);
  }
  if (resourceVersion !== undefined && resourceVersion !== versionOf(current)) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${versionOf(current)}). The object might have been modified`;
    throw preconditionFailed(type, nameOf(current), why);
  }
}

/** A pod that was never bound, or has finished, needs no kubelet to terminate it. */
function podGrace(pod: JsonObject, options: DeleteOptions): number {
  const phase = textAt(pod, 'status', 'phase');
  if (textAt(pod, 'spec', 'nodeName') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked = options.gracePeriodSeconds ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  // The API treats a negative grace period as one second.
  return asked < 0 ? 1 : asked;
}

/** The response to a delete: the pod itself; any other object only if it remains for a while. */
export function deletionAnswer(type: ResourceType, { object, gone }: Deletion): JsonObject {
  if (type.kind === 'Pod' || !gone) return object;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: nameOf(object),
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
      uid: uidOf(object),
    },
  };
}

/** Deletes everything in a namespace; objects with finalizers are marked. */
export function emptyNamespace(cluster: Cluster, namespace: string, types: readonly ResourceType[]): boolean {
  let left = 0;
  for (const type of types) {
    if (!type.namespaced) continue;
    for (const object of cluster.store.list(type.storedAs, { namespace })) {
      if (isTerminating(object) && at(object, 'metadata', 'finalizers') !== undefined) left += 1;
      else {
        const target = { type, namespace: namespaceOf(object), name: nameOf(object), subresource: '' };
        left += deleteObject(cluster, target, { dryRun: false }).gone ? 0 : 1;
      }
    }
  }
  return left === 0;
}
