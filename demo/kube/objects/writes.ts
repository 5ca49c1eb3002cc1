import { randomUUID } from 'node:crypto';
import { establishedStatus } from '../types/custom-types.ts';
import { withDefaults, withSpecDefaults } from '../types/defaults.ts';
import { at, having, type Json, type JsonObject, listAt, objectAt, sameJson, textAt } from '../json.ts';
import { checkMetadata, countGeneration, keepServerFields, randomSuffix, stampNew } from './metadata.ts';
import { isTerminating, nameOf, namespaceOf, uidOf, versionOf } from './object.ts';
import { accept } from '../lists/representation.ts';
import { hasStatus, type ResourceType } from '../types/resource-type.ts';
import { checkRequester } from '../access/requester-policy.ts';
import { checkBuiltin } from '../access/rules.ts';
import { prune } from '../types/schema.ts';
import { customErrors } from '../types/custom-errors.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  plainFailure,
  staleVersion,
} from '../status-error.ts';
import { keyFor, type Store } from './store.ts';

export interface Cluster {
  readonly store: Store;
  readonly now: () => number;
  readonly random: () => number;
}

/** The target of a write; `name` is empty for a create. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface WriteOptions {
  /** User of the request, for admission policies. */
  readonly user: string;
  readonly dryRun: boolean;
  /** `Strict` refuses unknown fields of custom objects, `Warn` reports them. */
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  readonly warn: (message: string) => void;
}

export function readObject(cluster: Cluster, { type, namespace, name }: Target): JsonObject {
  const found = cluster.store.get(type.storedAs, keyFor(namespace, name));
  if (found === undefined) throw notFound(type, name);
  return found;
}

/**
 * POST, and PUT to a new name where the type allows it. Defaults are applied before schema validation, and
 * that comes before all other rules.
 */
export function createObject(
  cluster: Cluster,
  target: Target,
  body: Json,
  options: WriteOptions,
): JsonObject {
  const { type, namespace } = target;
  const offered = accept(type, body);
  if (versionOf(offered) !== '')
    throw plainFailure(500, 'resourceVersion should not be set on objects to be created');
  checkNamespaceMatches(offered, namespace);
  const prefix = textAt(offered, 'metadata', 'generateName');
  const name =
    nameOf(offered) === '' && prefix !== '' ? prefix + randomSuffix(cluster.random) : nameOf(offered);
  const stamped = stampNew(type, offered, { name, namespace, uid: randomUUID(), now: cluster.now() });
  const pruned = pruneCustom(type, withDefaults(type, stamped), options);
  checkRequester(target, { current: undefined, next: pruned }, options.user);
  checkObject(target, pruned, undefined);
  if (type.namespaced) checkNamespaceAccepts(cluster, target, name);
  if (cluster.store.get(type.storedAs, keyFor(namespace, name)) !== undefined)
    throw alreadyExists(type, name);
  const created =
    type.kind === 'CustomResourceDefinition'
      ? { ...pruned, status: establishedStatus(pruned, cluster.now()) }
      : pruned;
  return options.dryRun ? created : cluster.store.put(type.storedAs, created);
}

