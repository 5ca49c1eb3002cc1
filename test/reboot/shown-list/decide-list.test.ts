import { describe, expect, it } from 'vitest';
import type { ManyRequest } from '../../../src/reboot/pool-digest/many-request.ts';
import type { Policy, PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const approveNow: ManyRequest = { kind: 'approve', mode: 'now' };
const caller = { person: mia, channel: 'C0OPS' };

const held: Partial<PoolPolicy> = { digestFrom: 0, approvalsNeeded: 2 };

/** Two pools, by the label `pool`: nothing of them starts with one approval. */
const twoPools = (db: Partial<PoolPolicy> = {}): Policy =>
  aPolicy({
    pools: [
      aPool({ name: 'db', selector: 'pool=db', ...held, ...db }),
      aPool({ name: 'workers', selector: '!pool', ...held }),
    ],
  });

async function ask(house: FakeHouse, name: string, labels: Readonly<Record<string, string>> = {}) {
  house.cluster.addNode(aNode({ name, labels }), { report: aReport() });
  await house.queue.reconcileNode(name);
  await house.settle();
}

async function houseWith(policy: Policy = twoPools()): Promise<FakeHouse> {
  const house = fakeHouse(policy);
  for (const name of ['w1', 'w2', 'w3']) await ask(house, name, { zone: 'a' });
  for (const name of ['d1', 'd2']) await ask(house, name, { pool: 'db', zone: 'b' });
  return house;
}

async function listOf(house: FakeHouse, target: string, request: ManyRequest = approveNow) {
  const answer = await house.service.propose({ target, request }, caller);
  if (!answer.ok || answer.of !== 'list') throw new Error(JSON.stringify(answer));
  return answer.list;
}

const approvedBy = (house: FakeHouse): Record<string, number> =>
  Object.fromEntries(
    house.store
      .all()
      .map(({ node, history }) => [node.name, history.filter(({ what }) => what === 'approved').length]),
  );

const rebootOf = (house: FakeHouse, node: string) => {
  const found = house.store.all().find((each) => each.node.name === node);
  if (!found) throw new Error(`no reboot of ${node}`);
  return found;
};

describe('what is typed for many', () => {
  it.each([
    ['workers', ['w1', 'w2', 'w3']],
    ['work', ['w1', 'w2', 'w3']],
    ['all', ['d1', 'd2', 'w1', 'w2', 'w3']],
    ['zone=b', ['d1', 'd2']],
    ['zone in (a, c),!pool', ['w1', 'w2', 'w3']],
  ])('%s is a list of those that it matches, and decides nothing', async (target, nodes) => {
    const house = await houseWith();
    const list = await listOf(house, target);
    expect([...list.first].toSorted()).toEqual(nodes);
    expect(list).toMatchObject({ nodes: nodes.length, not: [], approvalsMissing: 1 });
    expect(list.packages).not.toEqual([]);
    expect(Object.values(approvedBy(house)).every((count) => count === 0)).toBe(true);
  });

  it('is a node where it names one', async () => {
    const house = await houseWith();
    expect(await house.service.propose({ target: 'w1', request: approveNow }, caller)).toEqual({
      ok: true,
      of: 'node',
      node: 'w1',
      channel: 'C0OPS',
    });
  });

  it.each([
    ['nothing', 'I do not know a node or pool "nothing".'],
    ['zone=z', 'No node of the nodes with zone=z asks for anything now.'],
    ['a=b=c', '"a=b=c" is no label requirement.'],
  ])('%s is answered with a sentence, and nothing is stored', async (target, sentence) => {
    const house = await houseWith();
    const answer = await house.service.propose({ target, request: approveNow }, caller);
    expect(answer).toMatchObject({ ok: false, sentence: expect.stringContaining(sentence) });
    expect(house.digests.lists.all()).toEqual([]);
  });

  it('lists on which it cannot be decided, and why', async () => {
    const house = await houseWith();
    await house.service.decide(rebootOf(house, 'w1').name, { kind: 'deny', reason: 'no' }, mia);
    const digest = rebootOf(house, 'w2').need.digest;
    await house.service.decide(rebootOf(house, 'w2').name, { ...approveNow, digest }, mia);
    const list = await listOf(house, 'workers');
    expect(list.first).toEqual(['w3']);
    expect(list.not).toEqual([
      { sentence: 'is denied.', nodes: 1, first: ['w1'] },
      {
        sentence: 'You approved This node already. It needs the approval of somebody else too.',
        nodes: 1,
        first: ['w2'],
      },
    ]);
  });

  it('is refused for whom may not decide, and elsewhere than where the cards are', async () => {
    const approvers = { kind: 'named', users: ['U0LEE'], groups: [] } as const;
    const house = await houseWith(twoPools({ approvers }));
    const typed = (target: string, channel = 'C0OPS') =>
      house.service.propose({ target, request: approveNow }, { person: mia, channel });
    expect(await typed('db')).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('Pool db is decided by others'),
    });
    expect(await typed('workers', 'C0OTHER')).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('in the channel that has their cards'),
    });
    expect(house.digests.lists.all()).toEqual([]);
    const list = await listOf(house, 'all');
    expect(list.pools).toEqual([{ pool: 'workers', nodes: 3 }]);
    expect(list.not).toMatchObject([{ nodes: 2 }]);
  });
});

