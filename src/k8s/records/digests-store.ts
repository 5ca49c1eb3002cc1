import type { V1ConfigMap } from '@kubernetes/client-node';
import type { PoolDigest } from '../../reboot/pool-digest/pool-digest.ts';
import { readDigest, writeDigest } from '../../reboot/pool-digest/stored-digest.ts';
import type { ShownList } from '../../reboot/shown-list/shown-list.ts';
import { readLists, writeLists } from '../../reboot/shown-list/stored-lists.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { PoolDigests } from '../../reboot/ports/stores.ts';
import { second } from '../../reboot/time/time.ts';
import { backoff } from '../../timing/backoff.ts';
import type { Sleep } from '../../timing/sleep.ts';
import type { KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import { readObject } from '../api/read-object.ts';
import type { Received } from '../api/received.ts';
import type { Reflector } from '../watch/reflector.ts';

export const digestsName = 'tugboot-pool-digests';

/** No name of a pool: they are lower-case letters, digits and dashes. */
const listsKey = '_lists';

/** The view of the ConfigMap that the watch caches. */
export interface WatchedDigests {
  readonly digests: readonly PoolDigest[];
  readonly lists: readonly ShownList[];
}

export interface DigestsStoreDeps {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly watched: Pick<Reflector<WatchedDigests>, 'get' | 'offer' | 'versionOf'>;
  readonly sleep: Sleep;
  readonly random: () => number;
}

const maxAttempts = 8;
const retryDelays = { first: 0.05 * second, most: 1 * second, factor: 2 };

export interface DigestsReader {
  /** Reads the ConfigMap. */
  read(configMap: Received<V1ConfigMap>): WatchedDigests;
  /** Caches a value before it is written, so that its watch event need not be parsed. */
  note(key: string, known: Known): void;
}

interface Known {
  readonly text: string;
  readonly digest?: PoolDigest | undefined;
  readonly lists?: readonly ShownList[];
}

/**
 * Parses a text only if it has changed, since it is long. An unreadable digest counts as absent, and its
 * Reboots ask again in a new one.
 */
export function digestsReader(logger: Pick<Logger, 'error'>): DigestsReader {
  const known = new Map<string, Known>();
  const parse = (key: string, text: string): Known => {
    const value = key === listsKey ? readLists(text) : readDigest(text);
    if ('problem' in value) {
      logger.error('digest of a pool cannot be read and is made anew', {
        pool: key,
        problem: value.problem,
      });
      return { text };
    }
    return 'pool' in value ? { text, digest: value } : { text, lists: value };
  };
  return {
    read(configMap) {
      const texts = Object.entries(configMap.data ?? {});
      for (const [key, text] of texts) if (known.get(key)?.text !== text) known.set(key, parse(key, text));
      return {
        digests: texts.flatMap(([key]) => known.get(key)?.digest ?? []),
        lists: texts.flatMap(([key]) => known.get(key)?.lists ?? []),
      };
    },
    note: (key, value) => void known.set(key, value),
  };
}

interface Stored extends WatchedDigests {
  /** Undefined: there is no ConfigMap. */
  readonly version?: string;
}

interface Write {
  readonly key: string;
  /** Undefined: the key is removed. */
  readonly text: string | undefined;
  readonly version: string | undefined;
}

/** Compare-and-swap by resource version. */
async function write(
  { client, namespace, watched }: DigestsStoreDeps,
  { version, key, text }: Write,
): Promise<'written' | 'conflict' | 'too-large'> {
  const data = { [key]: text ?? null };
  const created = { name: digestsName, namespace };
  const answer =
    version === undefined
      ? await client.send({
          method: 'POST',
          path: paths.configMaps(namespace),
          body: {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: created,
            data: text === undefined ? {} : data,
          },
        })
      : await client.send({
          method: 'PATCH',
          patch: 'merge',
          path: paths.configMap(namespace, digestsName),
          body: { metadata: { resourceVersion: version }, data },
        });
  if (answer.ok) {
    watched.offer(answer.body);
    return 'written';
  }
  const { code } = answer.status;
  // 409: a concurrent write or creation won. 404: the ConfigMap was deleted meanwhile.
  if (code === 409 || (code === 404 && version !== undefined)) return 'conflict';
  // 413: the request; 422: the object, by the limit of a ConfigMap.
  if (code === 413 || code === 422) return 'too-large';
  throw unexpectedStatus(answer.status, 'writing the pool digests');
}

/** One key of the ConfigMap. */
interface Place<Value> {
  readonly key: string;
  readonly in: (stored: WatchedDigests) => Value;
  /** Its text, which is noted before it is written. */
  readonly textOf: (value: Value) => string | undefined;
}

const digestKey = (reader: DigestsReader, pool: string): Place<PoolDigest | undefined> => ({
  key: pool,
  in: ({ digests }) => digests.find((digest) => digest.pool === pool),
  textOf: (digest) => {
    const text = digest && writeDigest(digest);
    if (text !== undefined) reader.note(pool, { text, digest });
    return text;
  },
});

const listsIn = (reader: DigestsReader): Place<readonly ShownList[]> => ({
  key: listsKey,
  in: ({ lists }) => lists,
  textOf: (lists) => {
    const text = writeLists(lists);
    reader.note(listsKey, { text, lists });
    return text;
  },
});

async function read(
  { client, namespace, watched }: DigestsStoreDeps,
  reader: DigestsReader,
): Promise<Stored> {
  const found = await readObject(client, paths.configMap(namespace, digestsName), 'reading the pool digests');
  if (found === undefined) return { digests: [], lists: [] };
  watched.offer(found);
  return { ...reader.read(found), version: found.metadata?.resourceVersion ?? '' };
}

function watchedNow({ watched }: DigestsStoreDeps): Stored | undefined {
  const version = watched.versionOf(digestsName);
  const known = watched.get(digestsName);
  return version === undefined || known === undefined ? undefined : { ...known, version };
}

/**
 * Stores the pool digests in one ConfigMap in the namespace of the installation, one key for each pool, and
 * the shown lists in one more.
 */
export function kubeDigests(deps: DigestsStoreDeps, reader: DigestsReader): PoolDigests {
  const { watched, sleep, random } = deps;

  async function update<Value>(
    place: Place<Value>,
    change: (before: Value) => Value,
  ): Promise<Value | 'too-large'> {
    let known = watchedNow(deps);
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const stored = known ?? (await read(deps, reader));
      known = undefined;
      const before = place.in(stored);
      const next = change(before);
      if (next === before) return before;
      const { key } = place;
      const outcome = await write(deps, { key, text: place.textOf(next), version: stored.version });
      if (outcome !== 'conflict') return outcome === 'written' ? next : outcome;
      if (attempt > 1) await sleep(backoff(retryDelays, attempt, random));
    }
    throw new PortError('conflict', 'The pool digests kept changing while they were written.', {
      retryable: true,
    });
  }

  return {
    all: () => watched.get(digestsName)?.digests ?? [],
    read: async (pool) => digestKey(reader, pool).in(await read(deps, reader)),
    update: (pool, change) => update(digestKey(reader, pool), change),
    lists: {
      all: () => watched.get(digestsName)?.lists ?? [],
      read: async () => (await read(deps, reader)).lists,
      update: (change) => update(listsIn(reader), change),
    },
  };
}
