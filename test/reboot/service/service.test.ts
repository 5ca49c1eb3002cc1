import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, noon } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const lee = aPerson({ id: 'U0LEE', name: 'lee' });
const approval = (digest: string, mode: 'now' | 'window' = 'now'): DecisionRequest => ({
  kind: 'approve',
  mode,
  digest,
});

async function approved(harness: ServiceHarness, name = 'worker-03'): Promise<string> {
  const reboot = await harness.sentinel({ name });
  const result = await harness.service.decide(reboot.name, approval(reboot.need.digest), mia);
  expect(result.ok).toBe(true);
  await harness.settle();
  return reboot.name;
}

describe('the main job', () => {
  it('goes from sentinel to proof: card, approval, cordon, drain, order, new boot, settle, uncordon, turn released', async () => {
    const harness = serviceHarness();
    const reboot = await harness.sentinel();
    expect(harness.chat.cards.get(reboot.name)?.reboot.state.phase).toBe('Pending');
    expect(harness.reboot(reboot.name).impact?.podsToMove).toBe(14);
    expect(harness.cluster.node('worker-03').rebootRequired).toBe('True');

    await harness.service.decide(reboot.name, approval(reboot.need.digest), mia);
    await harness.settle();
    expect(harness.reboot(reboot.name).state).toMatchObject({
      phase: 'Rebooting',
      cordon: 'us',
      drained: { pods: 14 },
    });
    expect(harness.cluster.agentOf('worker-03').endBoot).toBe('boot-1');
    expect((await harness.ledger.read()).turns).toHaveLength(1);

    await harness.boots('worker-03');
    expect(harness.reboot(reboot.name).state).toMatchObject({ phase: 'Settling', newBootId: 'boot-2' });
    await harness.pass(60 * second);
    expect(harness.reboot(reboot.name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node('worker-03')).toMatchObject({ unschedulable: false });
    expect(harness.cluster.agentOf('worker-03').endBoot).toBeUndefined();
    expect((await harness.ledger.read()).turns).toEqual([]);
    expect(harness.cluster.events.map(({ reason }) => reason)).toEqual([
      'RebootApproved',
      'RebootDraining',
      'RebootOrdered',
      'RebootSettling',
      'RebootSucceeded',
    ]);
  });

  it('leaves a node cordoned that somebody else had cordoned', async () => {
    const harness = serviceHarness();
    const reboot = await harness.sentinel({ unschedulable: true });
    await harness.service.decide(reboot.name, approval(reboot.need.digest), mia);
    await harness.settle();
    expect(harness.reboot(reboot.name).state).toMatchObject({ phase: 'Rebooting', cordon: 'other' });
    await harness.boots('worker-03');
    await harness.pass(60 * second);
    expect(harness.reboot(reboot.name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
  });

  it('makes one Reboot of one boot, however often it is told', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    for (let time = 0; time < 3; time += 1) {
      await harness.queue.reconcileNode('worker-03');
      await harness.settle();
    }
    expect(harness.store.all()).toHaveLength(1);
    expect(harness.chat.posts).toBe(1);
  });

  it('believes no report of another boot', async () => {
    const harness = serviceHarness();
    harness.cluster.addNode(aNode(), { report: aReport({ bootId: 'boot-0' }) });
    await harness.queue.reconcileNode('worker-03');
    await harness.settle();
    expect(harness.store.all()).toEqual([]);
  });
});

describe('one at a time', () => {
  it('starts the next as soon as a turn is free, and not before', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ maxUnavailable: { count: 2 } })] }));
    const first = await approved(harness, 'worker-03');
    const next = await approved(harness, 'worker-04');
    expect(harness.reboot(next).state.phase).toBe('Approved');
    expect(harness.chat.cards.get(next)?.blockers[0]?.sentence).toContain(
      'worker-03 has the one turn of pool workers',
    );
    await harness.boots('worker-03');
    await harness.pass(60 * second);
    expect(harness.reboot(first).state.phase).toBe('Succeeded');
    expect(harness.reboot(next).state.phase).toBe('Rebooting');
  });

  it('halts the pool on a failure until somebody decides', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ maxUnavailable: { count: 3 } })] }));
    const first = await approved(harness, 'worker-03');
    harness.cluster.node('worker-03').ready = false;
    await harness.pass(11 * minute);
    expect(harness.reboot(first)).toMatchObject({
      state: { phase: 'Failed', code: 'did-not-come-back' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.agentOf('worker-03').endBoot).toBeUndefined();
    const next = await approved(harness, 'worker-04');
    expect(harness.chat.cards.get(next)?.blockers.map(({ code }) => code)).toContain('pool-halted');
    await harness.service.decide(first, { kind: 'skip' }, lee);
    await harness.settle();
    expect(harness.cluster.node('worker-03').unschedulable).toBe(true);
    expect(harness.reboot(next).state.phase).toBe('Rebooting');
  });

  it('retry orders again, and the node that comes back is proven', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    harness.cluster.node('worker-03').ready = false;
    await harness.pass(11 * minute);
    await harness.service.decide(name, { kind: 'retry' }, mia);
    await harness.settle();
    expect(harness.cluster.agentOf('worker-03').endBoot).toBe('boot-1');
    await harness.boots('worker-03');
    await harness.pass(60 * second);
    expect(harness.reboot(name).state.phase).toBe('Succeeded');
  });
});