describe('the button of a list', () => {
  it('decides on exactly the list: not on who asks later, nor on packages that came later', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'all');
    await ask(house, 'w4');
    const w2 = rebootOf(house, 'w2');
    house.store.put({ ...w2, need: { ...w2.need, digest: 'f'.repeat(64) } });
    expect(await house.service.decideList(id, mia)).toMatchObject({
      ok: true,
      nodes: 4,
      refused: 1,
      refusals: [{ node: 'w2', sentence: 'The packages of w2 changed since you looked.' }],
      approvalsMissing: 1,
      repeated: false,
    });
    await house.settle();
    expect(approvedBy(house)).toEqual({ w1: 1, w2: 0, w3: 1, w4: 0, d1: 1, d2: 1 });
    expect(house.digests.lists.all()[0]?.decision?.result).toMatchObject({ applied: 4, refused: 1 });
  });

  it('decides once, however often it is pressed', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'workers');
    const pressed = await Promise.all([1, 2, 3].map(() => house.service.decideList(id, mia)));
    await house.settle();
    expect(pressed.filter((each) => each.ok && !each.repeated)).toHaveLength(1);
    expect(pressed.filter((each) => each.ok && each.repeated)).toHaveLength(2);
    expect(await house.service.decideList(id, mia)).toMatchObject({ ok: true, repeated: true, nodes: 3 });
    await house.settle();
    expect(approvedBy(house)).toMatchObject({ w1: 1, w2: 1, w3: 1 });
  });

  it('asks who may anew', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'workers');
    const guest = { ...mia, guest: true };
    expect(await house.service.decideList(id, guest)).toMatchObject({
      ok: false,
      rejection: { code: 'not-allowed' },
    });
    await house.settle();
    expect(approvedBy(house)).toMatchObject({ w1: 0, w2: 0, w3: 0 });
  });

  it('is too old after an hour, and where it is not known', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'workers');
    await house.pass(hour + minute);
    const tooOld = { ok: false, rejection: { code: 'unknown-digest' } };
    expect(await house.service.decideList(id, mia)).toMatchObject(tooOld);
    expect(await house.service.decideList('another', mia)).toMatchObject(tooOld);
  });

  it('loses none when the job dies in the middle: the next resync goes on', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'all');
    await house.service.decideList(id, mia);
    house.waiting.length = 0;
    const { store } = house;
    const save = store.save.bind(store);
    let left = 2;
    store.save = async (reboot) => {
      if (left === 0) throw new PortError('cluster-unreachable', 'died', { retryable: true });
      left -= 1;
      return save(reboot);
    };
    await expect(house.service.spread('_lists')).rejects.toThrow('died');
    store.save = save;
    expect(house.digests.lists.all()[0]?.decision?.result).toBeUndefined();
    await house.service.resync();
    await house.settle();
    expect(approvedBy(house)).toEqual({ w1: 1, w2: 1, w3: 1, d1: 1, d2: 1 });
    expect(house.digests.lists.all()[0]?.decision?.result).toMatchObject({ applied: 5, refused: 0 });
  });

  it('tells on which it was not applied, where that is more than its answer has said', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'workers');
    const answered = await house.service.decideList(id, mia);
    expect(answered).toMatchObject({ ok: true, nodes: 3, refused: 0 });
    const { name } = rebootOf(house, 'w2');
    await house.service.decide(name, { kind: 'deny', reason: 'It is watched.' }, aPerson({ id: 'U0ZOE' }));
    await house.settle();
    expect(house.chat.notApplied).toMatchObject([
      { key: `not-applied.${id}`, request: approveNow, by: { id: mia.id }, applied: 2, refused: 1 },
    ]);
    expect(house.chat.notApplied[0]?.refusals.map(({ node }) => node)).toEqual(['w2']);
    await house.service.resync();
    await house.settle();
    expect(house.chat.notApplied).toHaveLength(1);
  });

  it('tells it before the result is stored: Slack may be away, and the job may die', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'workers');
    await house.service.decideList(id, mia);
    await house.service.decide(rebootOf(house, 'w2').name, { kind: 'deny', reason: 'No.' }, aPerson());
    house.chat.down = new PortError('chat-unreachable', 'Slack is away.', { retryable: true });
    await expect(house.service.spread('_lists')).rejects.toThrow(PortError);
    house.chat.down = undefined;
    await house.service.resync();
    await house.settle();
    expect(house.chat.notApplied).toHaveLength(1);
  });

  it('says it in its answer alone, where that was known then', async () => {
    const house = await houseWith();
    const { id } = await listOf(house, 'workers');
    await house.service.decide(rebootOf(house, 'w2').name, { kind: 'deny', reason: 'No.' }, mia);
    await house.settle();
    expect(await house.service.decideList(id, mia)).toMatchObject({ ok: true, nodes: 2, refused: 1 });
    await house.settle();
    expect(house.chat.notApplied).toEqual([]);
  });

  it('snoozes, denies, asks again and cancels as well', async () => {
    const house = await houseWith();
    const phases = (): ReadonlySet<string> =>
      new Set(house.store.all().flatMap(({ pool, state }) => (pool === 'workers' ? [state.phase] : [])));
    const decided = async (request: ManyRequest): Promise<void> => {
      const { id } = await listOf(house, 'workers', request);
      expect(await house.service.decideList(id, mia)).toMatchObject({ ok: true, nodes: 3 });
      await house.settle();
    };
    await decided({ kind: 'snooze', until: house.clock.now() + hour });
    expect(phases()).toEqual(new Set(['Snoozed']));
    await decided({ kind: 'ask-again' });
    expect(phases()).toEqual(new Set(['Pending']));
    await decided({ kind: 'deny', reason: 'release' });
    expect(phases()).toEqual(new Set(['Denied']));
    await decided({ kind: 'ask-again' });
    await decided({ kind: 'cancel' });
    expect(phases()).toEqual(new Set(['Cancelled']));
  });

  it('is kept in the digest of the pool where the list is all of it', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ digestFrom: 2 })] }));
    for (const name of ['w1', 'w2', 'w3', 'w4']) await ask(house, name);
    await house.pass(2 * second);
    const { id } = await listOf(house, 'workers');
    expect(await house.service.decideList(id, mia)).toMatchObject({ ok: true, nodes: 4, pool: 'workers' });
    await house.settle();
    expect(house.digests.all()[0]?.decisions).toMatchObject([{ of: 4, result: { applied: 4 } }]);
    expect(house.digests.lists.all()[0]).not.toHaveProperty('decision');
    expect(approvedBy(house)).toEqual({ w1: 1, w2: 1, w3: 1, w4: 1 });
  });
});
