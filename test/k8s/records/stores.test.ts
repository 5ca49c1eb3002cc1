import { expect, it } from 'vitest';
import { declaredFieldsContract } from '../../contracts/declared-fields-contract.ts';
import { ledgerContract, ledgerNotes } from '../../contracts/ledger-contract.ts';
import { poolDigestsContract } from '../../contracts/pool-digests-contract.ts';
import {
  type EditablePausesWorld,
  handWrittenPausesContract,
  pausesContract,
} from '../../contracts/pauses-contract.ts';
import { recordRulesContract } from '../../contracts/record-rules-contract.ts';
import { earlierRecordsContract, type EarlierWorld } from '../../contracts/earlier-records-contract.ts';
import { rebootStoreContract } from '../../contracts/reboot-store-contract.ts';
import { storedStatusOf } from '../../../src/k8s/records/reboot-object.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { aDecision, aReboot, at, mia } from '../../fakes/builders.ts';
import { installation, keepingLogger, startApiWorld } from '../world/api.ts';
import { handOf } from '../world/hand.ts';
import { recordsByHand } from '../world/records-hand.ts';
import { until } from '../world/until.ts';

rebootStoreContract('KubeRebootStore on the demo API', async () => {
  const world = await startApiWorld();
  const [one, two] = [world.connect(), world.connect()];
  const running = new AbortController();
  await Promise.all([one, two].map((kube) => kube.start(() => undefined, running.signal)));
  const versions = (kube: typeof one): string =>
    JSON.stringify(kube.store.all().map((reboot) => reboot.version));
  return {
    store: one.store,
    other: two.store,
    settled: async () => {
      const list = (await handOf(world.admin).ask({
        method: 'GET',
        path: '/apis/tugboot.dev/v1alpha1/reboots',
      })) as { items: { metadata: { resourceVersion: string } }[] };
      const fresh = JSON.stringify(list.items.map((item) => item.metadata.resourceVersion));
      await until('both watches show the Reboots', () => versions(one) === fresh && versions(two) === fresh);
    },
    close: () => world.close(),
  };
});

const openRecords = async (): Promise<EarlierWorld> => {
  const world = await startApiWorld();
  return {
    store: world.connect().store,
    ...recordsByHand(handOf(world.admin)),
    close: () => world.close(),
  };
};
earlierRecordsContract('KubeRebootStore on the demo API', openRecords);
recordRulesContract('the demo API', openRecords);

declaredFieldsContract('the demo API', async () => {
  const world = await startApiWorld();
  return { store: world.connect().store, hand: handOf(world.admin), close: () => world.close() };
});

ledgerContract('KubeLedger on the demo API', async () => {
  const world = await startApiWorld();
  const path = `/api/v1/namespaces/${installation}/events`;
  return {
    ledger: world.connect().ledger,
    other: world.connect().ledger,
    events: async () => ledgerNotes(await handOf(world.admin).ask({ method: 'GET', path })),
    close: () => world.close(),
  };
});

const demoPauses = async (): Promise<EditablePausesWorld> => {
  const world = await startApiWorld();
  const [one, two] = [world.connect(), world.connect()];
  const running = new AbortController();
  await Promise.all([one, two].map((kube) => kube.start(() => undefined, running.signal)));
  const hand = handOf(world.admin);
  return {
    pauses: one.pauses,
    other: two.pauses,
    byHand: async (data) => {
      const path = `/api/v1/namespaces/${installation}/configmaps`;
      const metadata = { name: 'tugboot-pauses', namespace: installation };
      await hand.ask({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } });
    },
    close: () => world.close(),
  };
};

pausesContract('KubePauses on the demo API', demoPauses);
handWrittenPausesContract('KubePauses on the demo API', demoPauses);

poolDigestsContract('KubeDigests on the demo API', async () => {
  const world = await startApiWorld();
  const [one, two] = [world.connect(), world.connect()];
  const running = new AbortController();
  await Promise.all([one, two].map((kube) => kube.start(() => undefined, running.signal)));
  return { digests: one.digests, other: two.digests, close: () => world.close() };
});

const reboots = '/apis/tugboot.dev/v1alpha1/reboots';

it('reads a Reboot whose status was never written as the Pending one that it is', async () => {
  const world = await startApiWorld();
  const { store } = world.connect();
  world.api.faults.add({ verb: 'patch', path: /status/, times: 1, do: 'reset' });
  await expect(store.create(aReboot())).rejects.toMatchObject({
    code: 'cluster-unreachable',
    retryable: true,
  });
  expect(await store.create(aReboot())).toBe('exists');
  const reboot = await store.get(aReboot().name);
  expect(reboot).toMatchObject({
    need: aReboot().need,
    facts: aReboot().facts,
    state: { phase: 'Pending', approvals: [] },
    chat: { replies: {} },
  });
  if (reboot) expect(await store.save(reboot)).toMatchObject({ state: { phase: 'Pending' } });
  await world.close();
});

