import { type JsonObject, textAt } from '../json.ts';

/** The objects of one resource by key, with their keys in order. */
export interface Table {
  readonly objects: ReadonlyMap<string, JsonObject>;
  readonly keys: () => readonly string[];
  /** The keys of the objects whose `spec.nodeName` is the node, in order. */
  readonly keysOn: (node: string) => readonly string[];
  readonly set: (key: string, object: JsonObject) => void;
  readonly delete: (key: string) => void;
}

export function createTables(): (resource: string) => Table {
  const tables = new Map<string, Table>();
  return (resource) => {
    const found = tables.get(resource) ?? createTable();
    tables.set(resource, found);
    return found;
  };
}

function createTable(): Table {
  const objects = new Map<string, JsonObject>();
  // Sorted again only when a key is added or removed: most writes are updates.
  let order: readonly string[] | undefined;
  const byNode = new Map<string, Set<string>>();
  const nodeOf = (object: JsonObject | undefined): string => textAt(object, 'spec', 'nodeName');
  const move = (key: string, from: string, to: string): void => {
    if (from === to) return;
    byNode.get(from)?.delete(key);
    if (to === '') return;
    const keys = byNode.get(to) ?? new Set();
    byNode.set(to, keys.add(key));
  };
  return {
    objects,
    keys: () => (order ??= [...objects.keys()].sort()),
    keysOn: (node) => [...(byNode.get(node) ?? [])].sort(),
    set(key, object) {
      if (!objects.has(key)) order = undefined;
      move(key, nodeOf(objects.get(key)), nodeOf(object));
      objects.set(key, object);
    },
    delete(key) {
      move(key, nodeOf(objects.get(key)), '');
      if (objects.delete(key)) order = undefined;
    },
  };
}
