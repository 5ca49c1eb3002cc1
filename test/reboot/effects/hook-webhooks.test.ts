/** `hooks.before` and `hooks.after` in the course of a reboot, by the whole service on fakes. */
import { describe, expect, it } from 'vitest';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { HooksPolicy, WebhookHook } from '../../../src/reboot/policy/pool-hooks.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { In, Phase, Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aPerson, aPolicy, aPool, aWindow } from '../../fakes/builders.ts';
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const node = 'worker-03';
const notYet = { kind: 'wait', said: 'says not yet: ceph rebalances' } as const;

const aHook = (overrides: Partial<WebhookHook> = {}): WebhookHook => ({
  access: { url: 'https://hooks.example.com', headers: {} },
  timeout: 5 * minute,
  onFailure: 'fail',
  ...overrides,
});
const poolWith = (hooks: Partial<HooksPolicy>, pool: Partial<PoolPolicy> = {}) =>
  aPolicy({ pools: [aPool({ ...pool, hooks: { ...noHooks, ...hooks } })] });
const houseWith = (hooks: Partial<HooksPolicy>, pool: Partial<PoolPolicy> = {}): FakeHouse =>
  fakeHouse(poolWith(hooks, pool));

async function decide(
  house: FakeHouse,
  name: string,
  request: Parameters<FakeHouse['service']['decide']>[1],
): Promise<void> {
  expect(await house.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await house.settle();
}
async function approved(house: FakeHouse): Promise<string> {
  const { name, need } = await house.sentinel();
  await decide(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
const stateOf = (house: FakeHouse, name: string) => house.reboot(name).state;
function inPhase<P extends Phase>(house: FakeHouse, name: string, phase: P): In<P>['state'] {
  const { state } = house.reboot(name);
  if (state.phase !== phase) throw new Error(`it is ${state.phase}`);
  return state as In<P>['state'];
}
const calls = (house: FakeHouse, kind: string): number =>
  house.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;
const asked = ({ hooks }: FakeHouse) => hooks.questions.map(({ step, since }) => ({ step, since }));
const isCordoned = (house: FakeHouse): boolean => house.cluster.node(node).unschedulable;

describe('the hook before the order', () => {
  it('is asked about the empty node, and after its yes the node is looked through once more before the order', async () => {
    const house = houseWith({ before: aHook() });
    house.cluster.drains([{ kind: 'drained', pods: 14 }], [{ kind: 'drained', pods: 1 }]);
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    expect(inPhase(house, name, 'Draining').beforeHook).toMatchObject({ pods: 14, said: notYet.said });
    expect([calls(house, 'drain'), calls(house, 'order'), isCordoned(house)]).toEqual([1, 0, true]);
    house.hooks.answers.clear();
    await house.pass(15 * second);
    expect([calls(house, 'drain'), house.cluster.agentOf(node).endBoot]).toEqual([2, 'boot-1']);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Rebooting', drained: { pods: 15 } });
  });

  it('is told the reboot, the node, the step, and one id for all repetitions', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    await house.pass(30 * second);
    expect(house.hooks.questions).toHaveLength(3);
    expect(new Set(asked(house).map(({ since }) => since)).size).toBe(1);
    expect(house.hooks.questions[0]).toMatchObject({
      step: 'before',
      pool: 'workers',
      node: { name: node },
      reboot: { name, state: { phase: 'Draining', decision: { approvals: [{ by: { name: 'mia' } }] } } },
    });
  });

  it('is asked every 15 s, however often the reboot is looked at', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    for (let time = 0; time < 14; time += 1) {
      await house.pass(second);
      await house.service.reconcile(name);
      await house.settle();
    }
    expect(house.hooks.questions).toHaveLength(1);
    await house.pass(second);
    expect(house.hooks.questions).toHaveLength(2);
  });

  it('comes after the wait of the pool, each with a look at the node after it', async () => {
    const house = houseWith({ before: aHook(), rebootDelay: 30 * second });
    const name = await approved(house);
    await house.pass(29 * second);
    expect(house.hooks.questions).toEqual([]);
    await house.pass(second);
    expect(house.hooks.questions).toHaveLength(1);
    expect([calls(house, 'drain'), stateOf(house, name).phase]).toEqual([3, 'Rebooting']);
  });

  it('gives no order where pods have come meanwhile and cannot leave', async () => {
    const house = houseWith({ before: aHook() });
    house.cluster.drains(
      [{ kind: 'drained', pods: 14 }],
      [{ kind: 'failed', code: 'drain-timeout', sentence: 'Pod a/b is still there.' }],
    );
    const name = await approved(house);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Approved', retry: { why: 'timeout' } });
    expect(calls(house, 'order')).toBe(0);
  });

  it('gives the drain after it a time of its own', async () => {
    const house = houseWith({ before: aHook({ timeout: 60 * minute }) });
    const spans: (readonly [number, number])[] = [];
    const drain = house.cluster.drain.bind(house.cluster);
    house.cluster.drain = (request, signal) => {
      spans.push([request.startedAt - house.clock.now(), request.deadline - house.clock.now()]);
      return drain(request, signal);
    };
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    await house.pass(40 * minute);
    expect(stateOf(house, name).phase).toBe('Draining');
    house.hooks.answers.clear();
    await house.pass(15 * second);
    expect(spans).toEqual([
      [0, 15 * minute],
      [0, 15 * minute],
    ]);
  });

  it('is asked nothing more after a cancel', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    await decide(house, name, { kind: 'cancel' });
    expect(isCordoned(house)).toBe(false);
    const { length } = house.hooks.questions;
    await house.pass(minute);
    expect(house.hooks.questions).toHaveLength(length);
    expect([calls(house, 'order'), stateOf(house, name).phase]).toEqual([0, 'Cancelled']);
  });

  it('is not asked by a bot that has not heard of the cancel', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    const stale = house.reboot(name);
    const { length } = house.hooks.questions;
    // Another bot has stored it, and not yet uncordoned the node.
    expect(await house.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
    house.store.latest = async () => stale;
    house.clock.advance(15 * second);
    await house.service.reconcile(name);
    expect(house.hooks.questions).toHaveLength(length);
  });

  it('is not asked by a bot that has not heard of the retry: its id is of the try before', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, { kind: 'failed', said: 'says no' });
    const waits = house.hooks.ask.bind(house.hooks);
    let stale: Reboot | undefined;
    house.hooks.ask = async (question) => {
      stale ??= house.reboot(question.reboot.name);
      return waits(question);
    };
    const name = await approved(house);
    expect(stateOf(house, name).phase).toBe('Failed');
    house.hooks.answers.set(`${node} before`, notYet);
    house.clock.advance(second);
    await decide(house, name, { kind: 'retry' });
    const before = asked(house).length;
    house.store.latest = async () => stale;
    await house.service.reconcile(name);
    expect(asked(house)).toHaveLength(before);
  });

  it('a drain that was begun before it, and ends after it, is not the look at the node that follows it', async () => {
    const house = houseWith({ before: aHook() });
    let drains = 0;
    house.cluster.drain = async function* () {
      drains += 1;
      const reboot = house.store.all()[0] as In<'Draining'>;
      const now = new Date(house.clock.now()).toISOString();
      // Another worker has found it empty, and its hook has said yes.
      const beforeHook = { since: now, until: now, endedAt: now, pods: 3 };
      if (drains === 1) await house.store.save({ ...reboot, state: { ...reboot.state, beforeHook } });
      else expect(calls(house, 'order')).toBe(0);
      yield { kind: 'drained', pods: 1 };
    };
    const name = await approved(house);
    expect([drains, stateOf(house, name).phase]).toEqual([2, 'Rebooting']);
  });

  it('whose answer comes after a cancel gives no order', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    house.hooks.answers.clear();
    const ask = house.hooks.ask.bind(house.hooks);
    house.hooks.ask = async (question) => {
      expect(await house.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
      return ask(question);
    };
    await house.pass(minute);
    expect([calls(house, 'order'), stateOf(house, name).phase]).toEqual([0, 'Cancelled']);
  });

  it('whose answer is of an earlier try says nothing about the one that was begun since', async () => {
    const house = houseWith({ before: aHook({ timeout: minute }) });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    const first = house.hooks.questions[0]?.since;
    await house.pass(minute);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Failed', code: 'hook-failed' });
    await decide(house, name, { kind: 'retry' });
    const again = house.reboot(name);
    if (first === undefined) throw new Error('it was not asked');
    const yes = { type: 'hook-answered', step: 'before', since: first, answer: { kind: 'done' } } as const;
    const context = { pool: aPool({ hooks: { ...noHooks, before: aHook() } }), now: house.clock.now() };
    expect(transition(again, yes, context)).toMatchObject({ ok: false, rejection: { code: 'too-late' } });
    const now = house.hooks.questions.at(-1)?.since ?? '';
    expect(transition(again, { ...yes, since: now }, context)).toMatchObject({ ok: true });
  });

  it('uncordoned by somebody in the meantime: it stops, and gives no order', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    house.cluster.node(node).unschedulable = false;
    house.hooks.answers.clear();
    await house.pass(minute);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
    expect(calls(house, 'order')).toBe(0);
  });

  it('ends with its window where a drain would', async () => {
    // Sunday noon; the window closes a minute after the start.
    const windows = [aWindow({ days: ['sun'], start: 12 * 60 - 60, length: 61, timeZone: 'UTC' })];
    const house = houseWith(
      { before: aHook() },
      { windows, whenWindowCloses: 'undo', finishInWindow: false },
    );
    house.hooks.answers.set(`${node} before`, notYet);
    const { name, need } = await house.sentinel();
    await decide(house, name, { kind: 'approve', mode: 'window', digest: need.digest });
    await house.pass(61 * second);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Approved', retry: { why: 'window-closed' } });
    expect(isCordoned(house)).toBe(false);
  });

  it('is deleted with its Reboot: nothing is ordered, and the node is put back', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    const last = house.reboot(name);
    await house.store.remove(name);
    await house.service.rebootDeleted(last);
    await house.settle();
    house.hooks.answers.clear();
    await house.pass(minute);
    expect(stateOf(house, name).phase).toBe('Cancelled');
    expect([calls(house, 'order'), isCordoned(house)]).toEqual([0, false]);
  });

  it('taken out of the configuration it is waited for no longer', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    const { length } = house.hooks.questions;
    house.policy(poolWith({}));
    await house.pass(15 * second);
    expect(stateOf(house, name).phase).toBe('Rebooting');
    expect([house.hooks.questions.length, calls(house, 'drain')]).toEqual([length, 2]);
  });

  it('asked, and the answer lost with its bot: the next one asks once more, by the same id', async () => {
    const house = houseWith({ before: aHook() });
    const save = house.store.save.bind(house.store);
    const ask = house.hooks.ask.bind(house.hooks);
    house.hooks.ask = async (question) => {
      house.store.save = async () => {
        house.store.save = save;
        throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
      };
      house.hooks.ask = ask;
      return ask(question);
    };
    const { name, need } = await house.sentinel();
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    await expect(house.settle()).rejects.toThrow('no answer');
    await house.service.resync();
    await house.settle();
    expect(stateOf(house, name).phase).toBe('Rebooting');
    expect(house.hooks.questions).toHaveLength(2);
    expect(new Set(asked(house).map(({ since }) => since)).size).toBe(1);
    expect(calls(house, 'order')).toBe(1);
  });

  it('is kept by the cluster, or people are told that it is not', async () => {
    const house = houseWith({ before: aHook() });
    const save = house.store.save.bind(house.store);
    house.store.save = async (reboot) => {
      if (reboot.state.phase !== 'Draining') return save(reboot);
      const { beforeHook: _, ...state } = reboot.state;
      return save({ ...reboot, state });
    };
    const name = await approved(house);
    expect(stateOf(house, name)).toMatchObject({
      code: 'drain-error',
      sentence: expect.stringContaining('custom resource definition'),
    });
    expect(house.hooks.questions).toEqual([]);
  });
});

