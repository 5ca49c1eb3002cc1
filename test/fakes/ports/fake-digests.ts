import type { PoolDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { PoolDigests } from '../../../src/reboot/ports/stores.ts';
import type { ShownList } from '../../../src/reboot/shown-list/shown-list.ts';

export interface FakeDigests extends PoolDigests {
  /** As of another process: with a view of its own, which `sync` makes current. */
  other(): FakeDigests;
  /** Delivers what the watch has not delivered yet. */
  sync(): void;
  /** The next writes are not accepted: the object would be too large. */
  full: boolean;
}

/** What is stored, as text, so that no two readers share a value. */
interface Stored {
  texts: ReadonlyMap<string, string>;
  version: number;
}

type Value = PoolDigest | readonly ShownList[] | undefined;

/** The limit of a ConfigMap. */
const mostBytes = 1_048_576;
const listsKey = '_lists';

/** Digests in memory. `all` is as fresh as `read`; that of `other` is not. */
export function fakeDigests(): FakeDigests {
  return digestsOn({ texts: new Map(), version: 0 }, true);
}

function digestsOn(stored: Stored, isFresh: boolean): FakeDigests {
  let seen: Stored = { ...stored };
  let values = new Map<string, { readonly text: string; readonly value: Value }>();
  const look = (): Stored => {
    if (isFresh) seen = { ...stored };
    return seen;
  };
  /** The same value for the same text, as long as it is there. */
  const valuesIn = ({ texts }: Pick<Stored, 'texts'>): ReadonlyMap<string, Value> => {
    values = new Map(
      [...texts].map(([key, text]) => {
        const known = values.get(key);
        return [key, known?.text === text ? known : { text, value: JSON.parse(text) as Value }];
      }),
    );
    return new Map([...values].map(([key, { value }]) => [key, value]));
  };
  const digestIn = (base: Stored, pool: string): PoolDigest | undefined => {
    const value = valuesIn(base).get(pool);
    return value && 'pool' in value ? value : undefined;
  };
  const listsIn = (base: Stored): readonly ShownList[] => {
    const value = valuesIn(base).get(listsKey);
    return value && !('pool' in value) ? value : none;
  };

  function update<Of>(
    key: string,
    inside: (base: Stored) => Of,
    change: (before: Of) => Of,
    textOf: (next: Of) => string | undefined,
  ): Of | 'too-large' {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const base = attempt === 0 ? look() : { ...stored };
      seen = base;
      const before = inside(base);
      const next = change(before);
      if (next === before) return before;
      const text = textOf(next);
      const texts = new Map(stored.texts);
      if (text === undefined) texts.delete(key);
      else texts.set(key, text);
      if (base.version !== stored.version) continue;
      const bytes = [...texts.values()].reduce((sum, each) => sum + each.length, 0);
      if (fake.full || bytes > mostBytes) return 'too-large';
      stored.texts = texts;
      stored.version += 1;
      seen = { ...stored };
      return next;
    }
    throw new PortError('conflict', 'The digests kept changing.', { retryable: true });
  }

  const fake: FakeDigests = {
    all: () => [...valuesIn(look()).values()].flatMap((value) => (value && 'pool' in value ? [value] : [])),
    read: async (pool) => {
      seen = { ...stored };
      return digestIn(seen, pool);
    },
    update: async (pool, change) =>
      update(
        pool,
        (base) => digestIn(base, pool),
        change,
        (next) => next && JSON.stringify(next),
      ),
    lists: {
      all: () => listsIn(look()),
      read: async () => {
        seen = { ...stored };
        return listsIn(seen);
      },
      update: async (change) => update(listsKey, listsIn, change, (next) => JSON.stringify(next)),
    },
    other: () => digestsOn(stored, false),
    sync: () => void (seen = { ...stored }),
    full: false,
  };
  return fake;
}

const none: readonly ShownList[] = [];
