import { describe, expect, it } from 'vitest';
import type { ManyRequest } from '../../../src/reboot/pool-digest/many-request.ts';
import type { Policy, PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

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

async function ask(harness: ServiceHarness, name: string, labels: Readonly<Record<string, string>> = {}) {
  harness.cluster.addNode(aNode({ name, labels }), { report: aReport() });
  await harness.queue.reconcileNode(name);
  await harness.settle();
}

async function harnessWith(policy: Policy = twoPools()): Promise<ServiceHarness> {
  const harness = serviceHarness(policy);
  for (const name of ['w1', 'w2', 'w3']) await ask(harness, name, { zone: 'a' });
  for (const name of ['d1', 'd2']) await ask(harness, name, { pool: 'db', zone: 'b' });
  return harness;
}

async function listOf(harness: ServiceHarness, target: string, request: ManyRequest = approveNow) {
  const answer = await harness.service.propose({ target, request }, caller);
  if (!answer.ok || answer.of !== 'list') throw new Error(JSON.stringify(answer));
  return answer.list;
}

const approvedBy = (harness: ServiceHarness): Record<string, number> =>
  Object.fromEntries(
    harness.store
      .all()
      .map(({ node, history }) => [node.name, history.filter(({ what }) => what === 'approved').length]),
  );

const rebootOf = (harness: ServiceHarness, node: string) => {
  const found = harness.store.all().find((each) => each.node.name === node);
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
    const harness = await harnessWith();
    const list = await listOf(harness, target);
    expect([...list.first].toSorted()).toEqual(nodes);
    expect(list).toMatchObject({ nodes: nodes.length, not: [], approvalsMissing: 1 });
    expect(list.packages).not.toEqual([]);
    expect(Object.values(approvedBy(harness)).every((count) => count === 0)).toBe(true);
  });

  it('is a node where it names one', async () => {
    const harness = await harnessWith();
    expect(await harness.service.propose({ target: 'w1', request: approveNow }, caller)).toEqual({
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
    const harness = await harnessWith();
    const answer = await harness.service.propose({ target, request: approveNow }, caller);
    expect(answer).toMatchObject({ ok: false, sentence: expect.stringContaining(sentence) });
    expect(harness.digests.lists.all()).toEqual([]);
  });

  it('lists on which it cannot be decided, and why', async () => {
    const harness = await harnessWith();
    await harness.service.decide(rebootOf(harness, 'w1').name, { kind: 'deny', reason: 'no' }, mia);
    const digest = rebootOf(harness, 'w2').need.digest;
    await harness.service.decide(rebootOf(harness, 'w2').name, { ...approveNow, digest }, mia);
    const list = await listOf(harness, 'workers');
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
    const harness = await harnessWith(twoPools({ approvers }));
    const typed = (target: string, channel = 'C0OPS') =>
      harness.service.propose({ target, request: approveNow }, { person: mia, channel });
    expect(await typed('db')).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('Pool db is decided by others'),
    });
    expect(await typed('workers', 'C0OTHER')).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('in the channel that has their cards'),
    });
    expect(harness.digests.lists.all()).toEqual([]);
    const list = await listOf(harness, 'all');
    expect(list.pools).toEqual([{ pool: 'workers', nodes: 3 }]);
    expect(list.not).toMatchObject([{ nodes: 2 }]);
  });
});

