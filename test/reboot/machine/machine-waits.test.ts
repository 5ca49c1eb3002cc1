import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../src/reboot/effects/effects.ts';
import { noHooks, waitOf } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { second, toInstant } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { wakeAt } from '../../../src/reboot/deadlines/next-wake.ts';
import { aDecision, aNeed, aNode, aPool, aReport, at, mia, noon } from '../../fakes/builders.ts';
import { inState } from '../../fakes/states.ts';
import { runsOf } from '../../property-runs.ts';

const hooks = { ...noHooks, drainDelay: 30 * second, rebootDelay: 20 * second };
const pool = aPool({ hooks });
const approved = inState({ phase: 'Approved', since: at(0), decision: aDecision() });

const seen = (unschedulable: boolean): RebootEvent => ({
  type: 'observed',
  observation: {
    node: aNode({ unschedulable }),
    agent: { node: 'worker-03', report: aReport() },
    daemonPodsNotReady: [],
  },
  need: aNeed(),
});
const progress = { at: at(0), total: 3, gone: 1, leaving: [], waiting: [], trouble: [] };
const usual = fc.constantFrom<RebootEvent>(
  { type: 'cordoned', owner: 'us' },
  { type: 'drain-progressed', progress },
  { type: 'drained', pods: 3 },
  seen(true),
);
const unusual = fc.constantFrom<RebootEvent>(
  { type: 'turn-taken' },
  { type: 'drain-failed', code: 'drain-error', sentence: 'x' },
  { type: 'forced', by: mia, reason: 'x' },
  { type: 'undone', why: 'stuck' },
  { type: 'retried', by: mia },
  { type: 'cleaned-up' },
  seen(false),
);
const anyEvent = fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: unusual });
const steps = fc
  .array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 25 * second })), { maxLength: 40, size: 'max' })
  .map((events) => [[{ type: 'turn-taken' } as const, 0] as const, ...events]);

interface Moment {
  readonly before: Reboot;
  readonly after: Reboot;
  readonly now: number;
}

function moments(events: readonly (readonly [RebootEvent, number])[]): readonly Moment[] {
  const met: Moment[] = [];
  let reboot: Reboot = approved;
  let now = noon;
  for (const [event, passed] of events) {
    now += passed;
    const step = transition(reboot, event, { pool, now });
    if (!step.ok) continue;
    met.push({ before: reboot, after: step.reboot, now });
    reboot = step.reboot;
  }
  return met;
}

const runs = { numRuns: runsOf(1000) };
const always = (holds: (moment: Moment) => void): void =>
  fc.assert(
    fc.property(steps, (events) => moments(events).forEach(holds)),
    runs,
  );
const kinds = ({ after }: Moment): readonly string[] => effectsOf(after).map(({ name }) => name);

describe('the waits of a pool, whatever happens', () => {
  it('no drain is owed before its time', () => {
    let drains = 0;
    always((moment) => {
      const { state } = moment.after;
      if (state.phase !== 'Draining' || !kinds(moment).includes('drain')) return;
      drains += 1;
      expect(state.drainDelay?.over).toBe(true);
      expect(moment.now).toBeGreaterThanOrEqual(toInstant(state.drainDelay?.until ?? ''));
    });
    expect(drains).toBeGreaterThan(runs.numRuns / 30);
  });

  it('no order is owed before its time, nor without a look at the node after it', () => {
    let orders = 0;
    always(({ before, after, now }) => {
      if (after.state.phase !== 'Rebooting' || before.state.phase !== 'Draining') return;
      orders += 1;
      const { drainDelay, rebootDelay } = before.state;
      expect([drainDelay?.over, rebootDelay?.over]).toEqual([true, true]);
      expect(now).toBeGreaterThanOrEqual(toInstant(rebootDelay?.until ?? ''));
    });
    expect(orders).toBeGreaterThan(runs.numRuns / 30);
  });

  it('is woken when one is over, and a wait that is over stays so', () => {
    always(({ before, after, now }) => {
      if (after.state.phase !== 'Draining') return;
      const wait = waitOf(after.state);
      if (wait) expect(wakeAt(after, pool, now)).toBeLessThanOrEqual(Math.max(now, toInstant(wait.until)));
      const same = before.state.phase === 'Draining' && before.state.since === after.state.since;
      if (same && before.state.drainDelay)
        expect(after.state.drainDelay?.until).toBe(before.state.drainDelay.until);
      if (same && before.state.drainDelay?.over) expect(after.state.drainDelay?.over).toBe(true);
      if (same && before.state.rebootDelay?.over) expect(after.state.rebootDelay?.over).toBe(true);
    });
  });
});
