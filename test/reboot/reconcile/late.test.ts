/**
 * Two workers: one is suspended just before a call, the other continues to the end and beyond, and the first
 * resumes.
 */
import { describe, expect, it } from 'vitest';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type { Phase, Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { chaosWorld, type Process } from '../../fakes/chaos/world.ts';

const policy = aPolicy({
  pools: [aPool({ maxUnavailable: { count: 2 }, rebootTimeout: 2 * minute, settleTime: second })],
});
const idle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function setup() {
  const world = chaosWorld(policy, ['n1', 'n2']);
  const late = world.start();
  const other = world.start();
  const gateOf = (process: Process) => world.gates.held.find((gate) => gate.process === process.id);

  /** Lets a process do all there is to do; `until` stops it before the first such call. */
  const work = async (process: Process, until?: string): Promise<void> => {
    for (;;) {
      const gate = gateOf(process);
      if (gate?.call === until && until !== undefined) return;
      const job = gate ? undefined : world.waiting.shift();
      if (!gate && !job) return;
      gate?.open('done');
      if (job) world.begin(process, job);
      await idle();
      world.sync(other);
      world.sync(late);
    }
  };
  /** What a process has begun, and nothing new. */
  const finish = async (process: Process): Promise<void> => {
    await idle();
    for (let gate = gateOf(process); gate; gate = gateOf(process)) {
      gate.open('done');
      await idle();
    }
  };
  /** The click alone: nothing that follows from it. */
  const answer = async (request: DecisionRequest): Promise<void> => {
    void other.service.decide(reboot().name, request, aPerson());
    await finish(other);
    world.sync(late);
  };
  const decide = async (request: DecisionRequest, worker = other, until?: string): Promise<void> => {
    await answer(request);
    world.sync(worker);
    await work(worker, until);
  };
  const reboot = (): Reboot => {
    const found = world.store.all().find(({ node }) => node.name === 'n1');
    if (!found) throw new Error('no reboot of n1');
    return found;
  };
  return {
    world,
    late,
    other,
    work,
    finish,
    answer,
    decide,
    reboot,
    phase: (): Phase => reboot().state.phase,
    turns: () => world.ledger.now().turns.map(({ node }) => node),
    /** Approved, with the first step in the hands of the worker that will be late. */
    approved: async (until: string): Promise<void> => {
      world.put('look', 'n1');
      await work(other);
      await answer({ kind: 'approve', mode: 'now', digest: reboot().need.digest });
      await work(late, until);
      world.freeze(late);
    },
  };
}

describe('a worker that wakes up late', () => {
  it('with a turn that it took for a start: leaves it to the reboot that is under way by then', async () => {
    const { approved, work, other, late, phase, turns } = setup();
    await approved('take');
    await work(late, 'save');
    await work(other);
    expect(phase()).toBe('Rebooting');
    await work(late);
    expect(turns()).toEqual(['n1']);
  });

  it.each([
    ['takes a new one', undefined, true],
    ['disturbs nothing when there is none', 'n2', false],
  ])('to start what was cancelled and approved anew, its turn gone: %s', async (_, holder, started) => {
    const { approved, work, decide, other, late, turns, reboot, world, answer } = setup();
    await approved('take');
    await work(late, 'save');
    await decide({ kind: 'cancel' });
    expect(turns()).toEqual([]);
    await decide({ kind: 'ask-again' });
    await answer({ kind: 'approve', mode: 'now', digest: reboot().need.digest });
    if (holder !== undefined) {
      const turn = { reboot: 'r2', node: holder, pool: 'workers', controlPlane: false, since: '' };
      await world.ledger.take(turn, { cluster: 1, pool: 1 });
    }
    world.waiting.length = 0;
    await work(late);
    expect(world.cluster.node('n1').unschedulable).toBe(started);
    expect(turns()).toEqual([holder ?? 'n1']);
    expect(other.frozen).toBe(false);
  });

  it('before the cordon: does not cordon what was cancelled', async () => {
    const { approved, work, decide, late, phase, turns, world } = setup();
    await approved('cordon');
    await decide({ kind: 'cancel' });
    expect(phase()).toBe('Cancelled');
    await work(late);
    expect(world.cluster.node('n1').unschedulable).toBe(false);
    expect(turns()).toEqual([]);
  });

  it('before the order: orders nothing that was given up', async () => {
    const { approved, work, decide, other, late, phase, world } = setup();
    await approved('order');
    // Its agent refuses, so that the node goes back to work when it is given up.
    world.cluster.agentOf('n1').report = aReport({
      order: { endBoot: 'boot-1', state: 'refused', at: '2026-11-22T12:00:00Z', message: 'no' },
    });
    await work(other);
    world.tick(3 * minute);
    await work(other);
    expect(phase()).toBe('Failed');
    await decide({ kind: 'skip' });
    expect(world.cluster.node('n1').unschedulable).toBe(false);
    await work(late);
    expect(world.cluster.agentOf('n1').endBoot).toBeUndefined();
  });

  it.each(['uncordon', 'release'])(
    'before the %s of a cancelled drain: takes nothing from the one that was approved since',
    async (call) => {
      const { approved, work, answer, decide, late, phase, turns, reboot, world, other } = setup();
      await approved('empty');
      world.kill(late);
      const sleeper = world.start();
      await answer({ kind: 'cancel' });
      await work(sleeper, call);
      world.freeze(sleeper);
      await work(other);
      expect(reboot()).toMatchObject({
        state: { phase: 'Cancelled' },
        cleanup: { endedAt: expect.any(String) },
      });
      await decide({ kind: 'ask-again' });
      await decide({ kind: 'approve', mode: 'now', digest: reboot().need.digest });
      expect(phase()).toBe('Rebooting');
      await work(sleeper);
      expect(world.cluster.node('n1').unschedulable).toBe(true);
      expect(turns()).toEqual(['n1']);
    },
  );

  it('with the proof of a drain that was begun anew since: proves nothing', async () => {
    const { approved, work, finish, decide, late, phase, world, other } = setup();
    await approved('empty');
    await work(late, 'save');
    world.cluster.node('n1').unschedulable = false;
    world.sync(other);
    world.put('look', 'n1');
    await work(other);
    expect(phase()).toBe('Failed');
    world.loaded.add('n1');
    // The new drain has only begun when the late one comes with what it saw before.
    const third = world.start();
    world.waiting.length = 0;
    world.tick(second);
    await decide({ kind: 'retry' }, third, 'empty');
    expect(phase()).toBe('Draining');
    await finish(late);
    expect(phase()).toBe('Draining');
  });
});
