import { isDeepStrictEqual } from 'node:util';
import { textAt } from '../api/json-value.ts';
import type { Received } from '../api/received.ts';
import { isNewer } from './resource-version.ts';

interface CachedView<V> {
  readonly version: string;
  readonly view: V;
}

export interface ViewShape<V, O = unknown> {
  /** Reduces an object to the fields that decisions use; undefined leaves the object out. */
  readonly reduce: (object: Received<O>) => V | undefined;
  readonly keyOf: (object: Received<O>) => string;
}

export interface VersionedView<V> extends CachedView<V> {
  readonly key: string;
}

/**
 * `before`: the previous view; for a deleted object its last state, as sent by the server; undefined for a
 * new object.
 */
export type ViewListener<V> = (key: string, before: V | undefined, source: ViewSource) => void;

/** `own`: the answer to a request of this process, ahead of the watch. */
export type ViewSource = 'watch' | 'own';

/** The cached views of a collection. Notifies of a key only when its view was added, changed or removed. */
export class ViewCache<V> {
  readonly #cached = new Map<string, CachedView<V>>();
  #changes = 0;
  readonly #shape: ViewShape<V>;
  readonly #notify: ViewListener<V>;

  constructor(shape: ViewShape<V>, notify: ViewListener<V>) {
    this.#shape = shape;
    this.#notify = notify;
  }

  /** How often a view was added, changed or removed. */
  get changes(): number {
    return this.#changes;
  }

  get(key: string): V | undefined {
    return this.#cached.get(key)?.view;
  }

  /** The resource version of the cached view. */
  versionOf(key: string): string | undefined {
    return this.#cached.get(key)?.version;
  }

  *values(): Generator<V, void, undefined> {
    for (const { view } of this.#cached.values()) yield view;
  }

  reduce(object: unknown): VersionedView<V> | undefined {
    const view = this.#shape.reduce(object);
    if (view === undefined) return undefined;
    return {
      key: this.#shape.keyOf(object),
      version: textAt(object, 'metadata', 'resourceVersion') ?? '',
      view,
    };
  }

  put({ key, version, view }: VersionedView<V>, source: ViewSource = 'watch'): void {
    const before = this.#cached.get(key);
    // `offer` may have stored the result of our own write while older watch events are still in flight.
    if (before && isNewer(before.version, version) === true) return;
    const same = before !== undefined && isDeepStrictEqual(before.view, view);
    this.#cached.set(key, { version, view: same ? before.view : view });
    if (same) return;
    this.#changes += 1;
    this.#notify(key, before?.view, source);
  }

  /** Applies an object from a watch event. */
  apply(object: unknown): void {
    const item = this.reduce(object);
    if (item) this.put(item);
    else this.remove(object);
  }

  remove(object: unknown): void {
    const key = this.#shape.keyOf(object);
    const before = this.#cached.get(key);
    const version = textAt(object, 'metadata', 'resourceVersion') ?? '';
    // The name may already belong to a newer object, stored from the result of our own write.
    if (!before || isNewer(before.version, version) === true) return;
    this.#drop(key, this.reduce(object)?.view ?? before.view);
  }

  /** Replaces the collection with a list result at `version`. Keeps entries that are newer than the list. */
  replace(items: readonly VersionedView<V>[], version: string): void {
    const present = new Set(items.map((item) => item.key));
    for (const [key, item] of this.#cached) {
      if (!present.has(key) && isNewer(item.version, version) !== true) this.#drop(key, item.view);
    }
    for (const item of items) this.put(item);
  }

  #drop(key: string, last: V): void {
    this.#cached.delete(key);
    this.#changes += 1;
    this.#notify(key, last, 'watch');
  }
}
