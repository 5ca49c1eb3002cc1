import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, noon } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const lee = aPerson({ id: 'U0LEE', name: 'lee' });
const approval = (digest: string, mode: 'now' | 'window' = 'now'): DecisionRequest => ({
  kind: 'approve',
  mode,
  digest,
});

async function approved(house: FakeHouse, name = 'worker-03'): Promise<string> {
  const reboot = await house.sentinel({ name });
  const result = await house.service.decide(reboot.name, approval(reboot.need.digest), mia);
  expect(result.ok).toBe(true);
  await house.settle();
  return reboot.name;
}

describe('the main job', () => {
  it('goes from sentinel to proof: card, approval, cordon, drain, order, new boot, settle, uncordon, turn released', async () => {
    const house = fakeHouse();
    const reboot = await house.sentinel();
    expect(house.chat.shown.get(reboot.name)?.reboot.state.phase).toBe('Pending');
    expect(house.reboot(reboot.name).impact?.podsToMove).toBe(14);
    expect(house.cluster.node('worker-03').rebootRequired).toBe('True');

    await house.service.decide(reboot.name, approval(reboot.need.digest), mia);
    await house.settle();
    expect(house.reboot(reboot.name).state).toMatchObject({
      phase: 'Rebooting',
      cordon: 'us',
      drained: { pods: 14 },
    });
    expect(house.cluster.agentOf('worker-03').endBoot).toBe('boot-1');
    expect((await house.ledger.read()).turns).toHaveLength(1);

    await house.boots('worker-03');
    expect(house.reboot(reboot.name).state).toMatchObject({ phase: 'Settling', newBootId: 'boot-2' });
    await house.pass(60 * second);
    expect(house.reboot(reboot.name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node('worker-03')).toMatchObject({ unschedulable: false });
    expect(house.cluster.agentOf('worker-03').endBoot).toBeUndefined();
    expect((await house.ledger.read()).turns).toEqual([]);
    expect(house.cluster.events.map(({ reason }) => reason)).toEqual([
      'RebootApproved',
      'RebootDraining',
      'RebootOrdered',
      'RebootSettling',
      'RebootSucceeded',
    ]);
  });

  it('leaves a node cordoned that somebody else had cordoned', async () => {
    const house = fakeHouse();
    const reboot = await house.sentinel({ unschedulable: true });
    await house.service.decide(reboot.name, approval(reboot.need.digest), mia);
    await house.settle();
    expect(house.reboot(reboot.name).state).toMatchObject({ phase: 'Rebooting', cordon: 'other' });
    await house.boots('worker-03');
    await house.pass(60 * second);
    expect(house.reboot(reboot.name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
  });

  it('makes one Reboot of one boot, however often it is told', async () => {
    const house = fakeHouse();
    await house.sentinel();
    for (let time = 0; time < 3; time += 1) {
      await house.queue.reconcileNode('worker-03');
      await house.settle();
    }
    expect(house.store.all()).toHaveLength(1);
    expect(house.chat.posts).toBe(1);
  });

  it('believes no report of another boot', async () => {
    const house = fakeHouse();
    house.cluster.addNode(aNode(), { report: aReport({ bootId: 'boot-0' }) });
    await house.queue.reconcileNode('worker-03');
    await house.settle();
    expect(house.store.all()).toEqual([]);
  });
});

describe('one at a time', () => {
  it('starts the next as soon as a turn is free, and not before', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ maxUnavailable: { count: 2 } })] }));
    const first = await approved(house, 'worker-03');
    const next = await approved(house, 'worker-04');
    expect(house.reboot(next).state.phase).toBe('Approved');
    expect(house.chat.shown.get(next)?.blockers[0]?.sentence).toContain(
      'worker-03 has the one turn of pool workers',
    );
    await house.boots('worker-03');
    await house.pass(60 * second);
    expect(house.reboot(first).state.phase).toBe('Succeeded');
    expect(house.reboot(next).state.phase).toBe('Rebooting');
  });

  it('halts the pool on a failure until somebody decides', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ maxUnavailable: { count: 3 } })] }));
    const first = await approved(house, 'worker-03');
    house.cluster.node('worker-03').ready = false;
    await house.pass(11 * minute);
    expect(house.reboot(first)).toMatchObject({
      state: { phase: 'Failed', code: 'did-not-come-back' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.agentOf('worker-03').endBoot).toBeUndefined();
    const next = await approved(house, 'worker-04');
    expect(house.chat.shown.get(next)?.blockers.map(({ code }) => code)).toContain('pool-halted');
    await house.service.decide(first, { kind: 'skip' }, lee);
    await house.settle();
    expect(house.cluster.node('worker-03').unschedulable).toBe(true);
    expect(house.reboot(next).state.phase).toBe('Rebooting');
  });

  it('retry orders again, and the node that comes back is proven', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    house.cluster.node('worker-03').ready = false;
    await house.pass(11 * minute);
    await house.service.decide(name, { kind: 'retry' }, mia);
    await house.settle();
    expect(house.cluster.agentOf('worker-03').endBoot).toBe('boot-1');
    await house.boots('worker-03');
    await house.pass(60 * second);
    expect(house.reboot(name).state.phase).toBe('Succeeded');
  });
});

