import { type Change } from '../watch/history.ts';
import { type JsonObject, listAt, textAt } from '../json.ts';
import { uidOf } from './object.ts';

export interface StoredObject {
  readonly resource: string;
  readonly key: string;
}

/**
 * Indexes live objects and their owners at each write, so that a deletion costs its dependents and not a scan
 * of all objects.
 */
export interface Owners {
  readonly note: (change: Change) => void;
  readonly dependentsOf: (uid: string) => readonly StoredObject[];
  readonly someAlive: (uids: readonly string[]) => boolean;
}

export function createOwners(): Owners {
  const alive = new Set<string>();
  const dependents = new Map<string, Map<string, StoredObject>>();
  const ownersOf = (object: JsonObject | undefined): readonly string[] =>
    listAt(object, 'metadata', 'ownerReferences').map((owner) => textAt(owner, 'uid'));

  const addDependent = (owner: string, uid: string, held: StoredObject): void => {
    const known = dependents.get(owner) ?? new Map<string, StoredObject>();
    dependents.set(owner, known.set(uid, held));
  };
  const release = (owner: string, uid: string): void => {
    const known = dependents.get(owner);
    if (known?.delete(uid) === true && known.size === 0) dependents.delete(owner);
  };
  return {
    note({ type, object, previous, resource, key }) {
      const uid = uidOf(object);
      for (const owner of ownersOf(previous)) release(owner, uid);
      if (type === 'DELETED') {
        alive.delete(uid);
        return;
      }
      alive.add(uid);
      for (const owner of ownersOf(object)) addDependent(owner, uid, { resource, key });
    },
    dependentsOf: (uid) => [...(dependents.get(uid)?.values() ?? [])],
    someAlive: (uids) => uids.some((uid) => alive.has(uid)),
  };
}
