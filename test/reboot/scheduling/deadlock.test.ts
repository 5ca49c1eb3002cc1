/** Two drains that are held by the same budget: one of them gives way. */
import { describe, expect, it } from 'vitest';
import { decisionsIn } from '../../../src/reboot/state/decision.ts';
import { givesWayAt } from '../../../src/reboot/scheduling/plan/deadlock.ts';
import type { BudgetBlock } from '../../../src/reboot/state/drain-facts.ts';
import { type Draining, type In, isIn } from '../../../src/reboot/state/reboot.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aReboot, at, mia, noon } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';
import { draining } from '../../fakes/states.ts';

const pg: BudgetBlock = { budget: 'db/pg', needed: 2, healthy: 1, allowed: 0, pod: 'db/pg-0', kind: 'now' };
const told = (...waiting: readonly BudgetBlock[]) => ({
  at: at(0),
  total: 3,
  gone: 2,
  leaving: [],
  waiting,
  trouble: [],
});
const pool = aPool({ drain: { ...aPool().drain, timeout: 15 * minute } });

function drains(name: string, since: number, more: Partial<Draining> = {}): In<'Draining'> {
  const state = draining({
    cordon: 'us',
    since: at(since),
    drain: told(pg),
    deadline: at(9 * hour),
    ...more,
  });
  const reboot = { ...aReboot(), name, state };
  if (!isIn(reboot, 'Draining')) throw new Error('not draining');
  return reboot;
}

describe('of two drains that one budget holds', () => {
  const [first, second] = [drains('a', 0), drains('b', minute)];

  it('the one that began later gives way, when both have been held for a third of its time', () => {
    expect(givesWayAt(second, [first, second], pool)).toBe(noon + 6 * minute);
    expect(givesWayAt(first, [first, second], pool)).toBeUndefined();
  });

  it('exactly one gives way also where both began at once', () => {
    const both = [drains('a', 0), drains('b', 0)];
    expect(both.map((one) => givesWayAt(one, both, pool) !== undefined)).toEqual([false, true]);
  });

  it.each<[string, In<'Draining'>]>([
    ['another budget holds the other', drains('a', 0, { drain: told({ ...pg, budget: 'shop/web' }) })],
    ['the other is held by none', drains('a', 0, { drain: told() })],
    ['the budget never allows anything', drains('a', 0, { drain: told({ ...pg, kind: 'never' }) })],
    ['the other is forced', drains('a', 0, { force: { by: mia, at: at(0), reason: 'x' } })],
  ])('none gives way when %s', (_, other) => {
    expect(givesWayAt(second, [other, second], pool)).toBeUndefined();
  });

  it('it is undone and told, though nobody waits for its turn, and the other goes on', async () => {
    const roomy = { ...pool, concurrency: 2, maxUnavailable: { count: 2 } };
    const harness = serviceHarness(aPolicy({ concurrency: 2, pools: [roomy] }));
    harness.cluster.drains([{ kind: 'progress', progress: told(pg) }]);
    const names: string[] = [];
    for (const node of ['w1', 'w2']) {
      const { name } = await harness.sentinel({ name: node });
      const { digest } = harness.reboot(name).need;
      await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
      await harness.settle();
      await harness.pass(minute);
      names.push(name);
    }
    const phases = (): readonly string[] => names.map((name) => harness.reboot(name).state.phase);
    expect(phases()).toEqual(['Draining', 'Draining']);
    await harness.pass(6 * minute);
    expect(phases()).toEqual(['Draining', 'Approved']);
    expect(harness.cluster.node('w2').unschedulable).toBe(false);
    expect(decisionsIn(harness.reboot(names[1] ?? '').history).at(-1)).toMatchObject({
      what: 'undone',
      reason: expect.stringMatching(
        /^w2's drain was undone: budget db\/pg allowed nothing for \d+ min.*, and another node that drains waited for the same\. The node takes pods again/,
      ),
    });
  });
});