describe('decisions', () => {
  it('by people outside of the channel whose members decide are refused, and change nothing', async () => {
    const pool = aPool({ approvers: { kind: 'channel' }, channel: 'C0OPS' });
    const house = fakeHouse(aPolicy({ pools: [pool] }));
    const reboot = await house.sentinel();
    const outsider = aPerson({ channels: ['C0ELSE'] });
    const result = await house.service.decide(reboot.name, approval(reboot.need.digest), outsider);
    expect(result).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    expect(house.reboot(reboot.name).state.phase).toBe('Pending');
    const insider = aPerson({ channels: ['C0OPS'] });
    expect(await house.service.decide(reboot.name, approval(reboot.need.digest), insider)).toMatchObject({
      ok: true,
    });
  });

  it('by people who may not are refused with the reason, and change nothing', async () => {
    const house = fakeHouse(
      aPolicy({ pools: [aPool({ approvers: { kind: 'named', users: ['U0LEE'], groups: [] } })] }),
    );
    const reboot = await house.sentinel();
    for (const person of [
      mia,
      aPerson({ id: 'U0LEE', guest: true }),
      aPerson({ id: 'U0LEE', foreign: true }),
      aPerson({ id: 'U0LEE', bot: true }),
    ]) {
      const result = await house.service.decide(reboot.name, approval(reboot.need.digest), person);
      expect(result).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    }
    expect(house.reboot(reboot.name).state).toMatchObject({ phase: 'Pending', approvals: [] });
  });

  it('by nobody, until approvers are named', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ approvers: { kind: 'nobody' } })] }));
    const reboot = await house.sentinel();
    const result = await house.service.decide(reboot.name, approval(reboot.need.digest), mia);
    expect(result.ok ? '' : result.rejection.sentence).toContain('approvers: channel');
  });

  it('by two at once: one wins, the other is told who', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel();
    const results = await Promise.all(
      [mia, lee].map((person) => house.service.decide(name, approval(need.digest), person)),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const lost = results.find((result) => !result.ok);
    expect(lost?.ok === false && lost.rejection.sentence).toMatch(/@(mia|lee)/);
  });

  it('are not taken when the cluster cannot be reached, and the person is told', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel();
    const away = async (): Promise<never> => {
      throw new PortError('cluster-unreachable', 'connection refused', { retryable: true });
    };
    house.store.get = away;
    house.store.save = away;
    const result = await house.service.decide(name, approval(need.digest), mia);
    expect(result).toMatchObject({ ok: false, rejection: { code: 'cluster-unreachable' } });
  });

  it('cancel a drain: the node is uncordoned, the turn released', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    expect(house.reboot(name).state.phase).toBe('Draining');
    await house.service.decide(name, { kind: 'cancel' }, lee);
    await house.settle();
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node('worker-03').unschedulable).toBe(false);
    expect((await house.ledger.read()).turns).toEqual([]);
  });
});

