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
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const excluded = excludeFromLoadBalancersLabel;
const node = 'worker-03';

const houseWith = (hooks: Partial<HooksPolicy>, pool: Partial<PoolPolicy> = {}): FakeHouse =>
  fakeHouse(aPolicy({ pools: [aPool({ ...pool, hooks: { ...noHooks, ...hooks } })] }));

async function decide(
  house: FakeHouse,
  name: string,
  request: Parameters<FakeHouse['service']['decide']>[1],
): Promise<void> {
  expect(await house.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await house.settle();
}
const approve = async (house: FakeHouse, name: string): Promise<void> =>
  decide(house, name, { kind: 'approve', mode: 'now', digest: house.reboot(name).need.digest });
const phaseOf = (house: FakeHouse, name: string) => house.reboot(name).state.phase;
const draining = (house: FakeHouse, name: string): In<'Draining'>['state'] => {
  const { state } = house.reboot(name);
  if (state.phase !== 'Draining') throw new Error(`it is ${state.phase}`);
  return state;
};
const calls = (house: FakeHouse, kind: string): number =>
  house.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;

describe('a wait before the drain', () => {
  it('holds back the first eviction until its time has come, and the drain has its own time after it', async () => {
    const house = houseWith({ drainDelay: 30 * second });
    const { name } = await house.sentinel();
    await approve(house, name);
    const { drainDelay } = draining(house, name);
    expect(drainDelay).toMatchObject({ over: false });
    expect(toInstant(drainDelay?.until ?? '') - house.clock.now()).toBe(30 * second);
    expect(house.cluster.node(node).unschedulable).toBe(true);
    await house.pass(29 * second);
    expect(calls(house, 'drain')).toBe(0);
    house.cluster.drains([]);
    await house.pass(second);
    expect(calls(house, 'drain')).toBeGreaterThan(0);
    expect(toInstant(draining(house, name).deadline) - house.clock.now()).toBe(15 * minute);
  });

  it('is found over by whoever comes late, and its drain is not late for that', async () => {
    const house = houseWith({ drainDelay: 30 * second });
    const { name } = await house.sentinel();
    await approve(house, name);
    // Nobody works for an hour.
    house.wakes.length = 0;
    house.clock.advance(60 * minute);
    await house.service.resync();
    await house.settle();
    expect(phaseOf(house, name)).toBe('Rebooting');
  });

  it('begins no drain that the queue has kept from before', async () => {
    const house = houseWith({ drainDelay: 30 * second });
    const { name } = await house.sentinel();
    await approve(house, name);
    await house.service.drain(name, new AbortController().signal);
    expect(calls(house, 'drain')).toBe(0);
  });

  it('can be cancelled, and leaves no trace on the node', async () => {
    const house = houseWith({ drainDelay: 30 * second, excludeFromLoadBalancers: true });
    const { name } = await house.sentinel();
    await approve(house, name);
    expect(house.cluster.node(node).labels).toEqual({ [excluded]: 'true' });
    await decide(house, name, { kind: 'cancel' });
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: false, labels: {} });
    expect(calls(house, 'drain')).toBe(0);
  });

  it('is stopped by whoever uncordons the node', async () => {
    const house = houseWith({ drainDelay: 30 * second, excludeFromLoadBalancers: true });
    const { name } = await house.sentinel();
    await approve(house, name);
    house.cluster.node(node).unschedulable = false;
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(house.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
    expect(house.cluster.node(node).labels).toEqual({});
    expect(calls(house, 'drain')).toBe(0);
  });

  it('ends with its window where a drain would, and is begun anew in the next one', async () => {
    // Sunday noon; the window closes 20 s after the start.
    const windows = [aWindow({ days: ['sun'], start: 12 * 60 - 60, length: 61, timeZone: 'UTC' })];
    const house = houseWith(
      { drainDelay: 2 * minute },
      { windows, whenWindowCloses: 'undo', finishInWindow: false },
    );
    const { name } = await house.sentinel();
    await decide(house, name, { kind: 'approve', mode: 'window', digest: house.reboot(name).need.digest });
    expect(draining(house, name).drainDelay).toBeDefined();
    await house.pass(61 * second);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { why: 'window-closed' } });
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(calls(house, 'drain')).toBe(0);
    await house.pass(7 * 24 * 60 * minute);
    expect(calls(house, 'drain')).toBeGreaterThan(0);
  });

  it('counts for nothing in how long budgets have held the drain back', async () => {
    const hooks = { ...noHooks, drainDelay: 4 * minute };
    const pool = aPool({ hooks, giveUpTurnAfter: 5 * minute, maxUnavailable: { count: 2 } });
    const house = fakeHouse(aPolicy({ pools: [pool] }));
    const waiting = [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }];
    const progress = { at: '2026-11-22T12:00:00.000Z', total: 3, gone: 1, leaving: [], waiting, trouble: [] };
    house.cluster.drains([{ kind: 'progress', progress }]);
    const first = await house.sentinel({ name: 'w1' });
    const second = await house.sentinel({ name: 'w2' });
    await approve(house, first.name);
    await approve(house, second.name);
    await house.pass(8 * minute);
    expect(phaseOf(house, first.name)).toBe('Draining');
    await house.pass(2 * minute);
    expect(house.reboot(first.name).state).toMatchObject({ phase: 'Approved', retry: { why: 'stuck' } });
  });
});

