import type { V1ConfigMap } from '@kubernetes/client-node';
import {
  longestPauseReason,
  type Pause,
  pauseRecord,
  parseScopeKey,
  type PauseScope,
  scopeKey,
} from '../../reboot/scheduling/snapshot/pauses.ts';
import type { Pauses } from '../../reboot/ports/stores.ts';
import { isBlank } from '../../reboot/words/text.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import { readObject } from '../api/read-object.ts';
import type { Received } from '../api/received.ts';
import type { Reflector } from '../watch/reflector.ts';
import { joinedReads } from '../../timing/joined-reads.ts';

export const pausesName = 'tugboot-pauses';

/** The view of the ConfigMap that the watch caches. */
export interface WatchedPauses {
  readonly pauses: readonly Pause[];
}

export interface PausesStoreDeps {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly watched: Pick<Reflector<WatchedPauses>, 'get' | 'offer'>;
}

const bounded = (reason: string): string => reason.slice(0, longestPauseReason);

/**
 * One pause. With kubectl a person may write a plain reason in place of the JSON, or nothing. Every key is a
 * pause, whatever its value: a value that cannot be parsed must not lift it.
 */
function pauseOf(scope: PauseScope, text: string): Pause {
  let content: unknown = text;
  try {
    content = JSON.parse(text);
  } catch {
    // Not JSON: a plain reason.
  }
  const parsed = pauseRecord.safeParse(content);
  if (!parsed.success) return isBlank(text) ? { scope } : { scope, reason: bounded(text.trim()) };
  const { reason, ...rest } = parsed.data;
  return { scope, ...rest, ...(reason === undefined ? {} : { reason: bounded(reason) }) };
}

export const pausesOf = (configMap: Received<V1ConfigMap> | undefined): readonly Pause[] =>
  Object.entries(configMap?.data ?? {}).map(([key, text]) =>
    // An unknown key pauses the whole cluster: a typing error must not let a reboot start.
    pauseOf(parseScopeKey(key) ?? { kind: 'cluster' }, text),
  );

/**
 * Stores pauses in one ConfigMap in the namespace of the installation. Keys: `cluster`, `pool.NAME`,
 * `node.NAME`.
 */
export function kubePauses({ client, namespace, watched }: PausesStoreDeps): Pauses {
  const path = paths.configMap(namespace, pausesName);

  async function write(data: Readonly<Record<string, string | null>>): Promise<'written' | 'missing'> {
    const answer = await client.send({ method: 'PATCH', patch: 'merge', path, body: { data } });
    if (!answer.ok && answer.status.code === 404) return 'missing';
    watched.offer(bodyOrThrow(answer, 'writing the pauses'));
    return 'written';
  }

  async function create(data: Readonly<Record<string, string>>): Promise<'written' | 'exists'> {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: pausesName, namespace }, data };
    const answer = await client.send({ method: 'POST', path: paths.configMaps(namespace), body });
    if (!answer.ok && answer.status.code === 409) return 'exists';
    if (!answer.ok) throw unexpectedStatus(answer.status, 'writing the pauses');
    watched.offer(answer.body);
    return 'written';
  }

  const stored = (): Promise<Received<V1ConfigMap> | undefined> =>
    readObject(client, path, 'reading the pauses');
  const read = joinedReads(async () => pausesOf(await stored()));

  return {
    all: () => watched.get(pausesName)?.pauses ?? [],
    read: () => read(undefined),
    async put({ scope, ...rest }) {
      const data = { [scopeKey(scope)]: JSON.stringify(rest) };
      // A concurrent creation won: patch that object.
      if ((await write(data)) === 'missing' && (await create(data)) === 'exists') await write(data);
    },
    async lift(scope) {
      const written = Object.keys((await stored())?.data ?? {});
      // Unknown keys pause the cluster, so lifting the cluster's pause removes them.
      const keys = written.filter(
        (key) => scopeKey(parseScopeKey(key) ?? { kind: 'cluster' }) === scopeKey(scope),
      );
      if (keys.length === 0) return 'not-paused';
      const gone = Object.fromEntries(keys.map((key) => [key, null]));
      return (await write(gone)) === 'written' ? 'lifted' : 'not-paused';
    },
  };
}