describe('a window that approves by itself', () => {
  // Sunday noon; Tuesday 02:00 in Berlin is 37 hours ahead.
  const tuesday = aPolicy({
    pools: [aPool({ approval: 'window', windows: [aWindow()], notice: 12 * hour })],
  });
  const opens = Date.UTC(2026, 10, 24, 1) - noon;

  it('says when, and does so when it opens', async () => {
    const house = fakeHouse(tuesday);
    const { name } = await house.sentinel();
    await house.settle();
    expect(house.chat.shown.get(name)?.automatic).toEqual({ at: noon + opens });
    await house.pass(opens - 1);
    expect(house.reboot(name).state.phase).toBe('Pending');
    await house.pass(1);
    expect(house.reboot(name).state).toMatchObject({
      phase: 'Rebooting',
      decision: { mode: 'window', approvals: [{ by: { kind: 'window', pool: 'workers' } }] },
    });
  });

  it('waits for the notice when the card came late, and for the next window when it closes before', async () => {
    const house = fakeHouse(tuesday);
    house.clock.set(noon + opens - 10 * hour);
    const early = await house.sentinel();
    expect(house.chat.shown.get(early.name)?.automatic).toEqual({ at: noon + opens + 2 * hour });
    house.clock.set(noon + opens - hour);
    const late = await house.sentinel({ name: 'worker-04' });
    expect(house.chat.shown.get(late.name)?.automatic).toEqual({ at: noon + opens + 7 * 24 * hour });
  });

  it('does not overrule a person: snoozed or denied stays so', async () => {
    const house = fakeHouse(tuesday);
    const { name } = await house.sentinel();
    await house.service.decide(name, { kind: 'deny', reason: 'release' }, mia);
    await house.pass(opens + hour);
    expect(house.reboot(name).state.phase).toBe('Denied');
  });

  it('starts what was approved for the window when it opens', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ windows: [aWindow()] })] }));
    const { name, need } = await house.sentinel();
    await house.service.decide(name, approval(need.digest, 'window'), mia);
    await house.settle();
    expect(house.chat.shown.get(name)?.blockers).toMatchObject([
      { code: 'outside-window', until: noon + opens },
    ]);
    await house.pass(opens);
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });
});

describe('nothing is lost', () => {
  const phases = ['Draining', 'Rebooting', 'Settling'] as const;

  it.each(phases)('a queue flushed while %s is rebuilt by the next resync', async (phase) => {
    const house = fakeHouse();
    if (phase === 'Draining') house.cluster.drains([], [{ kind: 'drained', pods: 1 }]);
    const name = await approved(house);
    if (phase === 'Settling') await house.boots('worker-03');
    expect(house.reboot(name).state.phase).toBe(phase);
    house.waiting.length = 0;
    house.wakes.length = 0;
    await house.service.resync();
    await house.settle();
    if (phase !== 'Settling') await house.boots('worker-03');
    await house.pass(61 * second);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
  });

  it('an order that was given just before a crash is not given a second time for the next boot', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.boots('worker-03');
    house.cluster.log.length = 0;
    await house.service.reconcile(name);
    expect(house.cluster.log.filter((entry) => entry.startsWith('order'))).toEqual([]);
  });

  it('a turn, an order and a cordon that nobody owns are released at the scan', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.store.remove(name);
    await house.service.resync();
    await house.settle();
    expect((await house.ledger.read()).turns).toEqual([]);
    expect(house.cluster.node('worker-03')).toMatchObject({ unschedulable: false });
    expect(house.cluster.agentOf('worker-03').endBoot).toBeUndefined();
    // Its record is written anew, so that no rule says yes to the same question.
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.events.at(-1)).toMatchObject({ reason: 'RebootCancelled' });
  });

  it('a turn taken just before a crash is used, not lost', async () => {
    const house = fakeHouse();
    const reboot = await house.sentinel();
    await house.ledger.take(
      { reboot: reboot.name, node: 'worker-03', pool: 'workers', controlPlane: false, since: '' },
      { cluster: 1, pool: 1 },
    );
    await house.service.decide(reboot.name, approval(reboot.need.digest), mia);
    await house.settle();
    expect(house.reboot(reboot.name).state.phase).toBe('Rebooting');
  });

  it('prunes what ended by number, and never a decision on the boot that runs', async () => {
    const house = fakeHouse(aPolicy({ history: { keep: 0, maxAge: hour } }));
    const name = await approved(house);
    await house.boots('worker-03');
    await house.pass(61 * second);
    const denied = await house.sentinel({ name: 'worker-04' });
    await house.service.decide(denied.name, { kind: 'deny', reason: 'no' }, mia);
    await house.service.resync();
    expect(house.store.all().map((reboot) => reboot.name)).toEqual([denied.name]);
    expect(name).not.toBe(denied.name);
  });
});

describe('status', () => {
  it('counts, orders by what runs, and says what a typing error probably meant', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ maxUnavailable: { count: 3 } })] }));
    house.cluster.addNode(aNode({ name: 'quiet-1' }), { report: aReport({ required: 'no' }) });
    await house.sentinel({ name: 'worker-04' });
    await approved(house);
    const answer = await house.service.status();
    expect(answer.ok && answer.status).toMatchObject({
      nodes: 3,
      quiet: 1,
      rows: [{ phase: 'Rebooting' }, { phase: 'Pending' }],
    });
    expect(await house.service.status('wroker-03')).toMatchObject({
      ok: false,
      sentence: 'I do not know a node or pool "wroker-03". Did you mean worker-03?',
    });
    const one = await house.service.status('worker-04');
    expect(one.ok && one.status.rows).toHaveLength(1);
  });
});