describe('the button of a list', () => {
  it('decides on exactly the list: not on who asks later, nor on packages that came later', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'all');
    await ask(harness, 'w4');
    const w2 = rebootOf(harness, 'w2');
    harness.store.put({ ...w2, need: { ...w2.need, digest: 'f'.repeat(64) } });
    expect(await harness.service.decideList(id, mia)).toMatchObject({
      ok: true,
      nodes: 4,
      refused: 1,
      refusals: [{ node: 'w2', sentence: 'The packages of w2 changed since you looked.' }],
      approvalsMissing: 1,
      repeated: false,
    });
    await harness.settle();
    expect(approvedBy(harness)).toEqual({ w1: 1, w2: 0, w3: 1, w4: 0, d1: 1, d2: 1 });
    expect(harness.digests.lists.all()[0]?.decision?.result).toMatchObject({ applied: 4, refused: 1 });
  });

  it('decides once, however often it is pressed', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'workers');
    const pressed = await Promise.all([1, 2, 3].map(() => harness.service.decideList(id, mia)));
    await harness.settle();
    expect(pressed.filter((each) => each.ok && !each.repeated)).toHaveLength(1);
    expect(pressed.filter((each) => each.ok && each.repeated)).toHaveLength(2);
    expect(await harness.service.decideList(id, mia)).toMatchObject({ ok: true, repeated: true, nodes: 3 });
    await harness.settle();
    expect(approvedBy(harness)).toMatchObject({ w1: 1, w2: 1, w3: 1 });
  });

  it('asks who may anew', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'workers');
    const guest = { ...mia, guest: true };
    expect(await harness.service.decideList(id, guest)).toMatchObject({
      ok: false,
      rejection: { code: 'not-allowed' },
    });
    await harness.settle();
    expect(approvedBy(harness)).toMatchObject({ w1: 0, w2: 0, w3: 0 });
  });

  it('is too old after an hour, and where it is not known', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'workers');
    await harness.pass(hour + minute);
    const tooOld = { ok: false, rejection: { code: 'unknown-digest' } };
    expect(await harness.service.decideList(id, mia)).toMatchObject(tooOld);
    expect(await harness.service.decideList('another', mia)).toMatchObject(tooOld);
  });

  it('loses none when the job dies in the middle: the next resync goes on', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'all');
    await harness.service.decideList(id, mia);
    harness.waiting.length = 0;
    const { store } = harness;
    const save = store.save.bind(store);
    let left = 2;
    store.save = async (reboot) => {
      if (left === 0) throw new PortError('cluster-unreachable', 'died', { retryable: true });
      left -= 1;
      return save(reboot);
    };
    await expect(harness.service.spread('_lists')).rejects.toThrow('died');
    store.save = save;
    expect(harness.digests.lists.all()[0]?.decision?.result).toBeUndefined();
    await harness.service.resync();
    await harness.settle();
    expect(approvedBy(harness)).toEqual({ w1: 1, w2: 1, w3: 1, d1: 1, d2: 1 });
    expect(harness.digests.lists.all()[0]?.decision?.result).toMatchObject({ applied: 5, refused: 0 });
  });

  it('tells on which it was not applied, where that is more than its answer has said', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'workers');
    const answered = await harness.service.decideList(id, mia);
    expect(answered).toMatchObject({ ok: true, nodes: 3, refused: 0 });
    const { name } = rebootOf(harness, 'w2');
    await harness.service.decide(name, { kind: 'deny', reason: 'It is watched.' }, aPerson({ id: 'U0ZOE' }));
    await harness.settle();
    expect(harness.chat.notApplied).toMatchObject([
      { key: `not-applied.${id}`, request: approveNow, by: { id: mia.id }, applied: 2, refused: 1 },
    ]);
    expect(harness.chat.notApplied[0]?.refusals.map(({ node }) => node)).toEqual(['w2']);
    await harness.service.resync();
    await harness.settle();
    expect(harness.chat.notApplied).toHaveLength(1);
  });

  it('tells it before the result is stored: Slack may be away, and the job may die', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'workers');
    await harness.service.decideList(id, mia);
    await harness.service.decide(rebootOf(harness, 'w2').name, { kind: 'deny', reason: 'No.' }, aPerson());
    harness.chat.down = new PortError('chat-unreachable', 'Slack is away.', { retryable: true });
    await expect(harness.service.spread('_lists')).rejects.toThrow(PortError);
    harness.chat.down = undefined;
    await harness.service.resync();
    await harness.settle();
    expect(harness.chat.notApplied).toHaveLength(1);
  });

  it('says it in its answer alone, where that was known then', async () => {
    const harness = await harnessWith();
    const { id } = await listOf(harness, 'workers');
    await harness.service.decide(rebootOf(harness, 'w2').name, { kind: 'deny', reason: 'No.' }, mia);
    await harness.settle();
    expect(await harness.service.decideList(id, mia)).toMatchObject({ ok: true, nodes: 2, refused: 1 });
    await harness.settle();
    expect(harness.chat.notApplied).toEqual([]);
  });

  it('snoozes, denies, asks again and cancels as well', async () => {
    const harness = await harnessWith();
    const phases = (): ReadonlySet<string> =>
      new Set(harness.store.all().flatMap(({ pool, state }) => (pool === 'workers' ? [state.phase] : [])));
    const decided = async (request: ManyRequest): Promise<void> => {
      const { id } = await listOf(harness, 'workers', request);
      expect(await harness.service.decideList(id, mia)).toMatchObject({ ok: true, nodes: 3 });
      await harness.settle();
    };
    await decided({ kind: 'snooze', until: harness.clock.now() + hour });
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
    const harness = serviceHarness(aPolicy({ pools: [aPool({ digestFrom: 2 })] }));
    for (const name of ['w1', 'w2', 'w3', 'w4']) await ask(harness, name);
    await harness.pass(2 * second);
    const { id } = await listOf(harness, 'workers');
    expect(await harness.service.decideList(id, mia)).toMatchObject({ ok: true, nodes: 4, pool: 'workers' });
    await harness.settle();
    expect(harness.digests.all()[0]?.decisions).toMatchObject([{ of: 4, result: { applied: 4 } }]);
    expect(harness.digests.lists.all()[0]).not.toHaveProperty('decision');
    expect(approvedBy(harness)).toEqual({ w1: 1, w2: 1, w3: 1, w4: 1 });
  });
});
