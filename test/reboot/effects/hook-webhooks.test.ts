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
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

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
const harnessWith = (hooks: Partial<HooksPolicy>, pool: Partial<PoolPolicy> = {}): ServiceHarness =>
  serviceHarness(poolWith(hooks, pool));

async function decide(
  harness: ServiceHarness,
  name: string,
  request: Parameters<ServiceHarness['service']['decide']>[1],
): Promise<void> {
  expect(await harness.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await harness.settle();
}
async function approved(harness: ServiceHarness): Promise<string> {
  const { name, need } = await harness.sentinel();
  await decide(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
const stateOf = (harness: ServiceHarness, name: string) => harness.reboot(name).state;
function inPhase<P extends Phase>(harness: ServiceHarness, name: string, phase: P): In<P>['state'] {
  const { state } = harness.reboot(name);
  if (state.phase !== phase) throw new Error(`it is ${state.phase}`);
  return state as In<P>['state'];
}
const calls = (harness: ServiceHarness, kind: string): number =>
  harness.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;
const asked = ({ hooks }: ServiceHarness) => hooks.questions.map(({ step, since }) => ({ step, since }));
const isCordoned = (harness: ServiceHarness): boolean => harness.cluster.node(node).unschedulable;

describe('the hook before the order', () => {
  it('is asked about the empty node, and after its yes the node is looked through once more before the order', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.cluster.drains([{ kind: 'drained', pods: 14 }], [{ kind: 'drained', pods: 1 }]);
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    expect(inPhase(harness, name, 'Draining').beforeHook).toMatchObject({ pods: 14, said: notYet.said });
    expect([calls(harness, 'drain'), calls(harness, 'order'), isCordoned(harness)]).toEqual([1, 0, true]);
    harness.hooks.answers.clear();
    await harness.pass(15 * second);
    expect([calls(harness, 'drain'), harness.cluster.agentOf(node).endBoot]).toEqual([2, 'boot-1']);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Rebooting', drained: { pods: 15 } });
  });

  it('is told the reboot, the node, the step, and one id for all repetitions', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    await harness.pass(30 * second);
    expect(harness.hooks.questions).toHaveLength(3);
    expect(new Set(asked(harness).map(({ since }) => since)).size).toBe(1);
    expect(harness.hooks.questions[0]).toMatchObject({
      step: 'before',
      pool: 'workers',
      node: { name: node },
      reboot: { name, state: { phase: 'Draining', decision: { approvals: [{ by: { name: 'mia' } }] } } },
    });
  });

  it('is asked every 15 s, however often the reboot is looked at', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    for (let time = 0; time < 14; time += 1) {
      await harness.pass(second);
      await harness.service.reconcile(name);
      await harness.settle();
    }
    expect(harness.hooks.questions).toHaveLength(1);
    await harness.pass(second);
    expect(harness.hooks.questions).toHaveLength(2);
  });

  it('comes after the wait of the pool, each with a look at the node after it', async () => {
    const harness = harnessWith({ before: aHook(), rebootDelay: 30 * second });
    const name = await approved(harness);
    await harness.pass(29 * second);
    expect(harness.hooks.questions).toEqual([]);
    await harness.pass(second);
    expect(harness.hooks.questions).toHaveLength(1);
    expect([calls(harness, 'drain'), stateOf(harness, name).phase]).toEqual([3, 'Rebooting']);
  });

  it('gives no order where pods have come meanwhile and cannot leave', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.cluster.drains(
      [{ kind: 'drained', pods: 14 }],
      [{ kind: 'failed', code: 'drain-timeout', sentence: 'Pod a/b is still there.' }],
    );
    const name = await approved(harness);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Approved', retry: { why: 'timeout' } });
    expect(calls(harness, 'order')).toBe(0);
  });

  it('gives the drain after it a time of its own', async () => {
    const harness = harnessWith({ before: aHook({ timeout: 60 * minute }) });
    const spans: (readonly [number, number])[] = [];
    const drain = harness.cluster.drain.bind(harness.cluster);
    harness.cluster.drain = (request, signal) => {
      spans.push([request.startedAt - harness.clock.now(), request.deadline - harness.clock.now()]);
      return drain(request, signal);
    };
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    await harness.pass(40 * minute);
    expect(stateOf(harness, name).phase).toBe('Draining');
    harness.hooks.answers.clear();
    await harness.pass(15 * second);
    expect(spans).toEqual([
      [0, 15 * minute],
      [0, 15 * minute],
    ]);
  });

  it('is asked nothing more after a cancel', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    await decide(harness, name, { kind: 'cancel' });
    expect(isCordoned(harness)).toBe(false);
    const { length } = harness.hooks.questions;
    await harness.pass(minute);
    expect(harness.hooks.questions).toHaveLength(length);
    expect([calls(harness, 'order'), stateOf(harness, name).phase]).toEqual([0, 'Cancelled']);
  });

  it('is not asked by a bot that has not heard of the cancel', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    const stale = harness.reboot(name);
    const { length } = harness.hooks.questions;
    // Another bot has stored it, and not yet uncordoned the node.
    expect(await harness.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
    harness.store.latest = async () => stale;
    harness.clock.advance(15 * second);
    await harness.service.reconcile(name);
    expect(harness.hooks.questions).toHaveLength(length);
  });

  it('is not asked by a bot that has not heard of the retry: its id is of the try before', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, { kind: 'failed', said: 'says no' });
    const waits = harness.hooks.ask.bind(harness.hooks);
    let stale: Reboot | undefined;
    harness.hooks.ask = async (question) => {
      stale ??= harness.reboot(question.reboot.name);
      return waits(question);
    };
    const name = await approved(harness);
    expect(stateOf(harness, name).phase).toBe('Failed');
    harness.hooks.answers.set(`${node} before`, notYet);
    harness.clock.advance(second);
    await decide(harness, name, { kind: 'retry' });
    const before = asked(harness).length;
    harness.store.latest = async () => stale;
    await harness.service.reconcile(name);
    expect(asked(harness)).toHaveLength(before);
  });

  it('a drain that was begun before it, and ends after it, is not the look at the node that follows it', async () => {
    const harness = harnessWith({ before: aHook() });
    let drains = 0;
    harness.cluster.drain = async function* () {
      drains += 1;
      const reboot = harness.store.all()[0] as In<'Draining'>;
      const now = new Date(harness.clock.now()).toISOString();
      // Another worker has found it empty, and its hook has said yes.
      const beforeHook = { since: now, until: now, endedAt: now, pods: 3 };
      if (drains === 1) await harness.store.save({ ...reboot, state: { ...reboot.state, beforeHook } });
      else expect(calls(harness, 'order')).toBe(0);
      yield { kind: 'drained', pods: 1 };
    };
    const name = await approved(harness);
    expect([drains, stateOf(harness, name).phase]).toEqual([2, 'Rebooting']);
  });

  it('whose answer comes after a cancel gives no order', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    harness.hooks.answers.clear();
    const ask = harness.hooks.ask.bind(harness.hooks);
    harness.hooks.ask = async (question) => {
      expect(await harness.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
      return ask(question);
    };
    await harness.pass(minute);
    expect([calls(harness, 'order'), stateOf(harness, name).phase]).toEqual([0, 'Cancelled']);
  });

  it('whose answer is of an earlier try says nothing about the one that was begun since', async () => {
    const harness = harnessWith({ before: aHook({ timeout: minute }) });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    const first = harness.hooks.questions[0]?.since;
    await harness.pass(minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Failed', code: 'hook-failed' });
    await decide(harness, name, { kind: 'retry' });
    const again = harness.reboot(name);
    if (first === undefined) throw new Error('it was not asked');
    const yes = { type: 'hook-answered', step: 'before', since: first, answer: { kind: 'done' } } as const;
    const context = { pool: aPool({ hooks: { ...noHooks, before: aHook() } }), now: harness.clock.now() };
    expect(transition(again, yes, context)).toMatchObject({ ok: false, rejection: { code: 'too-late' } });
    const now = harness.hooks.questions.at(-1)?.since ?? '';
    expect(transition(again, { ...yes, since: now }, context)).toMatchObject({ ok: true });
  });

  it('uncordoned by somebody in the meantime: it stops, and gives no order', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    harness.cluster.node(node).unschedulable = false;
    harness.hooks.answers.clear();
    await harness.pass(minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Failed', code: 'uncordoned-by-other' });
    expect(calls(harness, 'order')).toBe(0);
  });

  it('ends with its window where a drain would', async () => {
    // Sunday noon; the window closes a minute after the start.
    const windows = [aWindow({ days: ['sun'], start: 12 * 60 - 60, length: 61, timeZone: 'UTC' })];
    const harness = harnessWith(
      { before: aHook() },
      { windows, whenWindowCloses: 'undo', finishInWindow: false },
    );
    harness.hooks.answers.set(`${node} before`, notYet);
    const { name, need } = await harness.sentinel();
    await decide(harness, name, { kind: 'approve', mode: 'window', digest: need.digest });
    await harness.pass(61 * second);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Approved', retry: { why: 'window-closed' } });
    expect(isCordoned(harness)).toBe(false);
  });

  it('is deleted with its Reboot: nothing is ordered, and the node is put back', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    const last = harness.reboot(name);
    await harness.store.remove(name);
    await harness.service.rebootDeleted(last);
    await harness.settle();
    harness.hooks.answers.clear();
    await harness.pass(minute);
    expect(stateOf(harness, name).phase).toBe('Cancelled');
    expect([calls(harness, 'order'), isCordoned(harness)]).toEqual([0, false]);
  });

  it('taken out of the configuration it is waited for no longer', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    const { length } = harness.hooks.questions;
    harness.policy(poolWith({}));
    await harness.pass(15 * second);
    expect(stateOf(harness, name).phase).toBe('Rebooting');
    expect([harness.hooks.questions.length, calls(harness, 'drain')]).toEqual([length, 2]);
  });

  it('asked, and the answer lost with its bot: the next one asks once more, by the same id', async () => {
    const harness = harnessWith({ before: aHook() });
    const save = harness.store.save.bind(harness.store);
    const ask = harness.hooks.ask.bind(harness.hooks);
    harness.hooks.ask = async (question) => {
      harness.store.save = async () => {
        harness.store.save = save;
        throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
      };
      harness.hooks.ask = ask;
      return ask(question);
    };
    const { name, need } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    await expect(harness.settle()).rejects.toThrow('no answer');
    await harness.service.resync();
    await harness.settle();
    expect(stateOf(harness, name).phase).toBe('Rebooting');
    expect(harness.hooks.questions).toHaveLength(2);
    expect(new Set(asked(harness).map(({ since }) => since)).size).toBe(1);
    expect(calls(harness, 'order')).toBe(1);
  });

  it('is kept by the cluster, or people are told that it is not', async () => {
    const harness = harnessWith({ before: aHook() });
    const save = harness.store.save.bind(harness.store);
    harness.store.save = async (reboot) => {
      if (reboot.state.phase !== 'Draining') return save(reboot);
      const { beforeHook: _, ...state } = reboot.state;
      return save({ ...reboot, state });
    };
    const name = await approved(harness);
    expect(stateOf(harness, name)).toMatchObject({
      code: 'drain-error',
      sentence: expect.stringContaining('custom resource definition'),
    });
    expect(harness.hooks.questions).toEqual([]);
  });
});

