import type { V1ConfigMap } from '@kubernetes/client-node';
import {
  admit,
  emptyLedger,
  ledgerRecord,
  withoutTurn,
  withTurn,
  type LedgerState,
} from '../../reboot/scheduling/snapshot/ledger.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Ledger } from '../../reboot/ports/stores.ts';
import type { LedgerEvent } from '../../reboot/ports/refused-config.ts';
import { second, type Clock, type Instant, type Millis } from '../../reboot/time/time.ts';
import { backoff } from '../../timing/backoff.ts';
import { joinedReads } from '../../timing/joined-reads.ts';
import type { Sleep } from '../../timing/sleep.ts';
import type { KubeAnswer, KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import { readObject } from '../api/read-object.ts';
import type { Received } from '../api/received.ts';
import { recordOn } from '../nodes/record-event.ts';
import { ledgerSwaps, type StoredLedger } from './ledger-swaps.ts';
import { problemOf } from '../../reboot/schema/problem.ts';

export interface LedgerStoreDeps {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
}

export const ledgerName = 'tugboot-turns';
export const ledgerKey = 'turns.json';

/** How long what was read or written last is used without a read. */
const knownFor: Millis = 5 * second;
const retryDelays = { first: 0.05 * second, most: 1 * second, factor: 2 };

function corrupted(namespace: string, problem: string, cause?: unknown): PortError {
  const message =
    `The ledger of turns cannot be read: ConfigMap ${namespace}/${ledgerName}, key ${ledgerKey}: ${problem}. ` +
    'No node starts until it is mended. When no node is out of service through Tugboot, delete the ConfigMap; it is made anew.';
  return new PortError('ledger-unreadable', message, { retryable: false, cause });
}

/** Throws for a ledger that cannot be read. Reading it as empty would grant turns twice. */
function parseLedger({ data }: Received<V1ConfigMap>, namespace: string): LedgerState {
  const text = data?.[ledgerKey];
  if (text === undefined) throw corrupted(namespace, 'the key is missing');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw corrupted(namespace, 'it is no JSON', cause);
  }
  const parsed = ledgerRecord.safeParse(content);
  if (!parsed.success) throw corrupted(namespace, problemOf('ledger', parsed.error));
  return parsed.data;
}

/**
 * One turn on each line, for people. Indented JSON would take a third more of the ConfigMap's limited size.
 */
export const ledgerText = ({ turns }: LedgerState): string =>
  turns.length === 0
    ? '{"turns":[]}'
    : `{"turns":[\n${turns.map((turn) => JSON.stringify(turn)).join(',\n')}\n]}`;

const configMapOf = (namespace: string, { state, version }: StoredLedger): Received<V1ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: ledgerName, namespace, ...(version === undefined ? {} : { resourceVersion: version }) },
  data: { [ledgerKey]: ledgerText(state) },
});

/** The ledger as this process has read or written it last; undefined where that is unknown. */
interface Known {
  last?: { readonly stored: StoredLedger; readonly at: Instant } | undefined;
}

type Parts = LedgerStoreDeps & { readonly known: Known };

function justKnown({ known: { last }, clock }: Parts): StoredLedger | undefined {
  return last !== undefined && clock.now() - last.at < knownFor ? last.stored : undefined;
}

async function readStored({ client, namespace, known, clock }: Parts): Promise<StoredLedger> {
  const at = clock.now();
  known.last = undefined;
  const path = paths.configMap(namespace, ledgerName);
  const found = await readObject(client, path, 'reading the ledger of turns');
  const stored = found === undefined ? { state: emptyLedger } : storedIn(found, namespace);
  known.last = { stored, at };
  return stored;
}

const storedIn = (configMap: Received<V1ConfigMap>, namespace: string): StoredLedger => ({
  state: parseLedger(configMap, namespace),
  version: configMap.metadata?.resourceVersion ?? '',
});

/**
 * Compare-and-swap by resource version. False after a concurrent write. Plans made during the write use the
 * ledger from before it, which saves a read for each.
 */
async function replace(parts: Parts, stored: StoredLedger): Promise<boolean> {
  const { namespace, known, clock } = parts;
  const at = clock.now();
  const answer = await sendLedger(parts, stored).catch((error: unknown) => {
    known.last = undefined;
    throw error;
  });
  known.last = undefined;
  if (answer.ok) {
    known.last = { stored: storedIn(answer.body as Received<V1ConfigMap>, namespace), at };
    return true;
  }
  // 409: a concurrent write or creation won. 404: the ConfigMap was deleted meanwhile.
  if (answer.status.code === 409 || (answer.status.code === 404 && stored.version !== undefined))
    return false;
  throw unexpectedStatus(answer.status, 'writing the ledger of turns');
}

function sendLedger({ client, namespace }: Parts, stored: StoredLedger): Promise<KubeAnswer> {
  const body = configMapOf(namespace, stored);
  return stored.version === undefined
    ? client.send({ method: 'POST', path: paths.configMaps(namespace), body })
    : client.send({ method: 'PUT', path: paths.configMap(namespace, ledgerName), body });
}

/**
 * `kubectl describe` finds Events by UID. Before the first turn there is no ConfigMap, hence no UID; the
 * Event is still listed in the namespace.
 */
async function recordOnLedger({ client, namespace }: LedgerStoreDeps, event: LedgerEvent): Promise<void> {
  const answer = await client.send({ method: 'GET', path: paths.configMap(namespace, ledgerName) });
  const uid = answer.ok ? (answer.body as Received<V1ConfigMap>).metadata?.uid : undefined;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', name: ledgerName, namespace };
  await recordOn(client, event, { ...object, ...(uid === undefined ? {} : { uid }) });
}

export const kubeLedger = (deps: LedgerStoreDeps): Ledger => ledgerOf({ ...deps, known: {} });

function ledgerOf(deps: Parts): Ledger {
  const joined = joinedReads(() => readStored(deps));
  const read = (): Promise<StoredLedger> => joined(undefined);
  const swap = ledgerSwaps({
    known: () => justKnown(deps),
    read,
    replace: (stored) => replace(deps, stored),
    pause: (attempt) => deps.sleep(backoff(retryDelays, attempt, deps.random)),
  });
  return {
    read: async () => (await read()).state,
    latest: async () => (justKnown(deps) ?? (await read())).state,
    take: (turn, limits) =>
      swap((state) => {
        const result = admit(state, turn, limits);
        return { next: result.taken ? withTurn(state, turn) : state, result };
      }),
    release: (reboot, still) =>
      swap<Released>(async (state) => {
        if (!state.turns.some((turn) => turn.reboot === reboot)) return { next: state, result: 'not-held' };
        if (still && !(await still())) return { next: state, result: 'not-owed' };
        return { next: withoutTurn(state, reboot), result: 'released' };
      }),
    record: (event) => recordOnLedger(deps, event),
  };
}

type Released = Awaited<ReturnType<Ledger['release']>>;
