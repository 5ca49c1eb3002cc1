import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Budget, judgeEviction } from '../../../demo/kube/objects/eviction.ts';
import { outcomeCounts } from '../../property-runs.ts';

const running = { phase: 'Running', terminating: false, ready: true };
const budget: Budget = {
  name: 'pg',
  generation: 1,
  observedGeneration: 1,
  disruptionsAllowed: 1,
  currentHealthy: 3,
  desiredHealthy: 2,
  disruptedPods: 0,
  unhealthyPods: 'IfHealthyBudget',
};

const anyBudget = fc.record<Budget>({
  name: fc.constant('pg'),
  generation: fc.integer({ min: 1, max: 3 }),
  observedGeneration: fc.integer({ min: 0, max: 3 }),
  disruptionsAllowed: fc.integer({ min: -1, max: 3 }),
  currentHealthy: fc.integer({ min: 0, max: 5 }),
  desiredHealthy: fc.integer({ min: 0, max: 5 }),
  disruptedPods: fc.constantFrom(0, 2000, 2001),
  unhealthyPods: fc.constantFrom('IfHealthyBudget', 'AlwaysAllow'),
});

describe('judging an eviction', () => {
  it.each([
    ['a pod that no budget selects', running, [], 'allowed'],
    ['a healthy pod of a budget with room', running, [budget], 'allowed-by-budget'],
    [
      'a healthy pod of a budget without',
      running,
      [{ ...budget, disruptionsAllowed: 0 }],
      'budget-exhausted',
    ],
    ['a pod of two budgets', running, [budget, budget], 'several-budgets'],
    [
      'a pod of a budget nobody has looked at',
      running,
      [{ ...budget, generation: 2 }],
      'budget-not-observed',
    ],
    ['a pod of a budget that is in debt', running, [{ ...budget, disruptionsAllowed: -1 }], 'budget-broken'],
    ['one of 2001 unconfirmed evictions', running, [{ ...budget, disruptedPods: 2001 }], 'budget-broken'],
    ['a finished pod of two budgets', { ...running, phase: 'Succeeded' }, [budget, budget], 'allowed'],
    [
      'a pod that has not started',
      { ...running, phase: 'Pending' },
      [{ ...budget, disruptionsAllowed: 0 }],
      'allowed',
    ],
    [
      'an unready pod while enough others are healthy',
      { ...running, ready: false },
      [{ ...budget, disruptionsAllowed: 0 }],
      'allowed-unchanged',
    ],
    [
      'an unready pod while too few are',
      { ...running, ready: false },
      [{ ...budget, disruptionsAllowed: 0, currentHealthy: 1 }],
      'budget-exhausted',
    ],
    [
      'an unready pod of a budget that lets them go',
      { ...running, ready: false },
      [{ ...budget, disruptionsAllowed: 0, currentHealthy: 0, unhealthyPods: 'AlwaysAllow' as const }],
      'allowed-unchanged',
    ],
  ])('%s', (_what, pod, budgets, expected) => {
    expect(judgeEviction(pod, budgets).kind).toBe(expected);
  });

  it('never takes a disruption that the budget does not have', () => {
    const met = outcomeCounts<string>();
    fc.assert(
      fc.property(anyBudget, fc.boolean(), (one, ready) => {
        const verdict = judgeEviction({ ...running, ready }, [one]);
        met.saw(verdict.kind);
        if (verdict.kind === 'allowed-by-budget') expect(one.disruptionsAllowed).toBeGreaterThan(0);
        if (verdict.kind === 'budget-exhausted') expect(one.disruptionsAllowed).toBe(0);
        if (ready) expect(['allowed', 'allowed-unchanged']).not.toContain(verdict.kind);
      }),
    );
    met.atLeast({ 'allowed-unchanged': 3, 'allowed-by-budget': 10, 'budget-exhausted': 5 });
  });
});
