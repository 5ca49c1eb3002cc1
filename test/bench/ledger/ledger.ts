/**
 * What the ledger costs, by the number of turns that it holds, with one bot and with two: the adapter that
 * ships on the demo's API, which answers after some milliseconds and takes ConfigMaps up to 1 MiB.
 */
import type { KubeClient } from '../../../src/k8s/api/client.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import { kubeLedger, ledgerKey, ledgerName, ledgerText } from '../../../src/k8s/records/ledger-store.ts';
import type { Ledger } from '../../../src/reboot/ports/stores.ts';
import type { Turn } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { toTimestamp } from '../../../src/reboot/time/time.ts';
import { installation, realSleep, startApiWorld, systemClock } from '../../k8s/world/api.ts';
import { type Bench, row, type Row } from '../report.ts';
import { bootIdOf, nodeName } from '../scale/cluster-objects.ts';
import { countingClient, type Traffic } from './counting-client.ts';

const heldSizes = [10, 100, 1_000];
/** As many Reboots as one bot carries on at once. */
const atOnce = 20;
const pairs = 100;
const answersAfter = 10;
const limits = { cluster: 1_000_000, pool: 1_000_000 };

const turnOf = (index: number): Turn => ({
  reboot: `${nodeName(index)}-${bootIdOf(index).slice(-8)}`,
  node: nodeName(index),
  pool: 'workers',
  controlPlane: false,
  zone: `eu-central-1${'abc'[index % 3] ?? ''}`,
  since: toTimestamp(Date.parse('2026-11-30T22:00:00Z')),
});

interface LedgerBot {
  readonly ledger: Ledger;
  readonly traffic: Traffic;
}

function botOn(admin: KubeClient): LedgerBot {
  const { client, traffic } = countingClient(admin);
  const deps = { client, namespace: installation, clock: systemClock, sleep: realSleep };
  return { ledger: kubeLedger({ ...deps, random: Math.random }), traffic };
}

/** Works through the turns, some at once. */
async function each(turns: readonly Turn[], work: (turn: Turn) => Promise<unknown>): Promise<void> {
  const left = [...turns];
  const worker = async (): Promise<void> => {
    for (let turn = left.shift(); turn !== undefined; turn = left.shift()) await work(turn);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const turnsFrom = (first: number, count: number): readonly Turn[] =>
  Array.from({ length: count }, (_, nth) => turnOf(first + nth));

const path = paths.configMap(installation, ledgerName);

/** Holds the turns of that many nodes, in one write. False where the API server refuses the size. */
async function fill(admin: KubeClient, count: number): Promise<boolean> {
  await admin.send({ method: 'DELETE', path });
  const metadata = { name: ledgerName, namespace: installation };
  const data = { [ledgerKey]: ledgerText({ turns: turnsFrom(0, count) }) };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  return (await admin.send({ method: 'POST', path: paths.configMaps(installation), body })).ok;
}

/** The most turns that the API server takes in one ConfigMap. */
async function mostTurns(admin: KubeClient): Promise<number> {
  let [fits, fails] = [1, 20_000];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (await fill(admin, middle)) fits = middle;
    else fails = middle;
  }
  return fits;
}

interface Cost {
  readonly seconds: number;
  readonly requests: number;
  readonly conflicts: number;
  readonly kilobytes: number;
  readonly failures: number;
}

/** The work of all bots, each with turns of its own; requests and bytes for each turn. */
async function costOf(
  bots: readonly LedgerBot[],
  [first, count]: readonly [first: number, count: number],
  work: (ledger: Ledger, turn: Turn) => Promise<unknown>,
): Promise<Cost> {
  let failures = 0;
  const began = performance.now();
  const share = count / bots.length;
  await Promise.all(
    bots.map(({ ledger }, nth) =>
      each(turnsFrom(first + nth * share, share), (turn) => work(ledger, turn).catch(() => (failures += 1))),
    ),
  );
  const sum = (what: keyof Traffic): number => bots.reduce((total, { traffic }) => total + traffic[what], 0);
  return {
    seconds: (performance.now() - began) / 1_000,
    requests: sum('requests') / count,
    conflicts: sum('conflicts') / count,
    kilobytes: sum('bytes') / 1_000 / count,
    failures,
  };
}

const told = Number.POSITIVE_INFINITY;

const rowsOf = (what: string, cost: Cost): readonly Row[] => {
  const one = (name: string, unit: string, limit: number, value: number): Row =>
    row({ what: `${what}: ${name}`, unit, share: 1, limit }, [Math.round(value * 100) / 100]);
  return [
    one('given up after conflicts', 'turns', 0, cost.failures),
    one('in all', 's', told, cost.seconds),
    one('for each turn', 'requests', told, cost.requests),
    one('for each turn, lost to a conflict', 'writes', told, cost.conflicts),
    one('for each turn, both ways', 'kB', told, cost.kilobytes),
  ];
};

export const ledgerBench: Bench = async (_runs, tell) => {
  const world = await startApiWorld();
  try {
    const rows: Row[] = [];
    const add = (what: string, cost: Cost): void => {
      tell(JSON.stringify({ what, ...cost }));
      rows.push(...rowsOf(what, cost));
    };
    const limit = await mostTurns(world.admin);
    rows.push(row({ what: 'turns in one ConfigMap', unit: 'turns', share: 1, limit: told }, [limit]));
    const slow = world.api.faults.add({ path: /configmaps/, do: { delayMs: answersAfter } });
    for (const bots of [1, 2]) {
      const made = (): readonly LedgerBot[] => Array.from({ length: bots }, () => botOn(world.admin));
      const who = bots === 1 ? 'one bot' : 'two bots';
      for (const held of heldSizes) {
        await fill(world.admin, held);
        const takeAndGive = async (ledger: Ledger, turn: Turn): Promise<void> => {
          await ledger.take(turn, limits);
          await ledger.release(turn.reboot);
        };
        add(`${who}, ${held} held, taken and released`, await costOf(made(), [held, pairs], takeAndGive));
      }
      await fill(world.admin, 0);
      const take = (ledger: Ledger, turn: Turn): Promise<unknown> => ledger.take(turn, limits);
      add(`${who}, a thousand turns taken`, await costOf(made(), [0, 1_000], take));
      const release = (ledger: Ledger, turn: Turn): Promise<unknown> => ledger.release(turn.reboot);
      add(`${who}, a thousand turns released`, await costOf(made(), [0, 1_000], release));
    }
    slow();
    return rows;
  } finally {
    await world.close();
  }
};
