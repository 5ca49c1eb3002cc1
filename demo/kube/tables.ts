import { type JsonObject } from './json.ts';

/** The objects of one resource by key, with their keys in order. */
export interface Table {
  readonly objects: ReadonlyMap<string, JsonObject>;
  readonly keys: () => readonly string[];
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
  return {
    objects,
    keys: () => (order ??= [...objects.keys()].sort()),
    set(key, object) {
      if (!objects.has(key)) order = undefined;
      objects.set(key, object);
    },
    delete(key) {
      if (objects.delete(key)) order = undefined;
    },
  };
}
