/** Reminders of decisions that nobody takes: when they are due, once each, and never in quiet hours. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterQuiet,
  dueReminder,
  type ReminderStage,
  remindersOf,
} from '../../../src/reboot/deadlines/reminders.ts';
import type { ReminderPolicy } from '../../../src/reboot/policy/pool-reminders.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { day, hour, minute } from '../../../src/reboot/time/time.ts';
import { readingAt } from '../../../src/reboot/windows/wall-clock.ts';
import { aPerson, aPolicy, aPool, noon } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';
import { runsOf } from '../../property-runs.ts';

const span = fc.integer({ min: 1, max: 3 * 24 * 60 }).map((minutes) => minutes * minute);
const quiet = fc
  .record({
    from: fc.integer({ min: 0, max: 1439 }),
    to: fc.integer({ min: 0, max: 1439 }),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
  })
  .filter(({ from, to }) => from !== to);
const policies: fc.Arbitrary<ReminderPolicy> = fc
  .record({
    after: span,
    later: fc.option(span, { nil: undefined }),
    quiet: fc.option(quiet, { nil: undefined }),
  })
  .map(({ after, later, quiet: hours }) => ({
    after,
    ...(later === undefined ? {} : { escalate: { after: after + later, groups: ['S1'] } }),
    ...(hours === undefined ? {} : { quiet: hours }),
  }));
const since = fc.integer({ min: 0, max: 365 * 24 * 60 }).map((minutes) => noon + minutes * minute);

function isQuiet(at: number, { quiet: hours }: ReminderPolicy): boolean {
  if (hours === undefined) return false;
  const time = readingAt(hours.timeZone, at) % 1440;
  const { from, to } = hours;
  return from < to ? time >= from && time < to : time >= from || time < to;
}

describe('the times of reminders', () => {
  it('are never in quiet hours, never early, and late by no more than the quiet hours last', () => {
    let shifted = 0;
    fc.assert(
      fc.property(since, policies, (from, policy) => {
        const lengths = [policy.after, policy.escalate?.after ?? 0];
        for (const [index, { at }] of remindersOf(from, policy).entries()) {
          const wished = from + (lengths[index] ?? 0);
          expect(isQuiet(at, policy)).toBe(false);
          expect(at).toBeGreaterThanOrEqual(wished);
          // An hour more where the clocks change.
          expect(at - wished).toBeLessThanOrEqual(day + hour);
          if (at > wished) shifted += 1;
        }
      }),
      { numRuns: runsOf(300) },
    );
    expect(shifted).toBeGreaterThan(20);
  });

  it('come each once, in their order, whenever and however often it is looked', () => {
    fc.assert(
      fc.property(since, policies, fc.array(span, { maxLength: 12 }), (from, policy, pauses) => {
        const reminders = remindersOf(from, policy);
        const given: ReminderStage[] = [];
        let now = from;
        for (const pause of [...pauses, 30 * day]) {
          now += pause;
          const due = dueReminder(reminders, given, now);
          if (due !== undefined) given.push(due);
          expect(dueReminder(reminders, given, now)).toBeUndefined();
        }
        expect(new Set(given).size).toBe(given.length);
        expect(given.at(-1)).toBe(policy.escalate === undefined ? 'reminded' : 'escalated');
        expect(given).toEqual([...given].toSorted((one) => (one === 'reminded' ? -1 : 1)));
      }),
      { numRuns: runsOf(200) },
    );
  });

  it('wait for the end of a night that began the day before', () => {
    const night = { quiet: { from: 20 * 60, to: 8 * 60, timeZone: 'Europe/Berlin' } };
    const evening = Date.UTC(2026, 10, 22, 20, 0);
    const morning = Date.UTC(2026, 10, 23, 7, 0);
    expect(afterQuiet(evening, night)).toBe(morning);
    expect(afterQuiet(morning - hour, night)).toBe(morning);
    expect(afterQuiet(morning, night)).toBe(morning);
  });
});

describe('a Reboot that nobody decides on', () => {
  const remind: ReminderPolicy = { after: 4 * hour, escalate: { after: day, groups: ['S0LEADS'] } };
  const opened = (pool: Partial<PoolPolicy> = {}): ServiceHarness =>
    serviceHarness(aPolicy({ pools: [aPool({ remind, ...pool })] }));
  const passes = async (harness: ServiceHarness, ms: number): Promise<void> => {
    await harness.pass(ms);
    await harness.settle();
  };
  const told = (harness: ServiceHarness, name: string): readonly string[] =>
    harness
      .reboot(name)
      .history.flatMap(({ what }) => (what === 'reminded' || what === 'escalated' ? [what] : []));

  it('is noted when it has waited for so long, and later once more, and then not again', async () => {
    const harness = opened();
    const { name } = await harness.sentinel();
    await passes(harness, 4 * hour - minute);
    expect(told(harness, name)).toEqual([]);
    await passes(harness, minute);
    expect(told(harness, name)).toEqual(['reminded']);
    await passes(harness, 20 * hour);
    await passes(harness, 7 * day);
    expect(told(harness, name)).toEqual(['reminded', 'escalated']);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Pending', approvals: [] });
  });

  it('is noted once, also when two bots find it due at the same moment', async () => {
    const harness = opened();
    const { name } = await harness.sentinel();
    await harness.pass(4 * hour);
    await Promise.all([harness.service.reconcile(name), harness.service.reconcile(name)]);
    await harness.settle();
    expect(told(harness, name)).toEqual(['reminded']);
  });

  it('is noted anew when it asks again, and not at all where the rule decides or nothing is set', async () => {
    const harness = opened();
    const { name } = await harness.sentinel();
    await passes(harness, 4 * hour);
    await harness.service.decide(name, { kind: 'snooze', until: harness.clock.now() + hour }, aPerson());
    await passes(harness, hour);
    expect(told(harness, name)).toEqual(['reminded']);
    await passes(harness, 4 * hour);
    expect(told(harness, name)).toEqual(['reminded', 'reminded']);
    // On Wednesday. It is Sunday.
    const night = { days: ['wed'], start: 120, length: 180, timeZone: 'UTC' } as const;
    const ruled = opened({ approval: 'window', noticePeriod: hour, windows: [night] });
    const { name: other } = await ruled.sentinel();
    await passes(ruled, 2 * day);
    expect(told(ruled, other)).toEqual([]);
    const silent = serviceHarness(aPolicy({ pools: [aPool()] }));
    const { name: third } = await silent.sentinel();
    await passes(silent, 2 * day);
    expect(told(silent, third)).toEqual([]);
  });
});
