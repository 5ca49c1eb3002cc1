import type { PoolDigest } from '../../src/reboot/pool-digest/pool-digest.ts';
import { readDigest, writeDigest } from '../../src/reboot/pool-digest/stored-digest.ts';
import { PortError } from '../../src/reboot/ports/port-error.ts';
import type { PoolDigests } from '../../src/reboot/ports/stores.ts';

export interface FakeDigests extends PoolDigests {
  /** As of another process: with a view of its own, which `sync` makes current. */
  other(): FakeDigests;
  /** Delivers what the watch has not delivered yet. */
  sync(): void;
  /** The next writes are not accepted: the object would be too large. */
  full: boolean;
}

/** What is stored, as text, so that everything passes the codec. */
interface Stored {
  texts: ReadonlyMap<string, string>;
  version: number;
}

/** The limit of a ConfigMap. */
const mostBytes = 1_048_576;

/** Digests in memory. `all` is as fresh as `read`; that of `other` is not. */
export function fakeDigests(): FakeDigests {
  return digestsOn({ texts: new Map(), version: 0 }, true);
}

function digestsOn(stored: Stored, isFresh: boolean): FakeDigests {
  let seen: Stored = { ...stored };
  let values = new Map<string, { readonly text: string; readonly digest: PoolDigest | undefined }>();
  const look = (): Stored => {
    if (isFresh) seen = { ...stored };
    return seen;
  };
  /** The same value for the same text, as long as it is there. */
  const digestsIn = ({ texts }: Pick<Stored, 'texts'>): ReadonlyMap<string, PoolDigest> => {
    values = new Map(
      [...texts].map(([pool, text]) => {
        const known = values.get(pool);
        return [pool, known?.text === text ? known : { text, digest: parsed(text) }];
      }),
    );
    return new Map([...values].flatMap(([pool, { digest }]) => (digest ? [[pool, digest] as const] : [])));
  };
  const fake: FakeDigests = {
    all: () => [...digestsIn(look()).values()],
    read: async (pool) => {
      seen = { ...stored };
      return digestsIn(seen).get(pool);
    },
    async update(pool, change) {
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const base = attempt === 0 ? look() : { ...stored };
        seen = base;
        const before = digestsIn(base).get(pool);
        const next = change(before);
        if (next === before) return before;
        const text = next && writeDigest(next);
        const texts = new Map(stored.texts);
        if (text === undefined) texts.delete(pool);
        else texts.set(pool, text);
        if (base.version !== stored.version) continue;
        const bytes = [...texts.values()].reduce((sum, each) => sum + each.length, 0);
        if (fake.full || bytes > mostBytes) return 'too-large';
        stored.texts = texts;
        stored.version += 1;
        seen = { ...stored };
        return next;
      }
      throw new PortError('conflict', 'The digests kept changing.', { retryable: true });
    },
    other: () => digestsOn(stored, false),
    sync: () => void (seen = { ...stored }),
    full: false,
  };
  return fake;
}

function parsed(text: string): PoolDigest | undefined {
  const digest = readDigest(text);
  return 'problem' in digest ? undefined : digest;
}
