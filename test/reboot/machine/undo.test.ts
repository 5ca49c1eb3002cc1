/** Drains that are undone without anybody cancelling them, and tried again. */
import { describe, expect, it } from 'vitest';
import { decisionsIn } from '../../../src/reboot/state/decision.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { isIn, type Reboot } from '../../../src/reboot/state/reboot.ts';
import { stuckSince } from '../../../src/reboot/deadlines/stuck.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { wakeAt } from '../../../src/reboot/deadlines/next-wake.ts';
import { aDecision, aNode, aPerson, aPolicy, aPool, at, aWindow, mia, noon } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { draining, inState, rebooting } from '../../fakes/states.ts';

// Sunday 11:00–13:00 UTC: an hour is left at noon.
const windows = [aWindow({ days: ['sun'], start: 11 * 60, length: 120, timeZone: 'UTC' })];
const strict: Partial<PoolPolicy> = { windows, whenWindowCloses: 'undo', finishInWindow: false };

async function approve(harness: ServiceHarness, name: string, mode: 'now' | 'window'): Promise<void> {
  const { digest } = harness.reboot(name).need;
  await harness.service.decide(name, { kind: 'approve', mode, digest }, aPerson());
}

describe('when the window closes on a drain', () => {
  const context = (pool: Partial<PoolPolicy>, now: number) => ({ pool: aPool(pool), now });
  const seen = {
    type: 'observed',
    observation: { node: aNode({ unschedulable: true }), daemonPodsNotReady: [] },
  } as const;
  const forWindow = inState(draining({ decision: aDecision({ mode: 'window' }), deadline: at(9 * hour) }));
  const after = (reboot: Reboot, pool: Partial<PoolPolicy>, now: number): Reboot => {
    const step = transition(reboot, seen, context(pool, now));
    if (!step.ok) throw new Error(step.rejection.sentence);
    return step.reboot;
  };

  it('it is undone where the pool says so, and waits by the same decision', () => {
    const undone = after(forWindow, strict, noon + hour);
    expect(undone.state).toMatchObject({
      phase: 'Undoing',
      undo: { why: 'window-closed', times: 1 },
    });
    const again = transition(undone, { type: 'cleaned-up' }, context(strict, noon + hour));
    expect(again.ok && again.reboot.state).toMatchObject({
      phase: 'Approved',
      decision: aDecision({ mode: 'window' }),
      retry: { why: 'window-closed', at: at(hour), notBefore: at(hour + 5 * minute) },
    });
  });

  it.each<[string, Reboot, Partial<PoolPolicy>, number]>([
    ['the window is still open', forWindow, strict, noon + hour - minute],
    ['the pool finishes what is running', forWindow, { ...strict, whenWindowCloses: 'finish' }, noon + hour],
    [
      'it was approved for now',
      inState(draining({ decision: aDecision({ mode: 'now' }), deadline: at(9 * hour) })),
      strict,
      noon + hour,
    ],
    [
      'a person has forced it',
      inState(
        draining({
          decision: aDecision({ mode: 'window' }),
          deadline: at(9 * hour),
          force: { by: mia, at: at(0), reason: 'x' },
        }),
      ),
      strict,
      noon + hour,
    ],
  ])('it goes on when %s', (_, reboot, pool, now) => {
    expect(after(reboot, pool, now).state.phase).toBe('Draining');
  });

  it('what was ordered is finished', () => {
    const ordered = inState(rebooting({ decision: aDecision({ mode: 'window' }), deadline: at(9 * hour) }));
    expect(
      transition(ordered, { type: 'undone', why: 'window-closed' }, context(strict, noon + hour)),
    ).toMatchObject({ ok: false });
  });
});

