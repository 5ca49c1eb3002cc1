import { describe, expect, it } from 'vitest';
import { stepBurst, type StepRate, takeStep } from '../../../src/reboot/loop/step-rate.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

/** The waits of so many steps, each taken `gap` after it may be. */
function waitsOf(steps: number, gap = 0) {
  const waits: number[] = [];
  let rate: StepRate | undefined;
  let now = 0;
  for (let step = 0; step < steps; step += 1) {
    rate = takeStep(rate, now);
    waits.push(rate.notBefore - now);
    now = rate.notBefore + gap;
  }
  return { waits, rate, now };
}

describe('the rate of the steps of one Reboot', () => {
  it('lets a whole reboot pass at once', () => {
    expect(new Set(waitsOf(stepBurst).waits)).toEqual(new Set([0]));
  });

  it('slows down what does not come to rest, up to a minute for each step', () => {
    const { waits } = waitsOf(stepBurst + 9);
    expect(waits.slice(stepBurst)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((wait) => wait * second));
  });

  it('does not slow down a step now and then', () => {
    expect(new Set(waitsOf(500, 5 * second).waits)).toEqual(new Set([0]));
  });

  it('ends the back-off after some minutes of rest', () => {
    const { rate, now } = waitsOf(stepBurst + 5);
    const rested = now + 5 * minute;
    expect(takeStep(rate, rested)).toMatchObject({ notBefore: rested, waited: 0 });
  });

  it('keeps two phases that lead to each other from going on without an end', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel();
    const save = harness.store.save.bind(harness.store);
    // Another writer takes every start back.
    harness.store.save = async (reboot) => {
      const before = await harness.store.get(name);
      const saved = await save(reboot);
      if (typeof saved !== 'string' && saved.state.phase === 'Draining' && before) {
        harness.store.put({ ...saved, state: before.state });
        await harness.queue.plan();
      }
      return saved;
    };
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
    await harness.settle();
    const told = harness.cluster.events.filter(({ reason }) => reason === 'RebootRestless');
    expect(told.map(({ note }) => note)).toEqual([expect.stringContaining('Approved')]);
    expect(harness.wakes.some(({ id, kind }) => id === name || kind === 'plan')).toBe(true);
    // A wake-up in between does not begin a step.
    const before = harness.cluster.log.length;
    await harness.queue.reconcile(name);
    await harness.queue.plan();
    await harness.settle();
    expect(harness.cluster.log.slice(before).filter((entry) => entry.startsWith('freshNodes'))).toEqual([]);
  });
});
