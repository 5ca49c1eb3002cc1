import { type Change, createHistory } from '../watch/history.ts';
import { type JsonObject } from '../json.ts';
import { nameOf, namespaceOf, withMetadata } from './object.ts';
import { createTables } from './tables.ts';

/**
 * Objects by resource (`pods`, `deployments.apps`) and key, with one revision counter, as in etcd. Objects
 * are immutable.
 */
export interface Store {
  /** The current revision, which is the resourceVersion of lists. */
  revision(): number;
  get(resource: string, key: string): JsonObject | undefined;
  /**
   * In key order. With `asOf`, at that revision; throws 410 if that is compacted. With `node`, at least those
   * on that node: the current state has an index of them.
   */
  list(
    resource: string,
    options?: { readonly namespace?: string; readonly asOf?: number; readonly node?: string },
  ): readonly JsonObject[];
  /** Stores an object under the next revision, and returns it with that. */
  put(resource: string, object: JsonObject): JsonObject;
  remove(resource: string, object: JsonObject): JsonObject;
  since(revision: number): readonly Change[];
  readonly compact: () => void;
  subscribe(listener: (change: Change) => void): () => void;
}

export const keyOf = (object: JsonObject): string => keyFor(namespaceOf(object), nameOf(object));
export const keyFor = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}/${name}`;

export function createStore(options: { readonly historyLimit?: number } = {}): Store {
  const table = createTables();
  const history = createHistory(options.historyLimit ?? 100_000);
  const listeners = new Set<(change: Change) => void>();
  // A new cluster does not start at revision 0, which means "any" in requests.
  let revision = 1;

  const announce = (change: Change): void => {
    history.record(change);
    for (const listener of listeners) listener(change);
  };

  return {
    revision: () => revision,
    get: (resource, key) => table(resource).objects.get(key),
    list(resource, { namespace = '', asOf, node } = {}) {
      const isNow = asOf === undefined || asOf >= revision;
      const { objects: current, keys: order, keysOn } = table(resource);
      const objects = isNow ? current : asItWas(current, resource, history.since(asOf));
      const now = node === undefined ? order : () => keysOn(node);
      const keys = isNow ? now() : [...objects.keys()].sort();
      const listed = namespace === '' ? keys : keys.filter((key) => key.startsWith(`${namespace}/`));
      return listed.map((key) => objects.get(key)).filter((object) => object !== undefined);
    },
    put(resource, object) {
      const key = keyOf(object);
      const previous = table(resource).objects.get(key);
      revision += 1;
      const stored = withMetadata(object, { resourceVersion: String(revision) });
      table(resource).set(key, stored);
      const type = previous === undefined ? 'ADDED' : 'MODIFIED';
      announce({
        revision,
        resource,
        key,
        type,
        object: stored,
        ...(previous === undefined ? {} : { previous }),
      });
      return stored;
    },
    remove(resource, object) {
      const key = keyOf(object);
      const previous = table(resource).objects.get(key) ?? object;
      table(resource).delete(key);
      revision += 1;
      const last = withMetadata(object, { resourceVersion: String(revision) });
      announce({ revision, resource, key, type: 'DELETED', object: last, previous });
      return last;
    },
    since: (from) => history.since(from),
    compact: () => history.forget(revision),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Reverts the later changes on a copy. */
function asItWas(
  objects: ReadonlyMap<string, JsonObject>,
  resource: string,
  later: readonly Change[],
): Map<string, JsonObject> {
  const then = new Map(objects);
  for (const change of later.toReversed()) {
    if (change.resource !== resource) continue;
    if (change.previous === undefined) then.delete(change.key);
    else then.set(change.key, change.previous);
  }
  return then;
}