describe('a hook that gives no yes', () => {
  it('fails when its time is over: nothing is ordered, the node stays cordoned, and a retry asks anew', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    await harness.pass(5 * minute - second);
    expect(stateOf(harness, name).phase).toBe('Draining');
    await harness.pass(second);
    expect(stateOf(harness, name)).toMatchObject({
      phase: 'Failed',
      code: 'hook-failed',
      sentence: 'The hook before the reboot says not yet: ceph rebalances. It had 5 min to say yes.',
    });
    expect([calls(harness, 'order'), isCordoned(harness)]).toEqual([0, true]);
    harness.hooks.answers.clear();
    await decide(harness, name, { kind: 'retry' });
    expect(new Set(asked(harness).map(({ since }) => since)).size).toBe(2);
    expect(stateOf(harness, name).phase).toBe('Rebooting');
  });

  it('skipped, the node is uncordoned', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, { kind: 'failed', said: 'says no: the backup is broken' });
    const name = await approved(harness);
    await decide(harness, name, { kind: 'skip' });
    expect([isCordoned(harness), calls(harness, 'order')]).toEqual([false, 0]);
  });

  it('may say no for good, and is not asked again', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, { kind: 'failed', said: 'says no: the backup is broken' });
    const name = await approved(harness);
    await harness.pass(10 * minute);
    expect(harness.hooks.questions).toHaveLength(1);
    expect(stateOf(harness, name)).toMatchObject({
      sentence: 'The hook before the reboot says no: the backup is broken.',
    });
  });

  it('is gone on without where the pool wants that, and the history says so once', async () => {
    const harness = harnessWith({ before: aHook({ onFailure: 'continue' }) });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    await harness.pass(5 * minute);
    expect([stateOf(harness, name).phase, calls(harness, 'drain')]).toEqual(['Rebooting', 2]);
    const told = harness.reboot(name).history.filter(({ what }) => what === 'hook-failed');
    expect(told).toMatchObject([
      { reason: expect.stringMatching(/ceph rebalances\. It had 5 min to say yes\. The reboot goes on/) },
    ]);
    const events = harness.cluster.events.filter(({ reason }) => reason === 'RebootHookFailed');
    expect(events).toHaveLength(1);
  });

  it('is asked once more by a bot that was away when its time ended', async () => {
    const harness = harnessWith({ before: aHook() });
    harness.hooks.answers.set(`${node} before`, notYet);
    const name = await approved(harness);
    harness.wakes.length = 0;
    harness.clock.advance(60 * minute);
    harness.hooks.answers.clear();
    await harness.service.resync();
    await harness.settle();
    expect(stateOf(harness, name).phase).toBe('Rebooting');
  });
});

