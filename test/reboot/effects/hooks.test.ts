import { describe, expect, it } from 'vitest';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import { excludeFromLoadBalancersLabel } from '../../../src/reboot/nodes/node-contract.ts';
import { isLabelled } from '../../../src/reboot/ownership/managed-labels.ts';
import type { HooksPolicy } from '../../../src/reboot/policy/pool-hooks.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { In } from '../../../src/reboot/state/reboot.ts';
import { minute, second, toInstant } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aReport, aWindow } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const excluded = excludeFromLoadBalancersLabel;
const node = 'worker-03';

const harnessWith = (hooks: Partial<HooksPolicy>, pool: Partial<PoolPolicy> = {}): ServiceHarness =>
  serviceHarness(aPolicy({ pools: [aPool({ ...pool, hooks: { ...noHooks, ...hooks } })] }));

async function decide(
  harness: ServiceHarness,
  name: string,
  request: Parameters<ServiceHarness['service']['decide']>[1],
): Promise<void> {
  expect(await harness.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await harness.settle();
}
const approve = async (harness: ServiceHarness, name: string): Promise<void> =>
  decide(harness, name, { kind: 'approve', mode: 'now', digest: harness.reboot(name).need.digest });
const phaseOf = (harness: ServiceHarness, name: string) => harness.reboot(name).state.phase;
const draining = (harness: ServiceHarness, name: string): In<'Draining'>['state'] => {
  const { state } = harness.reboot(name);
  if (state.phase !== 'Draining') throw new Error(`it is ${state.phase}`);
  return state;
};
const calls = (harness: ServiceHarness, kind: string): number =>
  harness.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;

describe('a wait before the drain', () => {
  it('holds back the first eviction until its time has come, and the drain has its own time after it', async () => {
    const harness = harnessWith({ drainDelay: 30 * second });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    const { drainDelay } = draining(harness, name);
    expect(drainDelay).toMatchObject({ over: false });
    expect(toInstant(drainDelay?.until ?? '') - harness.clock.now()).toBe(30 * second);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    await harness.pass(29 * second);
    expect(calls(harness, 'drain')).toBe(0);
    harness.cluster.drains([]);
    await harness.pass(second);
    expect(calls(harness, 'drain')).toBeGreaterThan(0);
    expect(toInstant(draining(harness, name).deadline) - harness.clock.now()).toBe(15 * minute);
  });

  it('is found over by a worker that comes late, and its drain is not late for that', async () => {
    const harness = harnessWith({ drainDelay: 30 * second });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    // Nobody works for an hour.
    harness.wakes.length = 0;
    harness.clock.advance(60 * minute);
    await harness.service.resync();
    await harness.settle();
    expect(phaseOf(harness, name)).toBe('Rebooting');
  });

  it('begins no drain that the queue has kept from before', async () => {
    const harness = harnessWith({ drainDelay: 30 * second });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    await harness.service.drain(name, new AbortController().signal);
    expect(calls(harness, 'drain')).toBe(0);
  });

  it('can be cancelled, and leaves no trace on the node', async () => {
    const harness = harnessWith({ drainDelay: 30 * second, excludeFromLoadBalancers: true });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    expect(harness.cluster.node(node).labels).toEqual({ [excluded]: 'true' });
    await decide(harness, name, { kind: 'cancel' });
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: false, labels: {} });
    expect(calls(harness, 'drain')).toBe(0);
  });

  it('is stopped by anybody who uncordons the node', async () => {
    const harness = harnessWith({ drainDelay: 30 * second, excludeFromLoadBalancers: true });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    harness.cluster.node(node).unschedulable = false;
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
    expect(harness.cluster.node(node).labels).toEqual({});
    expect(calls(harness, 'drain')).toBe(0);
  });

  it('ends with its window where a drain would, and is begun anew in the next one', async () => {
    // Sunday noon; the window closes 20 s after the start.
    const windows = [aWindow({ days: ['sun'], start: 12 * 60 - 60, length: 61, timeZone: 'UTC' })];
    const harness = harnessWith(
      { drainDelay: 2 * minute },
      { windows, whenWindowCloses: 'undo', finishInWindow: false },
    );
    const { name } = await harness.sentinel();
    await decide(harness, name, {
      kind: 'approve',
      mode: 'window',
      digest: harness.reboot(name).need.digest,
    });
    expect(draining(harness, name).drainDelay).toBeDefined();
    await harness.pass(61 * second);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { why: 'window-closed' } });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(calls(harness, 'drain')).toBe(0);
    await harness.pass(7 * 24 * 60 * minute);
    expect(calls(harness, 'drain')).toBeGreaterThan(0);
  });

  it('counts for nothing in how long budgets have held the drain back', async () => {
    const hooks = { ...noHooks, drainDelay: 4 * minute };
    const pool = aPool({ hooks, giveUpTurnAfter: 5 * minute, maxUnavailable: { count: 2 } });
    const harness = serviceHarness(aPolicy({ pools: [pool] }));
    const waiting = [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }];
    const progress = { at: '2026-11-22T12:00:00.000Z', total: 3, gone: 1, leaving: [], waiting, trouble: [] };
    harness.cluster.drains([{ kind: 'progress', progress }]);
    const first = await harness.sentinel({ name: 'w1' });
    const second = await harness.sentinel({ name: 'w2' });
    await approve(harness, first.name);
    await approve(harness, second.name);
    await harness.pass(8 * minute);
    expect(phaseOf(harness, first.name)).toBe('Draining');
    await harness.pass(2 * minute);
    expect(harness.reboot(first.name).state).toMatchObject({ phase: 'Approved', retry: { why: 'stuck' } });
  });
});

