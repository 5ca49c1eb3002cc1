import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statusOf } from '../../../src/k8s/api/kube-status.ts';
import type { BudgetView } from '../../../src/k8s/pods/budget-view.ts';
import type { EvictionOutcome } from '../../../src/k8s/drain/evict.ts';
import { Evictions } from '../../../src/k8s/drain/evictions.ts';
import { podView, type PodView } from '../../../src/k8s/pods/pod-view.ts';
import type { BudgetBlock } from '../../../src/reboot/state/drain-facts.ts';
import { second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { outcomeCounts } from '../../property-runs.ts';

const aPod = (name: string, extra: Partial<PodView> = {}): PodView => ({
  ...podView({
    metadata: { namespace: 'db', name, uid: `uid-${name}`, labels: { app: 'pg' } },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }),
  ...extra,
});
const aBudget = (allowed: number): BudgetView => ({
  namespace: 'db',
  name: 'pg',
  needed: 2,
  healthy: 2 + allowed,
  allowed,
  expected: 3 + allowed,
  written: 'minAvailable: 2',
  counted: true,
  alwaysAllowsUnhealthy: false,
  disrupted: [],
  selector: { matchLabels: { app: 'pg' } },
});
const words = {
  reason: 'DisruptionBudget',
  message: 'The disruption budget pg needs 2 healthy pods and has 2 currently',
};
const blocked: EvictionOutcome = {
  kind: 'blocked',
  status: statusOf({ details: { causes: [words] } }, 429),
  retryAfterSeconds: 0,
};

const later: EvictionOutcome = {
  kind: 'later',
  sentence: 'db/pg-0 could not be evicted (429): it is being moved',
  retryAfterSeconds: 1,
};

/** Evictions whose requests wait until the test answers them. */
function setup(options: { parallelism?: number; budgets?: BudgetView[]; storedBlocks?: BudgetBlock[] } = {}) {
  const clock = fakeClock();
  const { storedBlocks = [] } = options;
  const asked: { pod: string; force: boolean; answer: (outcome: EvictionOutcome) => Promise<void> }[] = [];
  const budgets = options.budgets ?? [aBudget(0)];
  const onRing: (() => void)[] = [];
  const evictions = new Evictions({
    clock,
    random: () => 1,
    budgets: () => budgets,
    storedBlocks,
    parallelism: options.parallelism ?? 10,
    notify: () => {
      for (const told of onRing.splice(0)) told();
    },
    send: (pod, force) => {
      const { promise, resolve } = Promise.withResolvers<EvictionOutcome>();
      const answer = async (outcome: EvictionOutcome): Promise<void> => {
        const rung = new Promise<void>((told) => void onRing.push(told));
        resolve(outcome);
        await rung;
      };
      asked.push({ pod: pod.name, force, answer });
      return promise;
    },
  });
  /** One step of the drain at the present time; returns the pods newly asked for. */
  const step = (pods: readonly PodView[], force = false): readonly string[] => {
    const before = asked.length;
    evictions.track(pods);
    evictions.launch(pods, force);
    return asked.slice(before).map(({ pod }) => pod);
  };
  const answerAll = (outcome: EvictionOutcome): Promise<unknown> =>
    Promise.all(asked.splice(0).map(({ answer }) => answer(outcome)));
  return { clock, evictions, asked, budgets, step, answerAll };
}

const pods = ['pg-0', 'pg-1', 'pg-2'].map((name) => aPod(name));

describe('evictions', () => {
  it('ask for no more pods at once than the policy allows', async () => {
    const { step, asked } = setup({ parallelism: 2, budgets: [] });
    expect(step(pods)).toEqual(['pg-0', 'pg-1']);
    expect(step(pods)).toEqual([]);
    await asked[0]?.answer({ kind: 'accepted' });
    expect(step(pods)).toEqual(['pg-2']);
  });

  it('ask once for a pod that is on its way', async () => {
    const { step, answerAll, clock, evictions } = setup({ budgets: [] });
    step(pods);
    await answerAll({ kind: 'accepted' });
    clock.advance(20 * second);
    expect(step(pods)).toEqual([]);
    expect(pods.every((pod) => evictions.isLeaving(pod))).toBe(true);
  });

  it('never ask for a pod that is being deleted', () => {
    const { step } = setup();
    expect(step([aPod('pg-0', { deletesAt: 1 })])).toEqual([]);
  });

  it('wait longer after each refusal of a budget, up to half a minute', async () => {
    const { step, answerAll, clock, evictions } = setup();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      expect(step(pods.slice(0, 1))).toEqual(['pg-0']);
      await answerAll(blocked);
      const next = evictions.nextAt(pods.slice(0, 1)) ?? 0;
      waits.push((next - clock.now()) / second);
      clock.set(next);
    }
    expect(waits).toEqual([10, 15, 22.5, 30, 30, 30, 30]);
  });

  it('wait as long as the server asks, when that is longer', async () => {
    const { step, answerAll, clock, evictions } = setup();
    step(pods.slice(0, 1));
    await answerAll({ ...blocked, retryAfterSeconds: 10 });
    expect(evictions.nextAt(pods.slice(0, 1))).toBe(clock.now() + 10 * second);
  });

  it('wake as many waiting pods as the budget has room for, and no more', async () => {
    const { step, answerAll, evictions, budgets } = setup();
    step(pods);
    await answerAll(blocked);
    expect(step(pods)).toEqual([]);
    budgets.splice(0, 1, aBudget(2));
    evictions.budgetChanged('db/pg');
    expect(step(pods)).toEqual(['pg-0', 'pg-1']);
    evictions.budgetChanged('db/pg');
    expect(step(pods)).toEqual([]);
  });

  it('ask for one of all pods that a budget without room holds back, and show the others as waiting too', async () => {
    const { step, answerAll, evictions, clock } = setup();
    expect(step(pods)).toEqual(['pg-0']);
    await answerAll(blocked);
    expect(step(pods)).toEqual([]);
    expect(evictions.blocks().map(({ pod, budget, needed }) => [pod, budget, needed])).toEqual([
      ['db/pg-0', 'db/pg', 2],
      ['db/pg-1', 'db/pg', 2],
      ['db/pg-2', 'db/pg', 2],
    ]);
    clock.set(evictions.nextAt(pods) ?? clock.now());
    expect(step(pods)).toEqual(['pg-0']);
  });

  it('do not try again at once when a budget changes and has no room', async () => {
    const { step, answerAll, evictions, budgets } = setup();
    step(pods);
    await answerAll(blocked);
    budgets.splice(0, 1, { ...aBudget(0), healthy: 1 });
    evictions.budgetChanged('db/pg');
    expect(step(pods)).toEqual([]);
  });

  it('wait for a budget to count the pods it let go before they ask for more than it allowed', async () => {
    const { step, answerAll, evictions, budgets, clock } = setup({ budgets: [aBudget(1)] });
    expect(step(pods)).toEqual(['pg-0']);
    await answerAll({ kind: 'accepted' });
    expect(step(pods)).toEqual([]);
    // Some other news of the budget.
    budgets.splice(0, 1, { ...aBudget(1), healthy: 4 });
    evictions.budgetChanged('db/pg');
    expect(step(pods)).toEqual([]);
    budgets.splice(0, 1, { ...aBudget(0), disrupted: ['pg-0'] });
    evictions.budgetChanged('db/pg');
    budgets.splice(0, 1, aBudget(1));
    evictions.budgetChanged('db/pg');
    expect(step(pods)).toEqual(['pg-1']);
    // A budget without events must not block the drain for ever.
    await answerAll({ kind: 'accepted' });
    expect(step(pods)).toEqual([]);
    clock.set(evictions.nextAt(pods) ?? clock.now());
    expect(step(pods)).toEqual(['pg-2']);
  });

  it('do not wait for the news of an eviction that came before its answer', async () => {
    const { step, answerAll, evictions, budgets } = setup({ budgets: [aBudget(1)] });
    step(pods);
    budgets.splice(0, 1, { ...aBudget(0), disrupted: ['pg-0'] });
    evictions.budgetChanged('db/pg');
    budgets.splice(0, 1, aBudget(1));
    evictions.budgetChanged('db/pg');
    await answerAll({ kind: 'accepted' });
    expect(step(pods)).toEqual(['pg-1']);
  });

  it('ask for a few pods of one budget at a time, and for those of others beside them', () => {
    const many = Array.from({ length: 6 }, (_, index) => aPod(`pg-${index}`));
    const others = Array.from({ length: 6 }, (_, index) => aPod(`web-${index}`, { labels: { app: 'web' } }));
    const web = { ...aBudget(6), name: 'web', selector: { matchLabels: { app: 'web' } } };
    const { step } = setup({ parallelism: 20, budgets: [aBudget(6), web] });
    expect(step([...many, ...others])).toEqual(['pg-0', 'pg-1', 'pg-2', 'web-0', 'web-1', 'web-2']);
  });

  it('leave it to the server to refuse a pod of several budgets', () => {
    const { step } = setup({ budgets: [aBudget(0), { ...aBudget(0), name: 'all' }] });
    expect(step(pods)).toEqual(['pg-0', 'pg-1', 'pg-2']);
  });

  it('never ask more pods of a budget at once than it allows, whatever happens', async () => {
    const event = fc.record({
      allowed: fc.integer({ min: 0, max: 4 }),
      seconds: fc.integer({ min: 0, max: 40 }),
      answer: fc.constantFrom<EvictionOutcome>(blocked, { kind: 'accepted' }, later),
    });
    const met = outcomeCounts<'asked' | 'not asked'>();
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
        const { step, asked, evictions, budgets, clock } = setup({ parallelism: 20 });
        const many = Array.from({ length: 8 }, (_, index) => aPod(`pg-${index}`));
        for (const { allowed, seconds, answer } of events) {
          budgets.splice(0, 1, aBudget(allowed));
          evictions.budgetChanged('db/pg');
          const before = asked.length;
          step(many);
          met.saw(asked.length > before ? 'asked' : 'not asked');
          if (asked.length > before) expect(asked.length).toBeLessThanOrEqual(Math.max(1, allowed));
          await asked.shift()?.answer(answer);
          clock.advance(seconds * second);
        }
      }),
    );
    met.atLeast({ asked: 100, 'not asked': 100 });
  });

  it('wake everybody who waits when the budget is deleted, and nobody when another one changes', async () => {
    const { step, answerAll, evictions, budgets } = setup();
    step(pods);
    await answerAll(blocked);
    evictions.budgetChanged('db/other');
    expect(step(pods)).toEqual([]);
    budgets.splice(0);
    evictions.budgetChanged('db/pg');
    expect(step(pods)).toHaveLength(3);
  });

  it('ask again at once for a pod that is no longer ready: its budget may let it go', async () => {
    const { step, answerAll } = setup();
    step(pods.slice(0, 1));
    await answerAll(blocked);
    expect(step([aPod('pg-0', { ready: false })])).toEqual(['pg-0']);
  });

  it('name the budget that blocks until the pod goes', async () => {
    const { step, answerAll, evictions, clock } = setup();
    step(pods.slice(0, 1));
    await answerAll(blocked);
    expect(evictions.blocks()).toEqual([
      {
        budget: 'db/pg',
        needed: 2,
        healthy: 2,
        allowed: 0,
        pod: 'db/pg-0',
        since: toTimestamp(clock.now()),
        kind: 'now',
        written: 'minAvailable: 2',
        expected: 3,
      },
    ]);
    step([aPod('pg-0', { deletesAt: 1 })]);
    expect(evictions.blocks()).toEqual([]);
  });

  it('count the wait for a budget from its first refusal, whatever trouble comes between', async () => {
    const { step, answerAll, evictions, clock } = setup();
    const one = pods.slice(0, 1);
    const began = toTimestamp(clock.now());
    const broken: EvictionOutcome = { kind: 'trouble', sentence: 'db/pg-0 could not be evicted (500): x' };
    for (const outcome of [blocked, broken, blocked, later, blocked]) {
      step(one);
      await answerAll(outcome);
      clock.advance(60 * second);
    }
    expect(evictions.blocks().map(({ since }) => since)).toEqual([began]);
  });

  it('count anew once the pod was let go, or another budget refuses it', async () => {
    const { step, answerAll, evictions, clock } = setup();
    const one = pods.slice(0, 1);
    const other: EvictionOutcome = {
      ...blocked,
      status: statusOf(
        { details: { causes: [{ ...words, message: words.message.replace('pg', 'all') }] } },
        429,
      ),
    };
    for (const outcome of [blocked, other, { kind: 'accepted' } as const, other]) {
      step(one);
      await answerAll(outcome);
      if (outcome.kind === 'blocked')
        expect(evictions.blocks().map(({ since }) => since)).toEqual([toTimestamp(clock.now())]);
      clock.advance(60 * second);
    }
  });

  it('count on from what was stored, for the same pod and the same budget', async () => {
    const block = { budget: 'db/pg', needed: 2, healthy: 2, allowed: 0 };
    const since = '2026-11-22T11:00:00.000Z';
    const storedBlocks = [
      { ...block, pod: 'db/pg-0', since },
      { ...block, pod: 'db/pg-1', budget: 'db/other', since },
    ];
    const { step, answerAll, evictions, clock } = setup({ storedBlocks });
    step(pods);
    await answerAll(blocked);
    const now = toTimestamp(clock.now());
    expect(evictions.blocks().map((held) => held.since)).toEqual([since, now, now]);
  });

  it('bear trouble twenty times in a row, and start counting anew after any other answer', async () => {
    const { step, answerAll, clock, evictions } = setup();
    const one = pods.slice(0, 1);
    const round = async (outcome: EvictionOutcome): Promise<void> => {
      step(one);
      await answerAll(outcome);
      clock.set(evictions.nextAt(one) ?? clock.now());
    };
    const trouble: EvictionOutcome = {
      kind: 'trouble',
      sentence: 'db/pg-0 could not be evicted (500): broken',
    };
    for (let count = 0; count < 19; count += 1) await round(trouble);
    expect(evictions.givenUp()).toBeUndefined();
    await round(blocked);
    for (let count = 0; count < 19; count += 1) await round(trouble);
    expect(evictions.givenUp()).toBeUndefined();
    expect(evictions.troubles()).toEqual(['db/pg-0 could not be evicted (500): broken']);
    await round(trouble);
    expect(evictions.givenUp()).toBe('db/pg-0 could not be evicted (500): broken');
  });

  it('tell of a pod that may not go now, and ask for it rarer and rarer, for as long as the drain may take', async () => {
    const { step, answerAll, clock, evictions } = setup({ budgets: [] });
    const one = pods.slice(0, 1);
    const waits: number[] = [];
    for (let count = 0; count < 30; count += 1) {
      expect(step(one)).toEqual(['pg-0']);
      await answerAll(later);
      expect(evictions.troubles()).toEqual(['db/pg-0 could not be evicted (429): it is being moved']);
      const next = evictions.nextAt(one) ?? 0;
      waits.push((next - clock.now()) / second);
      clock.set(next);
    }
    expect(waits.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(evictions.givenUp()).toBeUndefined();
    step(one);
    await answerAll({ kind: 'accepted' });
    expect(evictions.troubles()).toEqual([]);
  });

  it('look soon again at a pod whose name seemed to be another’s', async () => {
    const { step, answerAll, clock, evictions } = setup();
    step(pods.slice(0, 1));
    await answerAll({ kind: 'replaced' });
    expect(evictions.nextAt(pods.slice(0, 1))).toBe(clock.now() + 2 * second);
  });

  it('ask at once for everybody, by force, when told to ignore budgets', async () => {
    const { step, answerAll, evictions, asked, clock } = setup();
    step(pods);
    await answerAll(blocked);
    evictions.ignoreBudgets();
    expect(evictions.nextAt(pods)).toBe(clock.now());
    expect(step(pods, true)).toHaveLength(3);
    expect(asked.every(({ force }) => force)).toBe(true);
    expect(evictions.blocks()).toEqual([]);
  });
});
