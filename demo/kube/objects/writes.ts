import { randomUUID } from 'node:crypto';
import { establishedStatus } from '../types/custom-types.ts';
import { withDefaults, withSpecDefaults } from '../types/defaults.ts';
import { at, having, type Json, type JsonObject, listAt, objectAt, sameJson, textAt } from '../json.ts';
import { checkMetadata, countGeneration, keepServerFields, randomSuffix, stampNew } from './metadata.ts';
import { isTerminating, nameOf, namespaceOf, uidOf, versionOf } from './object.ts';
import { accept } from '../representation.ts';
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

/** What a write is about; `name` is empty for a create. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface WriteOptions {
  /** Who writes, for policies of admission. */
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
 * POST, and PUT to a name that does not exist where the type allows it. Defaults come before the schema, and
 * the schema before every rule.
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
  const born =
    type.kind === 'CustomResourceDefinition'
      ? { ...pruned, status: establishedStatus(pruned, cluster.now()) }
      : pruned;
  return options.dryRun ? born : cluster.store.put(type.storedAs, born);
}

/** PUT: the whole object, as of the version that it names. */
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
  /** In the stored spelling, with identity and all. */
  readonly candidate: JsonObject;
}

/**
 * The common end of PUT and PATCH: compare the version, keep what the subresource may not touch, check,
 * count, store.
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
  // The real server does not write what would change nothing: no new version, no watch event.
  if (sameJson(next, current)) return current;
  if (options.dryRun) return next;
  return isFreed(next) ? cluster.store.remove(type.storedAs, next) : cluster.store.put(type.storedAs, next);
}

/** A deleted object that only waited for its finalizers. */
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
 * `/status` changes the status alone, and the object itself everything but the status. Built-in types let
 * `/status` change metadata too.
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

/** Unknown fields are dropped, told of in a Warning header, or refused, as `fieldValidation` asks. */
function pruneCustom(type: ResourceType, object: JsonObject, options: WriteOptions): JsonObject {
  if (type.custom === undefined) return object;
  const { object: pruned, unknown } = prune(object, type.custom.schema);
  const told = unknown.map((path) => `unknown field "${path}"`);
  if (told.length > 0 && options.fieldValidation === 'Strict') {
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${told.join(', ')}`,
    );
  }
  if (options.fieldValidation !== 'Ignore') told.forEach(options.warn);
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
  const said = namespaceOf(object);
  if (said !== '' && said !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** A namespace that is ending takes nothing new: a drain meets this as a 403 with a cause of its own. */
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
