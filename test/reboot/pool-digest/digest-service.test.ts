import { describe, expect, it } from 'vitest';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import type { PoolDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow } from '../../fakes/builders.ts';
import { fakeDigests } from '../../fakes/ports/fake-digests.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();

const poolOf = (overrides: Partial<PoolPolicy> = {}): PoolPolicy =>
  aPool({ digestFrom: 4, concurrency: 2, maxUnavailable: { count: 2 }, ...overrides });

const harnessOf = (overrides: Partial<PoolPolicy> = {}): ServiceHarness =>
  serviceHarness(aPolicy({ concurrency: 5, pools: [poolOf(overrides)] }));

/** Their agents report within seconds of each other. */
async function ask(harness: ServiceHarness, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    harness.cluster.addNode(aNode({ name }), { report: aReport() });
    await harness.queue.reconcileNode(name);
    await harness.settle();
    await harness.pass(second / 10);
  }
}

const nodes = (count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => `n${String(from + index).padStart(2, '0')}`);

function digestIn({ digests }: ServiceHarness): PoolDigest {
  const [digest] = digests.all();
  if (!digest) throw new Error('no digest');
  return digest;
}

const phasesIn = ({ store }: ServiceHarness): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { state } of store.all()) counts[state.phase] = (counts[state.phase] ?? 0) + 1;
  return counts;
};

const approveAll = (harness: ServiceHarness, more: { only?: readonly string[]; revision?: number } = {}) => {
  const { id, revision } = digestIn(harness);
  return harness.service.decideAll(
    { digest: id, revision, request: { kind: 'approve', mode: 'now' }, ...more },
    mia,
  );
};

describe('many nodes of a pool that ask', () => {
  it('ask on cards of their own up to the number of the pool', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(4));
    expect(harness.chat.posts).toBe(4);
    expect(harness.digests.all()).toEqual([]);
  });

  it('ask in one message from the next on: the first cards point to it, and no other is posted', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(12));
    await harness.pass(2 * second);
    expect(harness.chat.posts).toBe(5);
    expect(harness.chat.digests.get('workers')?.counts).toMatchObject({ total: 12, asking: 12 });
    const message = digestIn(harness).chat.message;
    expect(message).toMatchObject({ channel: 'C0OPS', revision: digestIn(harness).revision });
    for (const { reboot, poolDigest } of harness.chat.cards.values())
      expect(poolDigest, reboot.name).toMatchObject({
        id: digestIn(harness).id,
        message: { ts: message?.ts },
      });
    expect(harness.chat.cards.size).toBe(4);
  });

  it('have only the message when they all ask at once', async () => {
    const harness = harnessOf();
    for (const name of nodes(40)) {
      harness.cluster.addNode(aNode({ name }), { report: aReport() });
      await harness.queue.reconcileNode(name);
    }
    await harness.settle();
    expect(harness.chat.posts).toBe(1);
    await harness.pass(2 * second);
    expect(harness.chat.posts).toBe(1);
    expect(harness.chat.digests.get('workers')?.counts.total).toBe(40);
  });

  it('ask one by one when they come slowly, and where the pool has no digest', async () => {
    const slow = harnessOf();
    for (const name of nodes(6)) {
      await ask(slow, name);
      await slow.pass(4 * minute);
    }
    expect(slow.chat.posts).toBe(6);
    const without = harnessOf({ digestFrom: 0 });
    await ask(without, ...nodes(6));
    expect(without.chat.posts).toBe(6);
    expect([...slow.digests.all(), ...without.digests.all()]).toEqual([]);
  });

  it('are assessed on a sample', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(30));
    await harness.pass(2 * second);
    expect(harness.store.all().filter(({ impact }) => impact !== undefined)).toHaveLength(5);
    expect(harness.chat.digests.get('workers')?.impact).toMatchObject({ sampled: 5, of: 30 });
  });

  it('are listed a few times a second at most where they are hundreds, and all of them soon', async () => {
    let listed = 0;
    const digests = fakeDigests();
    const update: typeof digests.update = (pool, change) => {
      listed += 1;
      return digests.update(pool, change);
    };
    const harness = serviceHarness(aPolicy({ concurrency: 5, pools: [poolOf()] }), {
      digests: { ...digests, update },
    });
    await ask(harness, ...nodes(120));
    await harness.pass(2 * second);
    listed = 0;
    const before = harness.clock.now();
    for (const name of nodes(40, 200)) {
      harness.cluster.addNode(aNode({ name }), { report: aReport() });
      await harness.queue.reconcileNode(name);
      await harness.settle();
      await harness.pass(second / 40);
    }
    // The message is stored too, once a second.
    expect(harness.clock.now() - before).toBe(second);
    expect(listed).toBeLessThanOrEqual(10);
    await harness.pass(2 * second);
    expect(digestIn(harness).entries).toHaveLength(160);
    expect(harness.chat.digests.get('workers')?.counts.total).toBe(160);
  });

  it('ask one by one while the digest cannot be stored', async () => {
    const harness = harnessOf();
    harness.digests.full = true;
    await ask(harness, ...nodes(6));
    expect(harness.chat.posts).toBe(6);
    expect(harness.chat.digests.size).toBe(0);
  });
});

