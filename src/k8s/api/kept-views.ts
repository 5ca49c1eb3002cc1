import { isDeepStrictEqual } from 'node:util';
import { textAt } from './json-value.ts';
import { isNewer } from './resource-version.ts';

interface Kept<V> {
  readonly version: string;
  readonly view: V;
}

export interface ViewShape<V> {
  /** Reduces an object to what is decided on; undefined leaves it out. */
  readonly reduce: (object: unknown) => V | undefined;
  readonly keyOf: (object: unknown) => string;
}

export interface Keepable<V> extends Kept<V> {
  readonly key: string;
}

/**
 * `before`: the last view of it, of an object that is gone as the server showed it last; undefined for one
 * that was not there.
 */
export type Tell<V> = (key: string, before: V | undefined) => void;

/** The reduced views of a collection. Tells of a key only when its view has changed, come or gone. */
export class KeptViews<V> {
  readonly #kept = new Map<string, Kept<V>>();
  readonly #shape: ViewShape<V>;
  readonly #tell: Tell<V>;

  constructor(shape: ViewShape<V>, tell: Tell<V>) {
    this.#shape = shape;
    this.#tell = tell;
  }

  get(key: string): V | undefined {
    return this.#kept.get(key)?.view;
  }

  *values(): Generator<V, void, undefined> {
    for (const { view } of this.#kept.values()) yield view;
  }

  reduce(object: unknown): Keepable<V> | undefined {
    const view = this.#shape.reduce(object);
    if (view === undefined) return undefined;
    return {
      key: this.#shape.keyOf(object),
      version: textAt(object, 'metadata', 'resourceVersion') ?? '',
      view,
    };
  }

  put({ key, version, view }: Keepable<V>): void {
    const before = this.#kept.get(key);
    // Our own write may be here already, with older events still on their way.
    if (before && isNewer(before.version, version) === true) return;
    const same = before !== undefined && isDeepStrictEqual(before.view, view);
    this.#kept.set(key, { version, view: same ? before.view : view });
    if (!same) this.#tell(key, before?.view);
  }

  /** Takes an object as the watch showed it. */
  take(object: unknown): void {
    const item = this.reduce(object);
    if (item) this.put(item);
    else this.remove(object);
  }

  remove(object: unknown): void {
    const key = this.#shape.keyOf(object);
    const before = this.#kept.get(key);
    const version = textAt(object, 'metadata', 'resourceVersion') ?? '';
    // The name may have been given to a new object that we wrote ourselves.
    if (!before || isNewer(before.version, version) === true) return;
    this.#drop(key, this.reduce(object)?.view ?? before.view);
  }

  /** Makes the whole collection what a list of `version` said. */
  replace(items: readonly Keepable<V>[], version: string): void {
    const present = new Set(items.map((item) => item.key));
    for (const [key, item] of this.#kept) {
      if (!present.has(key) && isNewer(item.version, version) !== true) this.#drop(key, item.view);
    }
    for (const item of items) this.put(item);
  }

  #drop(key: string, last: V): void {
    this.#kept.delete(key);
    this.#tell(key, last);
  }
}