describe('a drain that is stuck', () => {
  const budget = { budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' };
  const progress = { at: at(0), total: 3, gone: 2, leaving: [], waiting: [budget], trouble: [] };

  /** w1 drains and waits for a budget; w2 is approved behind it. */
  async function queue(pool: Partial<PoolPolicy>, waiting = [budget]) {
    const policy = aPolicy({
      pools: [
        aPool({ maxUnavailable: { count: 2 }, ...pool, drain: { ...aPool().drain, timeout: 9 * hour } }),
      ],
    });
    const harness = serviceHarness(policy);
    harness.cluster.drains([{ kind: 'progress', progress: { ...progress, waiting } }]);
    const first = await harness.sentinel({ name: 'w1' });
    const next = await harness.sentinel({ name: 'w2' });
    await approve(harness, first.name, 'now');
    await harness.settle();
    await approve(harness, next.name, 'now');
    await harness.settle();
    const phases = (): readonly string[] => [first, next].map(({ name }) => harness.reboot(name).state.phase);
    expect(phases()).toEqual(['Draining', 'Approved']);
    return { harness, phases, first };
  }

  it('gives its turn to the next that waits, uncordoned, and goes to the back of the queue', async () => {
    const { harness, phases, first } = await queue({ giveUpTurnAfter: 10 * minute });
    await harness.pass(9 * minute);
    expect(phases()).toEqual(['Draining', 'Approved']);
    await harness.pass(2 * minute);
    expect(phases()).toEqual(['Approved', 'Draining']);
    expect(harness.cluster.node('w1').unschedulable).toBe(false);
    expect(harness.ledger.now().turns.map(({ node }) => node)).toEqual(['w2']);
    expect(decisionsIn(harness.reboot(first.name).history).at(-1)).toMatchObject({
      what: 'undone',
      reason:
        "w1's drain was undone: budget db/pg allowed nothing for 10 min, and others waited for its turn. The node takes pods again; next try in 5 min, or as soon as the budget has room (1 of 3).",
    });
  });

  it('does so once: two that are stuck do not evict each other’s pods for ever', async () => {
    const { harness, phases } = await queue({ giveUpTurnAfter: 10 * minute });
    await harness.pass(2 * hour);
    expect(phases()).toEqual(['Approved', 'Draining']);
  });

  it.each<[string, Partial<PoolPolicy>, readonly (typeof budget)[]]>([
    ['its pool does not say so', {}, [budget]],
    ['it is slow, and no budget holds it back', { giveUpTurnAfter: 10 * minute }, []],
  ])('keeps it when %s', async (_, pool, waiting) => {
    const { harness, phases } = await queue(pool, [...waiting]);
    await harness.pass(hour);
    expect(phases()).toEqual(['Draining', 'Approved']);
  });

  it('keeps it when the other waits for something else as well', async () => {
    const { harness, phases } = await queue({ giveUpTurnAfter: 10 * minute });
    await harness.pauses.put({ scope: { kind: 'node', node: 'w2' } });
    await harness.pass(hour);
    expect(phases()).toEqual(['Draining', 'Approved']);
  });
});

describe('a drain that budgets let go on, however slowly', () => {
  const since = at(0);
  const told = (gone: number, minutes: number, pods: readonly string[]) => ({
    at: at(minutes * minute),
    total: 4,
    gone,
    leaving: [],
    waiting: pods.map((pod) => ({ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod, since })),
    trouble: [],
  });

  it('is not stuck while its pods go one by one, and is from the last of them on', () => {
    const context = { pool: aPool(), now: noon };
    let reboot = inState(draining({ cordon: 'us', deadline: at(9 * hour) }));
    const tell = (...progress: Parameters<typeof told>): void => {
      const step = transition(reboot, { type: 'drain-progressed', progress: told(...progress) }, context);
      if (!step.ok) throw new Error(step.rejection.sentence);
      reboot = step.reboot;
    };
    const stuck = (): number | undefined => (isIn(reboot, 'Draining') ? stuckSince(reboot.state) : undefined);
    tell(0, 0, ['db/a', 'db/b', 'db/c']);
    expect(stuck()).toBe(noon);
    tell(1, 4, ['db/b', 'db/c']);
    tell(2, 8, ['db/c']);
    tell(2, 9, ['db/c']);
    expect(stuck()).toBe(noon + 8 * minute);
    tell(3, 12, []);
    expect(stuck()).toBeUndefined();
  });

  it('is woken when its turn is to be given up, counted from when it was held back', () => {
    const state = { cordon: 'us', deadline: at(9 * hour), since: at(0) } as const;
    const waiting = told(0, 7, ['db/a']).waiting.map((block) => ({ ...block, since: at(7 * minute) }));
    const reboot = inState(draining({ ...state, drain: { ...told(0, 7, []), waiting } }));
    const pool = aPool({ giveUpTurnAfter: 10 * minute });
    expect(wakeAt(reboot, pool, noon + 17 * minute - 1000)).toBe(noon + 17 * minute);
    expect(wakeAt(reboot, pool, noon + 16 * minute + 55_000)).toBe(noon + 17 * minute);
  });
});

describe('a stuck drain that has the only turn of the cluster', () => {
  const budget = { budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' };
  const waiting = [budget];

  async function pools(two: Partial<PoolPolicy> = {}) {
    const drain = { ...aPool().drain, timeout: 9 * hour };
    const one = aPool({ giveUpTurnAfter: 10 * minute, maxUnavailable: { count: 2 }, drain });
    const other = aPool({ ...two, name: 'gpu', selector: 'gpu=yes', drain });
    const harness = serviceHarness(aPolicy({ concurrency: 1, pools: [other, one] }));
    harness.cluster.drains([
      {
        kind: 'progress',
        progress: { at: at(0), total: 3, gone: 2, leaving: [], waiting, trouble: [] },
      },
    ]);
    const first = await harness.sentinel({ name: 'w1' });
    await approve(harness, first.name, 'now');
    await harness.settle();
    const next = await harness.sentinel({ name: 'g1', labels: { gpu: 'yes' } });
    await approve(harness, next.name, 'now');
    await harness.settle();
    const phases = (): readonly string[] => [first, next].map(({ name }) => harness.reboot(name).state.phase);
    expect(phases()).toEqual(['Draining', 'Approved']);
    return { harness, phases };
  }

  it('gives way to a node of another pool', async () => {
    const { harness, phases } = await pools();
    await harness.pass(11 * minute);
    expect(phases()).toEqual(['Approved', 'Draining']);
  });

  it('keeps it when that node would not go first: nobody’s pods are evicted in turns', async () => {
    const { harness, phases } = await pools();
    harness.ownNodes.push('g1');
    await harness.pass(2 * hour);
    expect(phases()).toEqual(['Draining', 'Approved']);
  });
});