/** PUT: the whole object, at the resourceVersion that it names. */
export function updateObject(
  cluster: Cluster,
  target: Target,
  body: Json,
  options: WriteOptions,
): JsonObject {
  const { type, namespace, name } = target;
  const candidate = accept(type, body);
  if (nameOf(candidate) !== name) {
    throw badRequest(
      `the name of the object (${nameOf(candidate)}) does not match the name on the URL (${name})`,
    );
  }
  checkNamespaceMatches(candidate, namespace);
  const current = cluster.store.get(type.storedAs, keyFor(namespace, name));
  if (current === undefined && type.createOnUpdate)
    return createObject(cluster, { ...target, name: '' }, candidate, options);
  if (current === undefined) throw notFound(type, name);
  const uid = uidOf(candidate);
  if (uid !== '' && uid !== uidOf(current)) {
    throw conflict(
      type,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${uidOf(current)}`,
    );
  }
  if (versionOf(candidate) === '' && !type.unconditionalUpdate) {
    throw invalid(type, name, [
      {
        field: 'metadata.resourceVersion',
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
  return replaceObject(cluster, target, { current, candidate }, options);
}

export interface Replacement {
  readonly current: JsonObject;
  /** In the stored version, with server-owned fields. */
  readonly candidate: JsonObject;
}

/**
 * The common part of PUT and PATCH: compares the version, keeps what the subresource may not change,
 * validates, counts the generation, stores.
 */
export function replaceObject(
  cluster: Cluster,
  target: Target,
  { current, candidate }: Replacement,
  options: WriteOptions,
): JsonObject {
  const { type, name, subresource } = target;
  const version = versionOf(candidate);
  if (version !== '' && version !== versionOf(current)) throw staleVersion(type, name);
  checkIdentity(target, candidate, current);
  const split = splitBySubresource(type, subresource, {
    current,
    candidate: keepServerFields(candidate, current),
  });
  const filled = type.custom === undefined ? withSpecDefaults(type.kind, split) : split;
  const pruned = pruneCustom(type, filled, options);
  checkRequester(target, { current, next: pruned }, options.user);
  checkObject(target, pruned, current);
  const next = countGeneration(type, pruned, current);
  // As in the real server, a write without a change is skipped: no new version, no watch event.
  if (sameJson(next, current)) return current;
  if (options.dryRun) return next;
  return isFreed(next) ? cluster.store.remove(type.storedAs, next) : cluster.store.put(type.storedAs, next);
}

/** True for a deleted object whose finalizers are all removed. */
const isFreed = (object: JsonObject): boolean =>
  isTerminating(object) &&
  listAt(object, 'metadata', 'finalizers').length === 0 &&
  at(object, 'metadata', 'deletionGracePeriodSeconds') === 0 &&
  textAt(object, 'status', 'phase') !== 'Terminating';

function checkIdentity(target: Target, candidate: JsonObject, current: JsonObject): void {
  const name = nameOf(candidate);
  if (name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  const uid = uidOf(candidate);
  if (uid !== '' && uid !== uidOf(current)) {
    throw invalid(target.type, name, [
      {
        field: 'metadata.uid',
        reason: 'FieldValueInvalid',
        message: `Invalid value: "${uid}": field is immutable`,
      },
    ]);
  }
}

/**
 * `/status` changes only the status, and the main resource everything else. With built-in types `/status` may
 * change metadata too.
 */
function splitBySubresource(
  type: ResourceType,
  subresource: string,
  { current, candidate }: Replacement,
): JsonObject {
  if (!hasStatus(type)) return candidate;
  if (subresource !== 'status') return having(candidate, 'status', at(current, 'status'));
  const base = having(current, 'status', at(candidate, 'status'));
  return type.custom === undefined ? { ...base, metadata: objectAt(candidate, 'metadata') } : base;
}

/** Drops, warns of or refuses unknown fields, according to `fieldValidation`. */
function pruneCustom(type: ResourceType, object: JsonObject, options: WriteOptions): JsonObject {
  if (type.custom === undefined) return object;
  const { object: pruned, unknown } = prune(object, type.custom.schema);
  const warnings = unknown.map((path) => `unknown field "${path}"`);
  if (warnings.length > 0 && options.fieldValidation === 'Strict') {
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${warnings.join(', ')}`,
    );
  }
  if (options.fieldValidation !== 'Ignore') warnings.forEach(options.warn);
  return pruned;
}

function checkObject(
  { type, subresource }: Target,
  object: JsonObject,
  previous: JsonObject | undefined,
): void {
  const own =
    type.custom === undefined
      ? checkBuiltin(type.kind, object, previous)
      : customErrors({ object, previous, subresource }, type.custom.schema);
  const errors = [...checkMetadata(type, object), ...own];
  if (errors.length > 0) throw invalid(type, nameOf(object), errors);
}

export function checkNamespaceMatches(object: JsonObject, namespace: string): void {
  const given = namespaceOf(object);
  if (given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** A terminating namespace refuses new objects: a drain gets a 403 with its own cause. */
export function checkNamespaceAccepts(cluster: Cluster, { type, namespace }: Target, name: string): void {
  const found = cluster.store.get('namespaces', namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace);
  if (!isTerminating(found)) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(type, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}