describe('a decision for all', () => {
  it('is stored once, answered, and then applied to each, which start as the pool allows', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(8));
    const answer = await approveAll(harness);
    expect(answer).toMatchObject({ ok: true, nodes: 8, refused: 0, approvalsMissing: 0, repeated: false });
    expect(phasesIn(harness)).toEqual({ Pending: 8 });
    await harness.settle();
    expect(phasesIn(harness)).toMatchObject({ Approved: 6 });
    expect(harness.ledger.now().turns).toHaveLength(2);
    expect(digestIn(harness).decisions).toMatchObject([{ of: 8, result: { applied: 8, refused: 0 } }]);
    for (const { state, need } of harness.store.all())
      if ('decision' in state) expect(state.decision).toMatchObject({ digest: need.digest });
  });

  it('gives those that start a card with a thread of their own, and no other', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(8));
    const before = harness.chat.posts;
    await approveAll(harness);
    await harness.settle();
    const started = harness.store.all().filter(({ state }) => state.phase !== 'Approved');
    expect(started).toHaveLength(2);
    for (const { chat } of started) expect(chat.card).toBeDefined();
    const silent = harness.store.all().filter(({ chat }) => chat.card === undefined);
    expect(silent).toHaveLength(4);
    expect(harness.chat.channel.messages.filter(({ thread }) => thread === undefined)).toHaveLength(before);
  });

  it('may be for fewer at a time than the pool allows, and not for more', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(8));
    const { id: digest, revision } = digestIn(harness);
    const decide = (atMost: number) =>
      harness.service.decideAll({ digest, revision, request: { kind: 'approve', mode: 'now', atMost } }, mia);
    expect(await decide(3)).toMatchObject({ ok: false, rejection: { code: 'not-possible-now' } });
    expect(await decide(1)).toMatchObject({ ok: true, nodes: 8 });
    await harness.settle();
    expect(harness.ledger.now().turns).toHaveLength(1);
  });

  it('slows the pool only until the nodes that were approved with it are done, and no resync meanwhile', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(8));
    const { id: digest, revision } = digestIn(harness);
    const chosen = harness.store.all().filter(({ node }) => ['n02', 'n05'].includes(node.name));
    const only = chosen.map(({ name }) => name);
    const request = { kind: 'approve', mode: 'now', atMost: 1 } as const;
    await harness.service.decideAll({ digest, revision, request, only }, mia);
    await harness.settle();
    // What was approved in part before is no refusal of an approval of all.
    expect(await approveAll(harness)).toMatchObject({ ok: true, nodes: 6, refused: 0 });
    await harness.settle();
    expect(digestIn(harness).decisions).toMatchObject([
      { of: 2, result: { refused: 0 } },
      { of: 6, result: { applied: 6, refused: 0 } },
    ]);
    await harness.pass(2 * second);
    expect(harness.ledger.now().turns).toHaveLength(1);
    const byMia = { concurrency: 1, concurrencyBy: { id: mia.id } };
    expect(harness.chat.digests.get('workers')).toMatchObject(byMia);
    await harness.service.resync();
    await harness.settle();
    await harness.service.resync();
    const waiting = harness.store.all().filter(({ state }) => state.phase === 'Approved');
    const woken = new Set(harness.waiting.map(({ id }) => id));
    expect(waiting.filter(({ name }) => woken.has(name))).toEqual([]);
    const phaseOf = (name: string): string => harness.reboot(name).state.phase;
    while (only.some((name) => phaseOf(name) !== 'Succeeded')) {
      const out = harness.store.all().filter(({ state }) => state.phase === 'Rebooting');
      expect(out).toHaveLength(1);
      for (const { node } of out) await harness.boots(node.name);
      await harness.pass(10 * minute);
    }
    expect(harness.ledger.now().turns).toHaveLength(2);
    expect(harness.chat.digests.get('workers')).not.toHaveProperty('concurrencyBy');
  });

  it('is one decision when it is clicked twice, or the payload is repeated', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(6));
    const [one, two] = await Promise.all([approveAll(harness), approveAll(harness)]);
    expect([one, two].filter((each) => each.ok && each.repeated)).toHaveLength(1);
    expect([one, two].filter((each) => each.ok)).toHaveLength(2);
    await harness.settle();
    expect(await approveAll(harness)).toMatchObject({ ok: true, repeated: true });
    expect(digestIn(harness).decisions).toHaveLength(1);
  });

  it('holds for what was shown: a node that came later, and one whose packages changed, still ask', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(6));
    const { revision } = digestIn(harness);
    await ask(harness, 'n07');
    await harness.pass(2 * second);
    const agent = harness.cluster.agentOf('n03');
    agent.report = aReport({ kernel: { running: '6.8.0-45-generic', newest: '6.8.0-50-generic' } });
    await harness.queue.reconcileNode('n03');
    await harness.settle();
    expect(await approveAll(harness, { revision })).toMatchObject({
      ok: true,
      nodes: 5,
      refused: 1,
      refusals: [{ node: 'n03', sentence: 'The packages of n03 changed since you looked.' }],
    });
    await harness.settle();
    const pending = harness.store.all().filter(({ state }) => state.phase === 'Pending');
    expect(pending.map(({ node }) => node.name).toSorted()).toEqual(['n03', 'n07']);
    await harness.pass(2 * second);
    // It was decided on as it was shown: now it asks alone, with a message that is noticed.
    expect(harness.chat.digests.get('workers')).toMatchObject({ alone: 1, counts: { asking: 1 } });
    expect(pending.find(({ node }) => node.name === 'n03')?.name).toSatisfy(
      (name: string) => harness.chat.cards.get(name)?.poolDigest === undefined,
    );
  });

  it('of chosen nodes leaves the others asking', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(6));
    const only = harness.store
      .all()
      .filter(({ node }) => ['n02', 'n05'].includes(node.name))
      .map(({ name }) => name);
    expect(await approveAll(harness, { only })).toMatchObject({ ok: true, nodes: 2 });
    await harness.settle();
    expect(phasesIn(harness)).toMatchObject({ Pending: 4 });
    const others = await approveAll(harness, { only: harness.store.all().map(({ name }) => name) });
    expect(others).toMatchObject({ ok: true, nodes: 4, refused: 2, repeated: false });
  });

  it('may be to wait or to refuse, with a reason', async () => {
    const harness = harnessOf();
    await ask(harness, ...nodes(6));
    const { id: digest, revision } = digestIn(harness);
    const until = harness.clock.now() + hour;
    await harness.service.decideAll({ digest, revision, request: { kind: 'snooze', until } }, mia);
    await harness.settle();
    expect(phasesIn(harness)).toEqual({ Snoozed: 6 });
    const request = { kind: 'deny', reason: '' } as const;
    expect(await harness.service.decideAll({ digest, revision, request }, mia)).toMatchObject({
      rejection: { code: 'reason-missing' },
    });
    await harness.service.decideAll({ digest, revision, request: { ...request, reason: 'release' } }, mia);
    await harness.settle();
    expect(phasesIn(harness)).toEqual({ Denied: 6 });
    await harness.pass(2 * second);
    expect(harness.chat.posts).toBe(5);
    expect(digestIn(harness).closedAt).toBeDefined();
  });

  it('is refused to those who may not decide, and for a list that is not there any more', async () => {
    const harness = harnessOf({ approvers: { kind: 'named', users: ['U0LEE'], groups: [] } });
    await ask(harness, ...nodes(6));
    expect(await approveAll(harness)).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    expect(digestIn(harness).decisions).toEqual([]);
    const request = { kind: 'approve', mode: 'now' } as const;
    expect(await harness.service.decideAll({ digest: 'gone', revision: 1, request }, mia)).toMatchObject({
      rejection: { code: 'unknown-digest' },
    });
  });

  it('counts as one of two approvals where two are needed', async () => {
    const harness = harnessOf({ approvalsNeeded: 2 });
    await ask(harness, ...nodes(6));
    expect(await approveAll(harness)).toMatchObject({ ok: true, approvalsMissing: 1 });
    await harness.settle();
    expect(phasesIn(harness)).toEqual({ Pending: 6 });
    const { id: digest, revision } = digestIn(harness);
    const lee = aPerson({ id: 'U0LEE', name: 'lee' });
    const request = { kind: 'approve', mode: 'now' } as const;
    expect(await harness.service.decideAll({ digest, revision, request }, lee)).toMatchObject({
      ok: true,
      approvalsMissing: 0,
    });
    await harness.settle();
    expect(phasesIn(harness).Pending).toBeUndefined();
  });
});

describe('/reboot why of a node that asks in a digest', () => {
  it('says when the rule approves it, as its digest does', async () => {
    const harness = harnessOf({ approval: 'window', windows: [aWindow()], approveNowOutsideWindow: true });
    await ask(harness, ...nodes(6));
    await harness.pass(2 * second);
    const silent = harness.store.all().find(({ chat }) => chat.card === undefined);
    const answer = await harness.service.why(silent?.node.name ?? '');
    const at = harness.chat.digests.get('workers')?.automatic?.at;
    expect(at).toBeDefined();
    expect(answer.ok && answer.why.blockers).toContainEqual(
      expect.objectContaining({ code: 'approvals-missing', until: at }),
    );
  });
});