describe('decisions', () => {
  it('by people outside of the channel whose members decide are refused, and change nothing', async () => {
    const pool = aPool({ approvers: { kind: 'channel' }, channel: 'C0OPS' });
    const harness = serviceHarness(aPolicy({ pools: [pool] }));
    const reboot = await harness.sentinel();
    const outsider = aPerson({ channels: ['C0ELSE'] });
    const result = await harness.service.decide(reboot.name, approval(reboot.need.digest), outsider);
    expect(result).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    expect(harness.reboot(reboot.name).state.phase).toBe('Pending');
    const insider = aPerson({ channels: ['C0OPS'] });
    expect(await harness.service.decide(reboot.name, approval(reboot.need.digest), insider)).toMatchObject({
      ok: true,
    });
  });

  it('by people who may not are refused with the reason, and change nothing', async () => {
    const harness = serviceHarness(
      aPolicy({ pools: [aPool({ approvers: { kind: 'named', users: ['U0LEE'], groups: [] } })] }),
    );
    const reboot = await harness.sentinel();
    for (const person of [
      mia,
      aPerson({ id: 'U0LEE', guest: true }),
      aPerson({ id: 'U0LEE', foreign: true }),
      aPerson({ id: 'U0LEE', bot: true }),
    ]) {
      const result = await harness.service.decide(reboot.name, approval(reboot.need.digest), person);
      expect(result).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    }
    expect(harness.reboot(reboot.name).state).toMatchObject({ phase: 'Pending', approvals: [] });
  });

  it('by nobody, until approvers are named', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ approvers: { kind: 'nobody' } })] }));
    const reboot = await harness.sentinel();
    const result = await harness.service.decide(reboot.name, approval(reboot.need.digest), mia);
    expect(result.ok ? '' : result.rejection.sentence).toContain('approvers: channel');
  });

  it('by two at once: one wins, the other is told who', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel();
    const results = await Promise.all(
      [mia, lee].map((person) => harness.service.decide(name, approval(need.digest), person)),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const lost = results.find((result) => !result.ok);
    expect(lost?.ok === false && lost.rejection.sentence).toMatch(/@(mia|lee)/);
  });

  it('are not taken when the cluster cannot be reached, and the person is told', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel();
    const away = async (): Promise<never> => {
      throw new PortError('cluster-unreachable', 'connection refused', { retryable: true });
    };
    harness.store.get = away;
    harness.store.save = away;
    const result = await harness.service.decide(name, approval(need.digest), mia);
    expect(result).toMatchObject({ ok: false, rejection: { code: 'cluster-unreachable' } });
  });

  it('cancel a drain: the node is uncordoned, the turn released', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    expect(harness.reboot(name).state.phase).toBe('Draining');
    await harness.service.decide(name, { kind: 'cancel' }, lee);
    await harness.settle();
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node('worker-03').unschedulable).toBe(false);
    expect((await harness.ledger.read()).turns).toEqual([]);
  });
});

