import { describe, expect, it } from 'vitest';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import type { PoolDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();

const poolOf = (overrides: Partial<PoolPolicy> = {}): PoolPolicy =>
  aPool({ digestFrom: 4, concurrency: 2, maxUnavailable: { count: 2 }, ...overrides });

const houseOf = (overrides: Partial<PoolPolicy> = {}): FakeHouse =>
  fakeHouse(aPolicy({ concurrency: 5, pools: [poolOf(overrides)] }));

/** Their agents report within seconds of each other. */
async function ask(house: FakeHouse, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    house.cluster.addNode(aNode({ name }), { report: aReport() });
    await house.queue.reconcileNode(name);
    await house.settle();
    await house.pass(second / 10);
  }
}

const nodes = (count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => `n${String(from + index).padStart(2, '0')}`);

function digestIn({ digests }: FakeHouse): PoolDigest {
  const [digest] = digests.all();
  if (!digest) throw new Error('no digest');
  return digest;
}

const phasesIn = ({ store }: FakeHouse): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { state } of store.all()) counts[state.phase] = (counts[state.phase] ?? 0) + 1;
  return counts;
};

const approveAll = (house: FakeHouse, more: { only?: readonly string[]; revision?: number } = {}) => {
  const { id, revision } = digestIn(house);
  return house.service.decideAll(
    { digest: id, revision, request: { kind: 'approve', mode: 'now' }, ...more },
    mia,
  );
};

describe('many nodes of a pool that ask', () => {
  it('ask on cards of their own up to the number of the pool', async () => {
    const house = houseOf();
    await ask(house, ...nodes(4));
    expect(house.chat.posts).toBe(4);
    expect(house.digests.all()).toEqual([]);
  });

  it('ask in one message from the next on: the first cards point to it, and no other is posted', async () => {
    const house = houseOf();
    await ask(house, ...nodes(12));
    await house.pass(2 * second);
    expect(house.chat.posts).toBe(5);
    expect(house.chat.digests.get('workers')?.counts).toMatchObject({ total: 12, asking: 12 });
    const message = digestIn(house).chat.message;
    expect(message).toMatchObject({ channel: 'C0OPS', revision: digestIn(house).revision });
    for (const { reboot, poolDigest } of house.chat.shown.values())
      expect(poolDigest, reboot.name).toMatchObject({ id: digestIn(house).id, message: { ts: message?.ts } });
    expect(house.chat.shown.size).toBe(4);
  });

  it('have only the message when they all ask at once', async () => {
    const house = houseOf();
    for (const name of nodes(40)) {
      house.cluster.addNode(aNode({ name }), { report: aReport() });
      await house.queue.reconcileNode(name);
    }
    await house.settle();
    expect(house.chat.posts).toBe(1);
    await house.pass(2 * second);
    expect(house.chat.posts).toBe(1);
    expect(house.chat.digests.get('workers')?.counts.total).toBe(40);
  });

  it('ask one by one when they come slowly, and where the pool has no digest', async () => {
    const slow = houseOf();
    for (const name of nodes(6)) {
      await ask(slow, name);
      await slow.pass(4 * minute);
    }
    expect(slow.chat.posts).toBe(6);
    const without = houseOf({ digestFrom: 0 });
    await ask(without, ...nodes(6));
    expect(without.chat.posts).toBe(6);
    expect([...slow.digests.all(), ...without.digests.all()]).toEqual([]);
  });

  it('are assessed on a sample', async () => {
    const house = houseOf();
    await ask(house, ...nodes(30));
    await house.pass(2 * second);
    expect(house.store.all().filter(({ impact }) => impact !== undefined)).toHaveLength(5);
    expect(house.chat.digests.get('workers')?.impact).toMatchObject({ sampled: 5, of: 30 });
  });

  it('ask one by one while the digest cannot be stored', async () => {
    const house = houseOf();
    house.digests.full = true;
    await ask(house, ...nodes(6));
    expect(house.chat.posts).toBe(6);
    expect(house.chat.digests.size).toBe(0);
  });
});