describe('a wait before the order', () => {
  it('holds back the order, and looks through the node once more before it', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    harness.cluster.drains([{ kind: 'drained', pods: 14 }], [{ kind: 'drained', pods: 1 }]);
    const { name } = await harness.sentinel();
    await approve(harness, name);
    expect(draining(harness, name).rebootDelay).toMatchObject({ over: false, pods: 14 });
    await harness.pass(29 * second);
    expect(calls(harness, 'order')).toBe(0);
    expect(calls(harness, 'drain')).toBe(1);
    await harness.pass(second);
    expect(calls(harness, 'drain')).toBe(2);
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-1');
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Rebooting', drained: { pods: 15 } });
  });

  it('is no part of the time that a drain may take, nor of what it has done', async () => {
    const harness = harnessWith({ drainDelay: 30 * second, rebootDelay: 30 * second });
    const begun: number[] = [];
    const drain = harness.cluster.drain.bind(harness.cluster);
    harness.cluster.drain = (request, signal) => {
      begun.push(request.startedAt - harness.clock.now());
      expect(request.deadline - request.startedAt).toBe(15 * minute);
      return drain(request, signal);
    };
    const { name } = await harness.sentinel();
    await approve(harness, name);
    await harness.pass(minute);
    expect(phaseOf(harness, name)).toBe('Rebooting');
    expect(begun).toEqual([0, 0]);
  });

  it('keeps on the card what was moved, when the last look finds nothing', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    const progress = { at: '2026-11-22T12:00:00.000Z', leaving: [], waiting: [], trouble: [] };
    harness.cluster.drains(
      [
        { kind: 'progress', progress: { ...progress, total: 14, gone: 14 } },
        { kind: 'drained', pods: 14 },
      ],
      [{ kind: 'progress', progress: { ...progress, total: 0, gone: 0 } }],
    );
    const { name } = await harness.sentinel();
    await approve(harness, name);
    await harness.pass(30 * second);
    expect(draining(harness, name).drain).toMatchObject({ total: 14, gone: 14 });
  });

  it('names no pod and no budget that nobody waits for any more', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    const waiting = [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }];
    const progress = { at: '2026-11-22T12:00:00.000Z', leaving: ['db/pg-0'], waiting, trouble: [] };
    harness.cluster.drains([
      { kind: 'progress', progress: { ...progress, total: 14, gone: 13 } },
      { kind: 'drained', pods: 14 },
    ]);
    const { name } = await harness.sentinel();
    await approve(harness, name);
    expect(draining(harness, name).drain).toMatchObject({ total: 14, gone: 14, leaving: [], waiting: [] });
  });

  it('can be cancelled: no order is given, and the node is uncordoned', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    await decide(harness, name, { kind: 'cancel' });
    await harness.pass(minute);
    expect(calls(harness, 'order')).toBe(0);
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('is stopped by anybody who uncordons the node', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    harness.cluster.node(node).unschedulable = false;
    await harness.pass(minute);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
    expect(calls(harness, 'order')).toBe(0);
  });

  it('is waited once for each try: retried, the drain begins anew', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    harness.cluster.drains(
      [{ kind: 'drained', pods: 14 }],
      [{ kind: 'failed', code: 'drain-error', sentence: 'It did not work.' }],
      [{ kind: 'drained', pods: 2 }],
    );
    const { name } = await harness.sentinel();
    await approve(harness, name);
    await harness.pass(30 * second);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { why: 'error' } });
    await decide(harness, name, { kind: 'retry' });
    expect(draining(harness, name).rebootDelay).toMatchObject({ over: false, pods: 2 });
    await harness.pass(30 * second);
    expect(phaseOf(harness, name)).toBe('Rebooting');
  });
});