describe('a hook that gives no yes', () => {
  it('fails when its time is over: nothing is ordered, the node stays cordoned, and a retry asks anew', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    await house.pass(5 * minute - second);
    expect(stateOf(house, name).phase).toBe('Draining');
    await house.pass(second);
    expect(stateOf(house, name)).toMatchObject({
      phase: 'Failed',
      code: 'hook-failed',
      sentence: 'The hook before the reboot says not yet: ceph rebalances. It had 5 min to say yes.',
    });
    expect([calls(house, 'order'), isCordoned(house)]).toEqual([0, true]);
    house.hooks.answers.clear();
    await decide(house, name, { kind: 'retry' });
    expect(new Set(asked(house).map(({ since }) => since)).size).toBe(2);
    expect(stateOf(house, name).phase).toBe('Rebooting');
  });

  it('skipped, the node is uncordoned', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, { kind: 'failed', said: 'says no: the backup is broken' });
    const name = await approved(house);
    await decide(house, name, { kind: 'skip' });
    expect([isCordoned(house), calls(house, 'order')]).toEqual([false, 0]);
  });

  it('may say no for good, and is not asked again', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, { kind: 'failed', said: 'says no: the backup is broken' });
    const name = await approved(house);
    await house.pass(10 * minute);
    expect(house.hooks.questions).toHaveLength(1);
    expect(stateOf(house, name)).toMatchObject({
      sentence: 'The hook before the reboot says no: the backup is broken.',
    });
  });

  it('is gone on without where the pool wants that, and the history says so once', async () => {
    const house = houseWith({ before: aHook({ onFailure: 'continue' }) });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    await house.pass(5 * minute);
    expect([stateOf(house, name).phase, calls(house, 'drain')]).toEqual(['Rebooting', 2]);
    const told = house.reboot(name).history.filter(({ what }) => what === 'hook-failed');
    expect(told).toMatchObject([
      { reason: expect.stringMatching(/ceph rebalances\. It had 5 min to say yes\. The reboot goes on/) },
    ]);
    const events = house.cluster.events.filter(({ reason }) => reason === 'RebootHookFailed');
    expect(events).toHaveLength(1);
  });

  it('is asked once more by a bot that was away when its time ended', async () => {
    const house = houseWith({ before: aHook() });
    house.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(house);
    house.wakes.length = 0;
    house.clock.advance(60 * minute);
    house.hooks.answers.clear();
    await house.service.resync();
    await house.settle();
    expect(stateOf(house, name).phase).toBe('Rebooting');
  });
});