it.each<readonly [string, Partial<Reboot>]>([
  ['a decision', { state: { phase: 'Approved', since: at(0), decision: aDecision() } }],
  ['a message', { chat: { posting: { channel: 'C0OPS', at: at(0) }, replies: {} } }],
])(
  'writes the whole status of such a one with its first save, %s, and changes alone afterwards',
  async (_, change) => {
    const world = await startApiWorld();
    const running = new AbortController();
    const kube = world.connect();
    await kube.start(() => undefined, running.signal);
    world.api.faults.add({ verb: 'patch', path: /status/, times: 1, do: 'reset' });
    await expect(kube.store.create(aReboot())).rejects.toMatchObject({ code: 'cluster-unreachable' });
    // As the watch shows it: it reads as if it had a status.
    await until('the watch shows it', () => kube.store.all().length === 1);
    const [reboot = expect.unreachable()] = kube.store.all();
    const path = `${reboots}/${reboot.name}`;
    const stored = async (): Promise<unknown> =>
      ((await handOf(world.admin).ask({ method: 'GET', path })) as { status?: unknown }).status;
    expect(await stored()).toBeUndefined();

    const first = await kube.store.save({ ...reboot, ...change });
    if (first === 'conflict' || first === 'gone') return expect.unreachable();
    expect(first).toMatchObject({ ...change, need: aReboot().need, facts: aReboot().facts });
    expect(await stored()).toEqual(JSON.parse(JSON.stringify(storedStatusOf(first))));

    const reads = (): number =>
      world.api.requests().filter((one) => one.verb === 'get' && one.path === path).length;
    const before = reads();
    const history = [{ at: at(0), what: 'asked-again', by: mia }] as const;
    expect(await kube.store.save({ ...first, history })).toMatchObject({ history });
    expect(reads()).toBe(before);
    running.abort();
    await world.close();
  },
);

it('tells of an unreadable Reboot by field, skips it, and leaves it as it is', async () => {
  const world = await startApiWorld();
  const logger = keepingLogger();
  const kube = world.connect({ logger });
  const hand = handOf(world.admin);
  const spec = { node: 'n1', nodeUID: 'u', bootID: 'b', pool: 'p' };
  const body = { apiVersion: 'tugboot.dev/v1alpha1', kind: 'Reboot', metadata: { name: 'bad' }, spec };
  await hand.ask({ method: 'POST', path: reboots, body });
  await kube.store.create(aReboot());
  await kube.start(() => undefined, new AbortController().signal);
  expect(kube.store.all().map((reboot) => reboot.name)).toEqual([aReboot().name]);
  const told = logger.lines.find((line) => line.level === 'error');
  expect(told?.fields).toMatchObject({ reboot: 'bad', problem: expect.stringContaining('status') });
  await expect(kube.store.get('bad')).rejects.toMatchObject({
    code: 'reboot-unreadable',
    message: expect.stringContaining('status'),
  });
  expect(await hand.ask({ method: 'GET', path: `${reboots}/bad` })).toMatchObject({ spec });
  await world.close();
});

it('refuses to guess at a corrupted ledger, names the key and the cure, and overwrites nothing', async () => {
  const world = await startApiWorld();
  const { ledger } = world.connect();
  const hand = handOf(world.admin);
  const path = `/api/v1/namespaces/${installation}/configmaps`;
  const data = { 'turns.json': '{"turns":[{"reboot":1}]}' };
  await hand.ask({
    method: 'POST',
    path,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tugboot-turns' }, data },
  });
  const turn = { reboot: 'r', node: 'n', pool: 'p', controlPlane: false, since: '2026-11-22T12:00:00Z' };
  const corrupted = {
    code: 'ledger-unreadable',
    retryable: false,
    message: expect.stringMatching(/turns\.json.*ledger\.turns\[0\]\.reboot.*delete the ConfigMap/),
  };
  await expect(ledger.take(turn, { cluster: 1, pool: 1 })).rejects.toMatchObject(corrupted);
  await expect(ledger.read()).rejects.toMatchObject(corrupted);
  await expect(ledger.release('r')).rejects.toMatchObject(corrupted);
  expect(await hand.ask({ method: 'GET', path: `${path}/tugboot-turns` })).toMatchObject({ data });
  await world.close();
});

it('takes a ledger without its key for a damaged one, and not for an empty one', async () => {
  const world = await startApiWorld();
  const { ledger } = world.connect();
  const path = `/api/v1/namespaces/${installation}/configmaps`;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tugboot-turns' } };
  await handOf(world.admin).ask({ method: 'POST', path, body });
  const turn = { reboot: 'r', node: 'n', pool: 'p', controlPlane: false, since: '2026-11-22T12:00:00Z' };
  const damaged = { code: 'ledger-unreadable', message: expect.stringContaining('the key is missing') };
  await expect(ledger.read()).rejects.toMatchObject(damaged);
  await expect(ledger.take(turn, { cluster: 1, pool: 1 })).rejects.toMatchObject(damaged);
  await expect(ledger.release('r')).rejects.toMatchObject(damaged);
  expect(await handOf(world.admin).ask({ method: 'GET', path: `${path}/tugboot-turns` })).not.toHaveProperty(
    'data',
  );
  await world.close();
});
