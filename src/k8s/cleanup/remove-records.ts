import { PortError } from '../../reboot/ports/port-error.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { objectNameOf } from '../api/object-names.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { digestsName } from '../records/digests-store.ts';
import { ledgerName } from '../records/ledger-store.ts';
import { pausesName } from '../records/pauses-store.ts';

interface Deps {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly reboots: boolean;
  readonly tell: (line: string) => void;
}

/**
 * The ledger, the pauses and the digests: useless without Tugboot, and a later installation must not read an
 * outdated ledger.
 */
export async function removeConfigMaps({ client, namespace }: Deps): Promise<void> {
  for (const name of [ledgerName, pausesName, digestsName])
    await remove(client, paths.configMap(namespace, name));
}

export async function removeReboots({ client, reboots, tell }: Deps): Promise<void> {
  const names = await rebootNames(client);
  if (!reboots) {
    if (names.length > 0)
      tell(`${names.length} Reboots are left: they are the history (--reboots deletes them).`);
    return;
  }
  for (const name of names) await remove(client, paths.reboot(name));
  tell(`${names.length} Reboots deleted.`);
}

async function rebootNames(client: KubeClient): Promise<readonly string[]> {
  try {
    return (await listAll(client, { path: paths.reboots }, objectNameOf)).items;
  } catch (error) {
    if (error instanceof PortError && error.code === 'definition-missing') return [];
    throw error;
  }
}

async function remove(client: KubeClient, path: string): Promise<void> {
  const answer = await client.send({ method: 'DELETE', path });
  if (answer.ok || answer.status.code === 404) return;
  if (answer.status.code === 403) throw unexpectedStatus(answer.status, `deleting ${path}`);
  bodyOrThrow(answer, `deleting ${path}`);
}