describe('a window that approves by itself', () => {
  // Sunday noon; Tuesday 02:00 in Berlin is 37 hours ahead.
  const tuesday = aPolicy({
    pools: [aPool({ approval: 'window', windows: [aWindow()], noticePeriod: 12 * hour })],
  });
  const opens = Date.UTC(2026, 10, 24, 1) - noon;

  it('says when, and does so when it opens', async () => {
    const harness = serviceHarness(tuesday);
    const { name } = await harness.sentinel();
    await harness.settle();
    expect(harness.chat.cards.get(name)?.automatic).toEqual({ at: noon + opens });
    await harness.pass(opens - 1);
    expect(harness.reboot(name).state.phase).toBe('Pending');
    await harness.pass(1);
    expect(harness.reboot(name).state).toMatchObject({
      phase: 'Rebooting',
      decision: { mode: 'window', approvals: [{ by: { kind: 'window', pool: 'workers' } }] },
    });
  });

  it('waits for the notice when the card came late, and for the next window when it closes before', async () => {
    const harness = serviceHarness(tuesday);
    harness.clock.set(noon + opens - 10 * hour);
    const early = await harness.sentinel();
    expect(harness.chat.cards.get(early.name)?.automatic).toEqual({ at: noon + opens + 2 * hour });
    harness.clock.set(noon + opens - hour);
    const late = await harness.sentinel({ name: 'worker-04' });
    expect(harness.chat.cards.get(late.name)?.automatic).toEqual({ at: noon + opens + 7 * 24 * hour });
  });

  it('does not overrule a person: snoozed or denied stays so', async () => {
    const harness = serviceHarness(tuesday);
    const { name } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'deny', reason: 'release' }, mia);
    await harness.pass(opens + hour);
    expect(harness.reboot(name).state.phase).toBe('Denied');
  });

  it('starts what was approved for the window when it opens', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ windows: [aWindow()] })] }));
    const { name, need } = await harness.sentinel();
    await harness.service.decide(name, approval(need.digest, 'window'), mia);
    await harness.settle();
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([
      { code: 'outside-window', until: noon + opens },
    ]);
    await harness.pass(opens);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });
});

describe('nothing is lost', () => {
  const phases = ['Draining', 'Rebooting', 'Settling'] as const;

  it.each(phases)('a queue flushed while %s is rebuilt by the next resync', async (phase) => {
    const harness = serviceHarness();
    if (phase === 'Draining') harness.cluster.drains([], [{ kind: 'drained', pods: 1 }]);
    const name = await approved(harness);
    if (phase === 'Settling') await harness.boots('worker-03');
    expect(harness.reboot(name).state.phase).toBe(phase);
    harness.waiting.length = 0;
    harness.wakes.length = 0;
    await harness.service.resync();
    await harness.settle();
    if (phase !== 'Settling') await harness.boots('worker-03');
    await harness.pass(61 * second);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
  });

  it('an order that was given just before a crash is not given a second time for the next boot', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.boots('worker-03');
    harness.cluster.log.length = 0;
    await harness.service.reconcile(name);
    expect(harness.cluster.log.filter((entry) => entry.startsWith('order'))).toEqual([]);
  });

  it('a turn, an order and a cordon that nobody owns are released at the scan', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.store.remove(name);
    await harness.service.resync();
    await harness.settle();
    expect((await harness.ledger.read()).turns).toEqual([]);
    expect(harness.cluster.node('worker-03')).toMatchObject({ unschedulable: false });
    expect(harness.cluster.agentOf('worker-03').endBoot).toBeUndefined();
    // Its record is written anew, so that no rule says yes to the same question.
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.events.at(-1)).toMatchObject({ reason: 'RebootCancelled' });
  });

  it('a turn taken just before a crash is used, not lost', async () => {
    const harness = serviceHarness();
    const reboot = await harness.sentinel();
    await harness.ledger.take(
      { reboot: reboot.name, node: 'worker-03', pool: 'workers', controlPlane: false, since: '' },
      { cluster: 1, pool: 1 },
    );
    await harness.service.decide(reboot.name, approval(reboot.need.digest), mia);
    await harness.settle();
    expect(harness.reboot(reboot.name).state.phase).toBe('Rebooting');
  });

  it('prunes what ended by number, and never a decision on the boot that runs', async () => {
    const harness = serviceHarness(aPolicy({ history: { keep: 0, maxAge: hour } }));
    const name = await approved(harness);
    await harness.boots('worker-03');
    await harness.pass(61 * second);
    const denied = await harness.sentinel({ name: 'worker-04' });
    await harness.service.decide(denied.name, { kind: 'deny', reason: 'no' }, mia);
    await harness.service.resync();
    expect(harness.store.all().map((reboot) => reboot.name)).toEqual([denied.name]);
    expect(name).not.toBe(denied.name);
  });
});

describe('status', () => {
  it('counts, orders by what runs, and says what a typing error probably meant', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ maxUnavailable: { count: 3 } })] }));
    harness.cluster.addNode(aNode({ name: 'quiet-1' }), { report: aReport({ required: 'no' }) });
    await harness.sentinel({ name: 'worker-04' });
    await approved(harness);
    const answer = await harness.service.status();
    expect(answer.ok && answer.status).toMatchObject({
      nodes: 3,
      quiet: 1,
      rows: [{ phase: 'Rebooting' }, { phase: 'Pending' }],
    });
    expect(await harness.service.status('wroker-03')).toMatchObject({
      ok: false,
      sentence: 'I do not know a node or pool "wroker-03". Did you mean worker-03?',
    });
    const one = await harness.service.status('worker-04');
    expect(one.ok && one.status.rows).toHaveLength(1);
  });
});
