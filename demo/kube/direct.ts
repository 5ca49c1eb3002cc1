/**
 * Writes without HTTP, for clusters of thousands of objects: a create is validated as a request's would be,
 * and a status is stored as it is given.
 */
import { type Json, type JsonObject, objectAt } from './json.ts';
import type { Change } from './watch/history.ts';
import { type Cluster, createObject, type WriteOptions } from './objects/writes.ts';
import type { TypeRegistry } from './types/type-registry.ts';
import type { ResourceType } from './types/resource-type.ts';

export interface DirectObjects {
  /** Creates the object, then stores its status. */
  create(kind: string, object: JsonObject): JsonObject;
  /** Replaces the status of an object; `key` is its name, or `namespace/name`. */
  setStatus(kind: string, key: string, status: Json): void;
  /** Removes an object without a grace period. Nothing happens if it is gone. */
  remove(kind: string, key: string): void;
  list(kind: string): readonly JsonObject[];
  /** `key` is its name, or `namespace/name`. */
  get(kind: string, key: string): JsonObject | undefined;
  /** Stores an object that was read before, as it is given. */
  replace(kind: string, object: JsonObject): JsonObject;
  /** Calls back after each write of the kind. Returns a function that unsubscribes. */
  subscribe(kind: string, listener: (change: Change) => void): () => void;
}

const quiet: WriteOptions = {
  user: 'system:apiserver',
  dryRun: false,
  fieldValidation: 'Strict',
  warn: () => undefined,
};

export function directObjects(cluster: Cluster, types: TypeRegistry): DirectObjects {
  const { store } = cluster;
  const typeOf = (kind: string): ResourceType => {
    const type = types.all().find((candidate) => candidate.kind === kind);
    if (type === undefined) throw new Error(`no kind is called ${kind}`);
    return type;
  };
  const withStatus = (type: ResourceType, object: JsonObject, status: Json): JsonObject =>
    store.put(type.storedAs, { ...object, status });
  return {
    create(kind, object) {
      const type = typeOf(kind);
      const namespace = objectAt(object, 'metadata')['namespace'];
      const target = {
        type,
        namespace: typeof namespace === 'string' ? namespace : '',
        name: '',
        subresource: '',
      };
      const created = createObject(cluster, target, object, quiet);
      const { status } = object;
      return status === undefined ? created : withStatus(type, created, status);
    },
    setStatus(kind, key, status) {
      const type = typeOf(kind);
      const object = store.get(type.storedAs, key);
      if (object === undefined) throw new Error(`no ${kind} is called ${key}`);
      withStatus(type, object, status);
    },
    remove(kind, key) {
      const { storedAs } = typeOf(kind);
      const object = store.get(storedAs, key);
      if (object !== undefined) store.remove(storedAs, object);
    },
    list: (kind) => store.list(typeOf(kind).storedAs),
    get: (kind, key) => store.get(typeOf(kind).storedAs, key),
    replace: (kind, object) => store.put(typeOf(kind).storedAs, object),
    subscribe(kind, listener) {
      const { storedAs } = typeOf(kind);
      return store.subscribe((change) => {
        if (change.resource === storedAs) listener(change);
      });
    },
  };
}