describe('a decision for all', () => {
  it('is stored once, answered, and then applied to each, which start as the pool allows', async () => {
    const house = houseOf();
    await ask(house, ...nodes(8));
    const answer = await approveAll(house);
    expect(answer).toMatchObject({ ok: true, nodes: 8, refused: 0, approvalsMissing: 0, repeated: false });
    expect(phasesIn(house)).toEqual({ Pending: 8 });
    await house.settle();
    expect(phasesIn(house)).toMatchObject({ Approved: 6 });
    expect(house.ledger.now().turns).toHaveLength(2);
    expect(digestIn(house).decisions).toMatchObject([{ of: 8, result: { applied: 8, refused: 0 } }]);
    for (const { state, need } of house.store.all())
      if ('decision' in state) expect(state.decision).toMatchObject({ digest: need.digest });
  });

  it('gives those that start a card with a thread of their own, and no other', async () => {
    const house = houseOf();
    await ask(house, ...nodes(8));
    const before = house.chat.posts;
    await approveAll(house);
    await house.settle();
    const started = house.store.all().filter(({ state }) => state.phase !== 'Approved');
    expect(started).toHaveLength(2);
    for (const { chat } of started) expect(chat.card).toBeDefined();
    const silent = house.store.all().filter(({ chat }) => chat.card === undefined);
    expect(silent).toHaveLength(4);
    expect(house.chat.channel.messages.filter(({ thread }) => thread === undefined)).toHaveLength(before);
  });

  it('may be for fewer at a time than the pool allows, and not for more', async () => {
    const house = houseOf();
    await ask(house, ...nodes(8));
    const { id: digest, revision } = digestIn(house);
    const decide = (atMost: number) =>
      house.service.decideAll({ digest, revision, request: { kind: 'approve', mode: 'now', atMost } }, mia);
    expect(await decide(3)).toMatchObject({ ok: false, rejection: { code: 'not-possible-now' } });
    expect(await decide(1)).toMatchObject({ ok: true, nodes: 8 });
    await house.settle();
    expect(house.ledger.now().turns).toHaveLength(1);
  });

  it('is one decision when it is clicked twice, or the payload is repeated', async () => {
    const house = houseOf();
    await ask(house, ...nodes(6));
    const [one, two] = await Promise.all([approveAll(house), approveAll(house)]);
    expect([one, two].filter((each) => each.ok && each.repeated)).toHaveLength(1);
    expect([one, two].filter((each) => each.ok)).toHaveLength(2);
    await house.settle();
    expect(await approveAll(house)).toMatchObject({ ok: true, repeated: true });
    expect(digestIn(house).decisions).toHaveLength(1);
  });

  it('holds for what was shown: a node that came later, and one whose packages changed, still ask', async () => {
    const house = houseOf();
    await ask(house, ...nodes(6));
    const { revision } = digestIn(house);
    await ask(house, 'n07');
    await house.pass(2 * second);
    const agent = house.cluster.agentOf('n03');
    agent.report = aReport({ kernel: { running: '6.8.0-45-generic', newest: '6.8.0-50-generic' } });
    await house.queue.reconcileNode('n03');
    await house.settle();
    expect(await approveAll(house, { revision })).toMatchObject({
      ok: true,
      nodes: 5,
      refused: 1,
      refusals: [{ node: 'n03', sentence: 'The packages of n03 changed since you looked.' }],
    });
    await house.settle();
    const pending = house.store.all().filter(({ state }) => state.phase === 'Pending');
    expect(pending.map(({ node }) => node.name).toSorted()).toEqual(['n03', 'n07']);
    await house.pass(2 * second);
    // It was decided on as it was shown: now it asks alone, with a message that is noticed.
    expect(house.chat.digests.get('workers')).toMatchObject({ alone: 1, counts: { asking: 1 } });
    expect(pending.find(({ node }) => node.name === 'n03')?.name).toSatisfy(
      (name: string) => house.chat.shown.get(name)?.poolDigest === undefined,
    );
  });

  it('of chosen nodes leaves the others asking', async () => {
    const house = houseOf();
    await ask(house, ...nodes(6));
    const only = house.store
      .all()
      .filter(({ node }) => ['n02', 'n05'].includes(node.name))
      .map(({ name }) => name);
    expect(await approveAll(house, { only })).toMatchObject({ ok: true, nodes: 2 });
    await house.settle();
    expect(phasesIn(house)).toMatchObject({ Pending: 4 });
    const others = await approveAll(house, { only: house.store.all().map(({ name }) => name) });
    expect(others).toMatchObject({ ok: true, nodes: 4, refused: 2, repeated: false });
  });

  it('may be to wait or to refuse, with a reason', async () => {
    const house = houseOf();
    await ask(house, ...nodes(6));
    const { id: digest, revision } = digestIn(house);
    const until = house.clock.now() + hour;
    await house.service.decideAll({ digest, revision, request: { kind: 'snooze', until } }, mia);
    await house.settle();
    expect(phasesIn(house)).toEqual({ Snoozed: 6 });
    const request = { kind: 'deny', reason: '' } as const;
    expect(await house.service.decideAll({ digest, revision, request }, mia)).toMatchObject({
      rejection: { code: 'reason-missing' },
    });
    await house.service.decideAll({ digest, revision, request: { ...request, reason: 'release' } }, mia);
    await house.settle();
    expect(phasesIn(house)).toEqual({ Denied: 6 });
    await house.pass(2 * second);
    expect(house.chat.posts).toBe(5);
    expect(digestIn(house).closedAt).toBeDefined();
  });

  it('is refused to those who may not decide, and for a list that is not there any more', async () => {
    const house = houseOf({ approvers: { kind: 'named', users: ['U0LEE'], groups: [] } });
    await ask(house, ...nodes(6));
    expect(await approveAll(house)).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    expect(digestIn(house).decisions).toEqual([]);
    const request = { kind: 'approve', mode: 'now' } as const;
    expect(await house.service.decideAll({ digest: 'gone', revision: 1, request }, mia)).toMatchObject({
      rejection: { code: 'unknown-digest' },
    });
  });

  it('counts as one of two approvals where two are needed', async () => {
    const house = houseOf({ approvalsNeeded: 2 });
    await ask(house, ...nodes(6));
    expect(await approveAll(house)).toMatchObject({ ok: true, approvalsMissing: 1 });
    await house.settle();
    expect(phasesIn(house)).toEqual({ Pending: 6 });
    const { id: digest, revision } = digestIn(house);
    const lee = aPerson({ id: 'U0LEE', name: 'lee' });
    const request = { kind: 'approve', mode: 'now' } as const;
    expect(await house.service.decideAll({ digest, revision, request }, lee)).toMatchObject({
      ok: true,
      approvalsMissing: 0,
    });
    await house.settle();
    expect(phasesIn(house).Pending).toBeUndefined();
  });
});

describe('/reboot why of a node that asks in a digest', () => {
  it('says when the rule approves it, as its digest does', async () => {
    const house = houseOf({ approval: 'window', windows: [aWindow()], approveNowOutsideWindow: true });
    await ask(house, ...nodes(6));
    await house.pass(2 * second);
    const silent = house.store.all().find(({ chat }) => chat.card === undefined);
    const answer = await house.service.why(silent?.node.name ?? '');
    const at = house.chat.digests.get('workers')?.automatic?.at;
    expect(at).toBeDefined();
    expect(answer.ok && answer.why.blockers).toContainEqual(
      expect.objectContaining({ code: 'approvals-missing', until: at }),
    );
  });
});