describe('what the node wears', () => {
  const hooks: HooksPolicy = {
    labels: { before: { maintenance: 'true' }, after: { maintenance: 'done' } },
    annotations: { before: { hold: 'true' }, after: { hold: 'done' } },
    preferNoSchedule: true,
    annotateState: true,
    drainConditions: true,
    excludeFromLoadBalancers: true,
    drainDelay: 30 * second,
    rebootDelay: 30 * second,
  };

  it('goes with the reboot, from the question to the proof', async () => {
    const harness = harnessWith(hooks);
    const { name } = await harness.sentinel({ labels: { maintenance: 'planned' } });
    const worn = () => harness.cluster.node(node);
    expect(worn()).toMatchObject({
      labels: { maintenance: 'planned' },
      managed: { waiting: true, state: 'Pending', reboot: name },
    });
    await approve(harness, name);
    expect(worn()).toMatchObject({
      labels: { maintenance: 'true', [excluded]: 'true' },
      managed: { waiting: true, state: 'Draining' },
    });
    await harness.pass(minute);
    expect(worn().managed?.state).toBe('Rebooting');
    await harness.boots(node);
    expect(worn().managed?.state).toBe('Settling');
    expect(worn().labels).toHaveProperty([excluded]);
    await harness.pass(minute);
    expect(phaseOf(harness, name)).toBe('Succeeded');
    expect(worn().labels).toEqual({ maintenance: 'done' });
    expect(worn().managed).toEqual({
      waiting: false,
      labels: {},
      lastReboot: harness.reboot(name).state.since,
    });
  });

  it('is written when it changes and at no other time', async () => {
    const harness = harnessWith(hooks);
    const { name } = await harness.sentinel();
    expect(calls(harness, 'label')).toBe(1);
    for (let scan = 0; scan < 5; scan += 1) {
      await harness.service.resync();
      await harness.pass(minute);
    }
    expect(calls(harness, 'label')).toBe(1);
    await approve(harness, name);
    await harness.pass(minute);
    await harness.boots(node);
    await harness.pass(minute);
    // Asked, with the cordon, ordered, back, and at the end: it did not wait once it was approved.
    expect(calls(harness, 'label')).toBe(5);
  });

  it('is nothing, and costs nothing, where the pool has no hooks', async () => {
    const harness = harnessWith({});
    const { name } = await harness.sentinel({ labels: { zone: 'a' } });
    await approve(harness, name);
    await harness.boots(node);
    await harness.pass(minute);
    await harness.service.resync();
    await harness.settle();
    expect(phaseOf(harness, name)).toBe('Succeeded');
    expect(calls(harness, 'label')).toBe(0);
    expect(harness.cluster.node(node).labels).toEqual({ zone: 'a' });
  });

  it.each(['deny', 'packages gone', 'booted by itself'])('is gone when the question is: %s', async (how) => {
    const harness = harnessWith({ ...hooks, annotateState: false });
    const { name } = await harness.sentinel();
    expect(isLabelled(harness.cluster.node(node))).toBe(true);
    if (how === 'deny') await decide(harness, name, { kind: 'deny', reason: 'release' });
    else if (how === 'packages gone')
      harness.cluster.agentOf(node).report = aReport({ required: 'no', packages: [] });
    else await harness.boots(node);
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(harness.cluster.node(node).managed).toBeUndefined();
  });

  it('does not flap when the question is put off, and asked again', async () => {
    const harness = harnessWith({ preferNoSchedule: true });
    const { name } = await harness.sentinel();
    await decide(harness, name, { kind: 'snooze', until: harness.clock.now() + minute });
    await harness.pass(2 * minute);
    expect(phaseOf(harness, name)).toBe('Pending');
    expect(calls(harness, 'label')).toBe(1);
  });

  it('is on the node before its first eviction, or nothing is evicted', async () => {
    const harness = harnessWith({ excludeFromLoadBalancers: true });
    const { name } = await harness.sentinel();
    const label = harness.cluster.label.bind(harness.cluster);
    harness.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    await harness.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: harness.reboot(name).need.digest },
      mia,
    );
    await expect(harness.settle()).rejects.toThrow('webhook');
    expect(draining(harness, name).cordon).toBeUndefined();
    expect(calls(harness, 'drain')).toBe(0);
    harness.cluster.label = label;
    await harness.service.reconcile(name);
    await harness.settle();
    expect(calls(harness, 'drain')).toBe(1);
  });

  it('that cannot be put on it in time: the drain is undone, and people are told why', async () => {
    const harness = harnessWith({ excludeFromLoadBalancers: true });
    const { name } = await harness.sentinel();
    const label = harness.cluster.label.bind(harness.cluster);
    harness.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    await harness.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: harness.reboot(name).need.digest },
      mia,
    );
    await expect(harness.settle()).rejects.toThrow('webhook');
    harness.clock.advance(17 * minute);
    await harness.service.reconcile(name);
    await harness.settle();
    expect(harness.reboot(name).state).toMatchObject({
      phase: 'Approved',
      retry: { cause: expect.stringContaining('could not be cordoned, or given the labels') },
    });
    harness.cluster.label = label;
    await decide(harness, name, { kind: 'cancel' });
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: false, labels: {} });
  });

  it('never holds up a question: what cannot be written now is written later', async () => {
    const harness = harnessWith({ preferNoSchedule: true });
    const label = harness.cluster.label.bind(harness.cluster);
    harness.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    const { name } = await harness.sentinel();
    expect(harness.chat.cards.has(name)).toBe(true);
    expect(isLabelled(harness.cluster.node(node))).toBe(false);
    harness.cluster.label = label;
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node).managed).toMatchObject({ waiting: true });
  });

  it('goes when its Reboot is deleted by hand, and when the pool wants it no more', async () => {
    const harness = harnessWith(hooks);
    const { name } = await harness.sentinel({ labels: { maintenance: 'planned' } });
    await approve(harness, name);
    expect(harness.cluster.node(node).labels['maintenance']).toBe('true');
    harness.cluster.agentOf(node).report = aReport({ required: 'no', packages: [] });
    await harness.store.remove(name);
    await harness.service.resync();
    await harness.settle();
    await harness.service.resync();
    expect(harness.cluster.node(node)).toMatchObject({
      unschedulable: false,
      labels: { maintenance: 'planned' },
    });
    expect(harness.cluster.node(node).managed).toBeUndefined();

    const asked = await harness.sentinel({ name: 'w9' });
    expect(isLabelled(harness.cluster.node('w9'))).toBe(true);
    harness.policy(aPolicy({ pools: [aPool()] }));
    await harness.service.resync();
    await harness.settle();
    expect(phaseOf(harness, asked.name)).toBe('Pending');
    expect(isLabelled(harness.cluster.node('w9'))).toBe(false);
  });

  it('is back on a node that was given up cordoned, when the question about its next boot is off the table', async () => {
    const harness = harnessWith({ excludeFromLoadBalancers: true });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    harness.cluster.node(node).ready = false;
    await harness.pass(11 * minute);
    await decide(harness, name, { kind: 'skip' });
    harness.cluster.node(node).bootId = 'boot-2';
    harness.cluster.agentOf(node).report = aReport({ bootId: 'boot-2' });
    await harness.queue.reconcileNode(node);
    await harness.settle();
    const next = harness.store.all().find((reboot) => reboot.bootId === 'boot-2');
    if (next === undefined) throw new Error('nobody asks about its next boot');
    await decide(harness, next.name, { kind: 'cancel' });
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, labels: { [excluded]: 'true' } });
  });

  it('stays on a node that was given up cordoned, until somebody uncordons it', async () => {
    const harness = harnessWith({ excludeFromLoadBalancers: true, annotateState: true });
    const { name } = await harness.sentinel();
    await approve(harness, name);
    harness.cluster.node(node).ready = false;
    await harness.pass(11 * minute);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'did-not-come-back' });
    await decide(harness, name, { kind: 'skip' });
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, labels: { [excluded]: 'true' } });
    expect(harness.cluster.node(node).managed?.state).toBeUndefined();
    harness.cluster.node(node).unschedulable = false;
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(harness.cluster.node(node).labels).toEqual({});
    expect(harness.cluster.node(node).managed).toBeUndefined();
  });
});