describe('the hook after the proof', () => {
  async function proven(house: FakeHouse): Promise<string> {
    const name = await approved(house);
    await house.boots(node);
    await house.pass(minute);
    return name;
  }

  it('is asked when the node has proven itself, which stays cordoned until it says yes', async () => {
    const house = houseWith({ after: aHook() });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await approved(house);
    await house.boots(node);
    await house.pass(59 * second);
    expect(house.hooks.questions).toEqual([]);
    await house.pass(second);
    expect(asked(house)).toMatchObject([{ step: 'after' }]);
    expect([stateOf(house, name).phase, isCordoned(house)]).toEqual(['Settling', true]);
    await house.pass(2 * minute);
    expect([stateOf(house, name).phase, isCordoned(house)]).toEqual(['Settling', true]);
    house.hooks.answers.clear();
    await house.pass(15 * second);
    expect([stateOf(house, name).phase, isCordoned(house)]).toEqual(['Succeeded', false]);
  });

  it('is asked of a node that need not settle, once it is well', async () => {
    const house = houseWith({ after: aHook() }, { settleTime: 0 });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await approved(house);
    house.cluster.node(node).ready = false;
    Object.assign(house.cluster.node(node), { bootId: 'boot-2' });
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(inPhase(house, name, 'Settling').missing).not.toEqual([]);
    expect(asked(house)).toEqual([]);
    await house.boots(node);
    expect(inPhase(house, name, 'Settling')).toMatchObject({ missing: [], afterHook: { said: notYet.said } });
    expect(asked(house)).toMatchObject([{ step: 'after' }]);
    house.hooks.answers.clear();
    await house.pass(15 * second);
    expect(stateOf(house, name).phase).toBe('Succeeded');
  });

  it('has no say on a node that turns unhealthy: it is not asked, and the node settles once more', async () => {
    const house = houseWith({ after: aHook() });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(house);
    house.cluster.node(node).ready = false;
    await house.queue.reconcileNode(node);
    await house.settle();
    const { length } = house.hooks.questions;
    house.hooks.answers.clear();
    await house.pass(2 * minute);
    expect(house.hooks.questions).toHaveLength(length);
    expect(isCordoned(house)).toBe(true);
    house.cluster.node(node).ready = true;
    await house.queue.reconcileNode(node);
    await house.settle();
    await house.pass(59 * second);
    expect(stateOf(house, name).phase).toBe('Settling');
    await house.pass(second);
    expect(stateOf(house, name).phase).toBe('Succeeded');
  });

  it('gives a node that turns unhealthy late as long to settle as any other', async () => {
    const house = houseWith({ after: aHook({ timeout: 60 * minute }) });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(house);
    await house.pass(45 * minute);
    house.cluster.node(node).ready = false;
    await house.queue.reconcileNode(node);
    await house.settle();
    expect(stateOf(house, name).phase).toBe('Settling');
  });

  it('of a node that stays unhealthy is no reason to wait for ever', async () => {
    const house = houseWith({ after: aHook() });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(house);
    house.cluster.node(node).ready = false;
    await house.queue.reconcileNode(node);
    await house.settle();
    await house.pass(30 * minute);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Failed', code: 'not-healthy' });
  });

  it('whose node boots once more meanwhile proves nothing', async () => {
    const house = houseWith({ after: aHook() });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(house);
    await house.boots(node, 'boot-3');
    house.hooks.answers.clear();
    await house.pass(minute);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Failed', code: 'rebooted-again' });
    expect(isCordoned(house)).toBe(true);
  });

  it('fails: the node stays cordoned; a retry proves it and asks anew; skipped, it is uncordoned', async () => {
    const house = houseWith({ after: aHook({ timeout: minute }) });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(house);
    await house.pass(minute);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Failed', code: 'hook-failed' });
    expect(isCordoned(house)).toBe(true);
    await decide(house, name, { kind: 'retry' });
    expect(inPhase(house, name, 'Settling').afterHook).toBeUndefined();
    await house.pass(2 * minute);
    expect(stateOf(house, name)).toMatchObject({ phase: 'Failed', code: 'hook-failed' });
    expect(new Set(asked(house).map(({ since }) => since)).size).toBe(2);
    await decide(house, name, { kind: 'skip' });
    expect(isCordoned(house)).toBe(false);
  });

  it('is gone on without where the pool wants that', async () => {
    const house = houseWith({ after: aHook({ onFailure: 'continue', timeout: minute }) });
    house.hooks.answers.set(`${node} after`, { kind: 'wait', said: 'cannot be asked: it is silent' });
    const name = await proven(house);
    await house.pass(minute);
    expect([stateOf(house, name).phase, isCordoned(house)]).toEqual(['Succeeded', false]);
    expect(house.reboot(name).history.map(({ what }) => what)).toContain('hook-failed');
  });

  it('taken out of the configuration it is waited for no longer, nor that of a pool that is gone', async () => {
    const house = houseWith({ after: aHook() });
    house.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(house);
    house.policy(aPolicy({ pools: [aPool({ name: 'other', selector: 'none=such' })] }));
    await house.pass(15 * second);
    expect([stateOf(house, name).phase, isCordoned(house)]).toEqual(['Succeeded', false]);
  });

  it('is kept by the cluster, or people are told that it is not', async () => {
    const house = houseWith({ after: aHook() });
    const save = house.store.save.bind(house.store);
    house.store.save = async (reboot) => {
      if (reboot.state.phase !== 'Settling') return save(reboot);
      const { afterHook: _, ...state } = reboot.state;
      return save({ ...reboot, state });
    };
    const name = await proven(house);
    expect(stateOf(house, name)).toMatchObject({
      code: 'not-healthy',
      sentence: expect.stringContaining('custom resource definition'),
    });
  });
});