describe('a wait before the order', () => {
  it('holds back the order, and looks through the node once more before it', async () => {
    const house = houseWith({ rebootDelay: 30 * second });
    house.cluster.drains([{ kind: 'drained', pods: 14 }], [{ kind: 'drained', pods: 1 }]);
    const { name } = await house.sentinel();
    await approve(house, name);
    expect(draining(house, name).rebootDelay).toMatchObject({ over: false, pods: 14 });
    await house.pass(29 * second);
    expect(calls(house, 'order')).toBe(0);
    expect(calls(house, 'drain')).toBe(1);
    await house.pass(second);
    expect(calls(house, 'drain')).toBe(2);
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-1');
    expect(house.reboot(name).state).toMatchObject({ phase: 'Rebooting', drained: { pods: 15 } });
  });

  it('is no part of the time that a drain may take, nor of what it has done', async () => {
    const house = houseWith({ drainDelay: 30 * second, rebootDelay: 30 * second });
    const begun: number[] = [];
    const drain = house.cluster.drain.bind(house.cluster);
    house.cluster.drain = (request, signal) => {
      begun.push(request.startedAt - house.clock.now());
      expect(request.deadline - request.startedAt).toBe(15 * minute);
      return drain(request, signal);
    };
    const { name } = await house.sentinel();
    await approve(house, name);
    await house.pass(minute);
    expect(phaseOf(house, name)).toBe('Rebooting');
    expect(begun).toEqual([0, 0]);
  });

  it('keeps on the card what was moved, when the last look finds nothing', async () => {
    const house = houseWith({ rebootDelay: 30 * second });
    const progress = { at: '2026-11-22T12:00:00.000Z', leaving: [], waiting: [], trouble: [] };
    house.cluster.drains(
      [
        { kind: 'progress', progress: { ...progress, total: 14, gone: 14 } },
        { kind: 'drained', pods: 14 },
      ],
      [{ kind: 'progress', progress: { ...progress, total: 0, gone: 0 } }],
    );
    const { name } = await house.sentinel();
    await approve(house, name);
    await house.pass(30 * second);
    expect(draining(house, name).drain).toMatchObject({ total: 14, gone: 14 });
  });

  it('names no pod and no budget that nobody waits for any more', async () => {
    const house = houseWith({ rebootDelay: 30 * second });
    const waiting = [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }];
    const progress = { at: '2026-11-22T12:00:00.000Z', leaving: ['db/pg-0'], waiting, trouble: [] };
    house.cluster.drains([
      { kind: 'progress', progress: { ...progress, total: 14, gone: 13 } },
      { kind: 'drained', pods: 14 },
    ]);
    const { name } = await house.sentinel();
    await approve(house, name);
    expect(draining(house, name).drain).toMatchObject({ total: 14, gone: 14, leaving: [], waiting: [] });
  });

  it('can be cancelled: no order is given, and the node is uncordoned', async () => {
    const house = houseWith({ rebootDelay: 30 * second });
    const { name } = await house.sentinel();
    await approve(house, name);
    await decide(house, name, { kind: 'cancel' });
    await house.pass(minute);
    expect(calls(house, 'order')).toBe(0);
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('is stopped by whoever uncordons the node', async () => {
    const house = houseWith({ rebootDelay: 30 * second });
    const { name } = await house.sentinel();
    await approve(house, name);
    house.cluster.node(node).unschedulable = false;
    await house.pass(minute);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
    expect(calls(house, 'order')).toBe(0);
  });

  it('is waited once for each try: retried, the drain begins anew', async () => {
    const house = houseWith({ rebootDelay: 30 * second });
    house.cluster.drains(
      [{ kind: 'drained', pods: 14 }],
      [{ kind: 'failed', code: 'drain-error', sentence: 'It did not work.' }],
      [{ kind: 'drained', pods: 2 }],
    );
    const { name } = await house.sentinel();
    await approve(house, name);
    await house.pass(30 * second);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { why: 'error' } });
    await decide(house, name, { kind: 'retry' });
    expect(draining(house, name).rebootDelay).toMatchObject({ over: false, pods: 2 });
    await house.pass(30 * second);
    expect(phaseOf(house, name)).toBe('Rebooting');
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
    const house = houseWith(hooks);
    const { name } = await house.sentinel({ labels: { maintenance: 'planned' } });
    const worn = () => house.cluster.node(node);
    expect(worn()).toMatchObject({
      labels: { maintenance: 'planned' },
      managed: { waiting: true, state: 'Pending', reboot: name },
    });
    await approve(house, name);
    expect(worn()).toMatchObject({
      labels: { maintenance: 'true', [excluded]: 'true' },
      managed: { waiting: true, state: 'Draining' },
    });
    await house.pass(minute);
    expect(worn().managed?.state).toBe('Rebooting');
    await house.boots(node);
    expect(worn().managed?.state).toBe('Settling');
    expect(worn().labels).toHaveProperty([excluded]);
    await house.pass(minute);
    expect(phaseOf(house, name)).toBe('Succeeded');
    expect(worn().labels).toEqual({ maintenance: 'done' });
    expect(worn().managed).toEqual({
      waiting: false,
      labels: {},
      lastReboot: house.reboot(name).state.since,
    });
  });

  it('is written when it changes and at no other time', async () => {
    const house = houseWith(hooks);
    const { name } = await house.sentinel();
    expect(calls(house, 'label')).toBe(1);
    for (let scan = 0; scan < 5; scan += 1) {
      await house.service.resync();
      await house.pass(minute);
    }
    expect(calls(house, 'label')).toBe(1);
    await approve(house, name);
    await house.pass(minute);
    await house.boots(node);
    await house.pass(minute);
    // Asked, with the cordon, ordered, back, and at the end: it did not wait once it was approved.
    expect(calls(house, 'label')).toBe(5);
  });

  it('is nothing, and costs nothing, where the pool has no hooks', async () => {
    const house = houseWith({});
    const { name } = await house.sentinel({ labels: { zone: 'a' } });
    await approve(house, name);
    await house.boots(node);
    await house.pass(minute);
    await house.service.resync();
    await house.settle();
    expect(phaseOf(house, name)).toBe('Succeeded');
    expect(calls(house, 'label')).toBe(0);
    expect(house.cluster.node(node).labels).toEqual({ zone: 'a' });
  });

  it.each(['deny', 'packages gone', 'booted by itself'])('is gone when the question is: %s', async (how) => {
    const house = houseWith({ ...hooks, annotateState: false });
    const { name } = await house.sentinel();
    expect(isLabelled(house.cluster.node(node))).toBe(true);
    if (how === 'deny') await decide(house, name, { kind: 'deny', reason: 'release' });
    else if (how === 'packages gone')
      house.cluster.agentOf(node).report = aReport({ required: 'no', packages: [] });
    else await house.boots(node);
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(house.cluster.node(node).managed).toBeUndefined();
  });

  it('does not flap when the question is put off, and asked again', async () => {
    const house = houseWith({ preferNoSchedule: true });
    const { name } = await house.sentinel();
    await decide(house, name, { kind: 'snooze', until: house.clock.now() + minute });
    await house.pass(2 * minute);
    expect(phaseOf(house, name)).toBe('Pending');
    expect(calls(house, 'label')).toBe(1);
  });

  it('is on the node before its first eviction, or nothing is evicted', async () => {
    const house = houseWith({ excludeFromLoadBalancers: true });
    const { name } = await house.sentinel();
    const label = house.cluster.label.bind(house.cluster);
    house.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    await house.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: house.reboot(name).need.digest },
      mia,
    );
    await expect(house.settle()).rejects.toThrow('webhook');
    expect(draining(house, name).cordon).toBeUndefined();
    expect(calls(house, 'drain')).toBe(0);
    house.cluster.label = label;
    await house.service.reconcile(name);
    await house.settle();
    expect(calls(house, 'drain')).toBe(1);
  });

  it('that cannot be put on it in time: the drain is undone, and people are told why', async () => {
    const house = houseWith({ excludeFromLoadBalancers: true });
    const { name } = await house.sentinel();
    const label = house.cluster.label.bind(house.cluster);
    house.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    await house.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: house.reboot(name).need.digest },
      mia,
    );
    await expect(house.settle()).rejects.toThrow('webhook');
    house.clock.advance(17 * minute);
    await house.service.reconcile(name);
    await house.settle();
    expect(house.reboot(name).state).toMatchObject({
      phase: 'Approved',
      retry: { cause: expect.stringContaining('could not be cordoned, or given the labels') },
    });
    house.cluster.label = label;
    await decide(house, name, { kind: 'cancel' });
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: false, labels: {} });
  });

  it('never holds up a question: what cannot be written now is written later', async () => {
    const house = houseWith({ preferNoSchedule: true });
    const label = house.cluster.label.bind(house.cluster);
    house.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    const { name } = await house.sentinel();
    expect(house.chat.shown.has(name)).toBe(true);
    expect(isLabelled(house.cluster.node(node))).toBe(false);
    house.cluster.label = label;
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node).managed).toMatchObject({ waiting: true });
  });

  it('goes when its Reboot is deleted by hand, and when the pool wants it no more', async () => {
    const house = houseWith(hooks);
    const { name } = await house.sentinel({ labels: { maintenance: 'planned' } });
    await approve(house, name);
    expect(house.cluster.node(node).labels['maintenance']).toBe('true');
    house.cluster.agentOf(node).report = aReport({ required: 'no', packages: [] });
    await house.store.remove(name);
    await house.service.resync();
    await house.settle();
    await house.service.resync();
    expect(house.cluster.node(node)).toMatchObject({
      unschedulable: false,
      labels: { maintenance: 'planned' },
    });
    expect(house.cluster.node(node).managed).toBeUndefined();

    const asked = await house.sentinel({ name: 'w9' });
    expect(isLabelled(house.cluster.node('w9'))).toBe(true);
    house.policy(aPolicy({ pools: [aPool()] }));
    await house.service.resync();
    await house.settle();
    expect(phaseOf(house, asked.name)).toBe('Pending');
    expect(isLabelled(house.cluster.node('w9'))).toBe(false);
  });

  it('is back on a node that was given up cordoned, when the question about its next boot is off the table', async () => {
    const house = houseWith({ excludeFromLoadBalancers: true });
    const { name } = await house.sentinel();
    await approve(house, name);
    house.cluster.node(node).ready = false;
    await house.pass(11 * minute);
    await decide(house, name, { kind: 'skip' });
    house.cluster.node(node).bootId = 'boot-2';
    house.cluster.agentOf(node).report = aReport({ bootId: 'boot-2' });
    await house.queue.reconcileNode(node);
    await house.settle();
    const next = house.store.all().find((reboot) => reboot.bootId === 'boot-2');
    if (next === undefined) throw new Error('nobody asks about its next boot');
    await decide(house, next.name, { kind: 'cancel' });
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, labels: { [excluded]: 'true' } });
  });

  it('stays on a node that was given up cordoned, until somebody uncordons it', async () => {
    const house = houseWith({ excludeFromLoadBalancers: true, annotateState: true });
    const { name } = await house.sentinel();
    await approve(house, name);
    house.cluster.node(node).ready = false;
    await house.pass(11 * minute);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Failed', code: 'did-not-come-back' });
    await decide(house, name, { kind: 'skip' });
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, labels: { [excluded]: 'true' } });
    expect(house.cluster.node(node).managed?.state).toBeUndefined();
    house.cluster.node(node).unschedulable = false;
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(house.cluster.node(node).labels).toEqual({});
    expect(house.cluster.node(node).managed).toBeUndefined();
  });
});
