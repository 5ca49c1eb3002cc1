import { definitions, type TypeRegistry } from './type-registry.ts';
import { typesOf } from './custom-types.ts';
import { deleteObject, emptyNamespace } from './deletes.ts';
import { type Change } from './history.ts';
import { type JsonObject, listAt, textAt } from './json.ts';
import { isTerminating, nameOf, namespaceOf, uidOf } from './object.ts';
import { type Cluster } from './writes.ts';

/**
 * What the controller manager does about deletions: dependents of an owner that is gone, the content of a terminating namespace,
 * the objects of a definition that is gone. Returns how to stop.
 */
export function collectGarbage(cluster: Cluster, types: TypeRegistry): () => void {
  const pending = new Set<() => void>();
  const soon = (work: () => void): void => {
    pending.add(work);
    // Never within the write that caused it: clients see the owner go first.
    setImmediate(() => {
      if (pending.delete(work)) work();
    });
  };
  const unsubscribe = cluster.store.subscribe((change) => {
    if (change.type === 'DELETED') soon(() => afterDeletion(cluster, types, change));
    else if (ownersOf(change.object).length > 0) soon(() => dropOrphan(cluster, types, change));
    const namespace = change.resource === 'namespaces' ? nameOf(change.object) : namespaceOf(change.object);
    if (namespace !== '') soon(() => finishNamespace(cluster, types, namespace));
  });
  return () => {
    unsubscribe();
    pending.clear();
  };
}

const ownersOf = (object: JsonObject): readonly string[] =>
  listAt(object, 'metadata', 'ownerReferences').map((owner) => textAt(owner, 'uid'));

function afterDeletion(cluster: Cluster, types: TypeRegistry, change: Change): void {
  const uid = uidOf(change.object);
  for (const type of types.all()) {
    for (const object of cluster.store.list(type.storedAs)) {
      if (ownersOf(object).includes(uid)) remove(cluster, types, type.storedAs, object);
    }
  }
  if (change.resource !== definitions) return;
  for (const type of typesOf(change.object)) {
    for (const object of cluster.store.list(type.storedAs)) cluster.store.remove(type.storedAs, object);
  }
}

/** An object made for an owner that had gone already is collected, too. */
function dropOrphan(cluster: Cluster, types: TypeRegistry, change: Change): void {
  const owners = new Set(ownersOf(change.object));
  const alive = types
    .all()
    .some((type) => cluster.store.list(type.storedAs).some((object) => owners.has(uidOf(object))));
  if (!alive) remove(cluster, types, change.resource, change.object);
}

function remove(cluster: Cluster, types: TypeRegistry, resource: string, object: JsonObject): void {
  const type = types.all().find((candidate) => candidate.storedAs === resource);
  const target = { namespace: namespaceOf(object), name: nameOf(object), subresource: '' };
  const key = target.namespace === '' ? target.name : `${target.namespace}/${target.name}`;
  if (type === undefined || uidOf(cluster.store.get(resource, key) ?? {}) !== uidOf(object)) return;
  if (!isTerminating(object)) deleteObject(cluster, { ...target, type }, { dryRun: false });
}

function finishNamespace(cluster: Cluster, types: TypeRegistry, name: string): void {
  const namespace = cluster.store.get('namespaces', name);
  if (namespace === undefined || !isTerminating(namespace)) return;
  if (emptyNamespace(cluster, name, types.all())) cluster.store.remove('namespaces', namespace);
}
