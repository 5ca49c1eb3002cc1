import type { V1ConfigMap } from '@kubernetes/client-node';
import type { PoolDigest } from '../../reboot/pool-digest/pool-digest.ts';
import { readDigest, writeDigest } from '../../reboot/pool-digest/stored-digest.ts';
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

/** The view of the ConfigMap that the watch caches. */
export interface WatchedDigests {
  readonly digests: readonly PoolDigest[];
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
  /** What is about to be written is not parsed when it comes back. */
  note(digest: PoolDigest, text: string): void;
}

/**
 * A digest whose text has not changed is the same value as before: the text is long. One that cannot be read
 * is none, and its Reboots ask again, in a new one.
 */
export function digestsReader(logger: Pick<Logger, 'error'>): DigestsReader {
  const known = new Map<string, { readonly text: string; readonly digest: PoolDigest | undefined }>();
  const parse = (pool: string, text: string): PoolDigest | undefined => {
    const digest = readDigest(text);
    if (!('problem' in digest)) return digest;
    logger.error('digest of a pool cannot be read and is made anew', { pool, problem: digest.problem });
    return undefined;
  };
  return {
    read(configMap) {
      const texts = Object.entries(configMap.data ?? {});
      for (const [pool, text] of texts)
        if (known.get(pool)?.text !== text) known.set(pool, { text, digest: parse(pool, text) });
      return { digests: texts.flatMap(([pool]) => known.get(pool)?.digest ?? []) };
    },
    note: (digest, text) => void known.set(digest.pool, { text, digest }),
  };
}

interface Stored {
  readonly digests: readonly PoolDigest[];
  /** Undefined: there is no ConfigMap. */
  readonly version?: string;
}

const digestIn = ({ digests }: Stored, of: string): PoolDigest | undefined =>
  digests.find(({ pool }) => pool === of);

interface Change {
  readonly pool: string;
  readonly next: PoolDigest | undefined;
}

/** Compare-and-swap by resource version. */
async function writeChange(
  { client, namespace, watched }: DigestsStoreDeps,
  reader: DigestsReader,
  { version, pool, next }: Change & Pick<Stored, 'version'>,
): Promise<'written' | 'conflict' | 'too-large'> {
  const text = next && writeDigest(next);
  if (next && text !== undefined) reader.note(next, text);
  const data = { [pool]: text ?? null };
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

/** Stores the pool digests in one ConfigMap in the namespace of the installation. The keys are the pools. */
export function kubeDigests(deps: DigestsStoreDeps, reader: DigestsReader): PoolDigests {
  const { client, namespace, watched, sleep, random } = deps;
  const path = paths.configMap(namespace, digestsName);
  const all = (): readonly PoolDigest[] => watched.get(digestsName)?.digests ?? [];

  async function read(): Promise<Stored> {
    const found = await readObject(client, path, 'reading the pool digests');
    if (found === undefined) return { digests: [] };
    watched.offer(found);
    return { ...reader.read(found), version: found.metadata?.resourceVersion ?? '' };
  }

  const watchedNow = (): Stored | undefined => {
    const version = watched.versionOf(digestsName);
    return version === undefined ? undefined : { digests: all(), version };
  };

  return {
    all,
    read: async (pool) => digestIn(await read(), pool),
    async update(pool, change) {
      let known = watchedNow();
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const stored = known ?? (await read());
        known = undefined;
        const before = digestIn(stored, pool);
        const next = change(before);
        if (next === before) return before;
        const outcome = await writeChange(deps, reader, { ...stored, pool, next });
        if (outcome !== 'conflict') return outcome === 'written' ? next : outcome;
        if (attempt > 1) await sleep(backoff(retryDelays, attempt, random));
      }
      throw new PortError('conflict', 'The pool digests kept changing while they were written.', {
        retryable: true,
      });
    },
  };
}