describe('the hook after the proof', () => {
  async function proven(harness: ServiceHarness): Promise<string> {
    const name = await approved(harness);
    await harness.boots(node);
    await harness.pass(minute);
    return name;
  }

  it('is asked when the node has proven itself, which stays cordoned until it says yes', async () => {
    const harness = harnessWith({ after: aHook() });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await approved(harness);
    await harness.boots(node);
    await harness.pass(59 * second);
    expect(harness.hooks.questions).toEqual([]);
    await harness.pass(second);
    expect(asked(harness)).toMatchObject([{ step: 'after' }]);
    expect([stateOf(harness, name).phase, isCordoned(harness)]).toEqual(['Settling', true]);
    await harness.pass(2 * minute);
    expect([stateOf(harness, name).phase, isCordoned(harness)]).toEqual(['Settling', true]);
    harness.hooks.answers.clear();
    await harness.pass(15 * second);
    expect([stateOf(harness, name).phase, isCordoned(harness)]).toEqual(['Succeeded', false]);
  });

  it('is asked of a node that need not settle, once it is well', async () => {
    const harness = harnessWith({ after: aHook() }, { settleTime: 0 });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await approved(harness);
    harness.cluster.node(node).ready = false;
    Object.assign(harness.cluster.node(node), { bootId: 'boot-2' });
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(inPhase(harness, name, 'Settling').missing).not.toEqual([]);
    expect(asked(harness)).toEqual([]);
    await harness.boots(node);
    expect(inPhase(harness, name, 'Settling')).toMatchObject({
      missing: [],
      afterHook: { said: notYet.said },
    });
    expect(asked(harness)).toMatchObject([{ step: 'after' }]);
    harness.hooks.answers.clear();
    await harness.pass(15 * second);
    expect(stateOf(harness, name).phase).toBe('Succeeded');
  });

  it('has no say on a node that turns unhealthy: it is not asked, and the node settles once more', async () => {
    const harness = harnessWith({ after: aHook() });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(harness);
    harness.cluster.node(node).ready = false;
    await harness.queue.reconcileNode(node);
    await harness.settle();
    const { length } = harness.hooks.questions;
    harness.hooks.answers.clear();
    await harness.pass(2 * minute);
    expect(harness.hooks.questions).toHaveLength(length);
    expect(isCordoned(harness)).toBe(true);
    harness.cluster.node(node).ready = true;
    await harness.queue.reconcileNode(node);
    await harness.settle();
    await harness.pass(59 * second);
    expect(stateOf(harness, name).phase).toBe('Settling');
    await harness.pass(second);
    expect(stateOf(harness, name).phase).toBe('Succeeded');
  });

  it('gives a node that turns unhealthy late as long to settle as any other', async () => {
    const harness = harnessWith({ after: aHook({ timeout: 60 * minute }) });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(harness);
    await harness.pass(45 * minute);
    harness.cluster.node(node).ready = false;
    await harness.queue.reconcileNode(node);
    await harness.settle();
    expect(stateOf(harness, name).phase).toBe('Settling');
  });

  it('of a node that stays unhealthy is no reason to wait for ever', async () => {
    const harness = harnessWith({ after: aHook() });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(harness);
    harness.cluster.node(node).ready = false;
    await harness.queue.reconcileNode(node);
    await harness.settle();
    await harness.pass(30 * minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Failed', code: 'not-healthy' });
  });

  it('whose node boots once more meanwhile proves nothing', async () => {
    const harness = harnessWith({ after: aHook() });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(harness);
    await harness.boots(node, 'boot-3');
    harness.hooks.answers.clear();
    await harness.pass(minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Failed', code: 'rebooted-again' });
    expect(isCordoned(harness)).toBe(true);
  });

  it('fails: the node stays cordoned; a retry proves it and asks anew; skipped, it is uncordoned', async () => {
    const harness = harnessWith({ after: aHook({ timeout: minute }) });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(harness);
    await harness.pass(minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Failed', code: 'hook-failed' });
    expect(isCordoned(harness)).toBe(true);
    await decide(harness, name, { kind: 'retry' });
    expect(inPhase(harness, name, 'Settling').afterHook).toBeUndefined();
    await harness.pass(2 * minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Failed', code: 'hook-failed' });
    expect(new Set(asked(harness).map(({ since }) => since)).size).toBe(2);
    await decide(harness, name, { kind: 'skip' });
    expect(isCordoned(harness)).toBe(false);
  });

  it('is gone on without where the pool wants that', async () => {
    const harness = harnessWith({ after: aHook({ onFailure: 'continue', timeout: minute }) });
    harness.hooks.answers.set(`${node} after`, { kind: 'wait', said: 'cannot be asked: it is silent' });
    const name = await proven(harness);
    await harness.pass(minute);
    expect([stateOf(harness, name).phase, isCordoned(harness)]).toEqual(['Succeeded', false]);
    expect(harness.reboot(name).history.map(({ what }) => what)).toContain('hook-failed');
  });

  it('taken out of the configuration it is waited for no longer, nor that of a pool that is gone', async () => {
    const harness = harnessWith({ after: aHook() });
    harness.hooks.answers.set(`${node} after`, notYet);
    const name = await proven(harness);
    harness.policy(aPolicy({ pools: [aPool({ name: 'other', selector: 'none=such' })] }));
    await harness.pass(15 * second);
    expect([stateOf(harness, name).phase, isCordoned(harness)]).toEqual(['Succeeded', false]);
  });

  it('is kept by the cluster, or people are told that it is not', async () => {
    const harness = harnessWith({ after: aHook() });
    const save = harness.store.save.bind(harness.store);
    harness.store.save = async (reboot) => {
      if (reboot.state.phase !== 'Settling') return save(reboot);
      const { afterHook: _, ...state } = reboot.state;
      return save({ ...reboot, state });
    };
    const name = await proven(harness);
    expect(stateOf(harness, name)).toMatchObject({
      code: 'not-healthy',
      sentence: expect.stringContaining('custom resource definition'),
    });
  });
});
