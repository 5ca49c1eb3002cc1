import { definitions, type TypeRegistry } from '../types/type-registry.ts';
import { typesOf } from '../types/custom-types.ts';
import { deleteObject, emptyNamespace } from './deletes.ts';
import { type Change } from '../watch/history.ts';
import { type JsonObject, listAt, textAt } from '../json.ts';
import { isTerminating, nameOf, namespaceOf, uidOf } from './object.ts';
import { createOwners, type StoredObject } from './owners.ts';
import { keyFor } from './store.ts';
import { type Cluster } from './writes.ts';

/**
 * The deletions of the controller manager: dependents of a deleted owner, the content of a terminating
 * namespace, the objects of a deleted definition. Returns a function that stops it.
 */
export function collectGarbage(
  cluster: Cluster,
  types: TypeRegistry,
  later: (work: () => void) => void = setImmediate,
): () => void {
  const owners = createOwners();
  const pending = new Set<() => void>();
  const soon = (work: () => void): void => {
    pending.add(work);
    // Not within the write that caused it: clients must see the owner's deletion first.
    later(() => {
      if (pending.delete(work)) work();
    });
  };
  const unsubscribe = cluster.store.subscribe((change) => {
    owners.note(change);
    if (change.type === 'DELETED')
      soon(() => afterDeletion(cluster, types, change, owners.dependentsOf(uidOf(change.object))));
    else if (change.type === 'ADDED') soon(() => dropOrphan(cluster, types, change, owners.someAlive));
    const namespace = change.resource === 'namespaces' ? nameOf(change.object) : namespaceOf(change.object);
    if (change.resource === definitions && isTerminating(change.object))
      soon(() => finishDefinition(cluster, nameOf(change.object)));
    if (isEnding(cluster, namespace)) soon(() => finishNamespace(cluster, types, namespace));
  });
  return () => {
    unsubscribe();
    pending.clear();
  };
}

const ownersOf = (object: JsonObject): readonly string[] =>
  listAt(object, 'metadata', 'ownerReferences').map((owner) => textAt(owner, 'uid'));

function afterDeletion(
  cluster: Cluster,
  types: TypeRegistry,
  change: Change,
  dependents: readonly StoredObject[],
): void {
  for (const { resource, key } of dependents) {
    const object = cluster.store.get(resource, key);
    if (object !== undefined && ownersOf(object).includes(uidOf(change.object)))
      remove(cluster, types, resource, object);
  }
}

/** Objects are removed before their definition, so that watches get each deletion. */
function finishDefinition(cluster: Cluster, name: string): void {
  const definition = cluster.store.get(definitions, name);
  if (definition === undefined || !isTerminating(definition)) return;
  for (const type of typesOf(definition)) {
    for (const object of cluster.store.list(type.storedAs)) cluster.store.remove(type.storedAs, object);
  }
  cluster.store.remove(definitions, definition);
}

/** An object created after its owner was deleted is collected too. */
function dropOrphan(
  cluster: Cluster,
  types: TypeRegistry,
  change: Change,
  someAlive: (uids: readonly string[]) => boolean,
): void {
  const owners = ownersOf(change.object);
  if (owners.length > 0 && !someAlive(owners)) remove(cluster, types, change.resource, change.object);
}

function remove(cluster: Cluster, types: TypeRegistry, resource: string, object: JsonObject): void {
  const type = types.all().find((candidate) => candidate.storedAs === resource);
  const target = { namespace: namespaceOf(object), name: nameOf(object), subresource: '' };
  const now = cluster.store.get(resource, keyFor(target.namespace, target.name));
  // Another object may have the same name by now.
  if (type === undefined || now === undefined || uidOf(now) !== uidOf(object)) return;
  if (!isTerminating(now)) deleteObject(cluster, { ...target, type }, { dryRun: false });
}

function isEnding(cluster: Cluster, name: string): boolean {
  const namespace = cluster.store.get('namespaces', name);
  return namespace !== undefined && isTerminating(namespace);
}

function finishNamespace(cluster: Cluster, types: TypeRegistry, name: string): void {
  const namespace = cluster.store.get('namespaces', name);
  if (namespace === undefined || !isTerminating(namespace)) return;
  if (emptyNamespace(cluster, name, types.all())) cluster.store.remove('namespaces', namespace);
}
