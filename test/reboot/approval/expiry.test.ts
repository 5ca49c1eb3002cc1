/** Approvals that have not started for long ask again. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { couldStartNow, expiresAt } from '../../../src/reboot/approval/expiry.ts';
import { type PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { weekdays } from '../../../src/reboot/policy/pool-windows.ts';
import { type In, isIn, type Reboot } from '../../../src/reboot/state/reboot.ts';
import { day, hour, minute } from '../../../src/reboot/time/time.ts';
import { aDecision, aPerson, aPolicy, aPool, aReboot, at, aWindow, noon } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

/** From noon on Sunday to Tuesday 02:00 in Berlin. */
const opens = 37 * hour;

async function approved(
  pool: Partial<PoolPolicy>,
  mode: 'now' | 'window',
): Promise<[ServiceHarness, string]> {
  const harness = serviceHarness(aPolicy({ pools: [aPool(pool)] }));
  await harness.pauses.put({ scope: { kind: 'cluster' } });
  const { name, need } = await harness.sentinel();
  await harness.service.decide(name, { kind: 'approve', mode, digest: need.digest }, aPerson());
  await harness.settle();
  return [harness, name];
}

/** The scan wakes what waits, every half minute in life. */
async function passes(harness: ServiceHarness, ms: number): Promise<void> {
  await harness.pass(ms);
  await harness.service.resync();
  await harness.settle();
}

const stateOf = (harness: ServiceHarness, name: string): Reboot['state'] => harness.reboot(name).state;

describe('an approval by a person', () => {
  it('expires when it has not started for too long after it could have, and asks again, and says why', async () => {
    const [harness, name] = await approved({}, 'now');
    await passes(harness, 7 * day - minute);
    expect(stateOf(harness, name).phase).toBe('Approved');
    await passes(harness, minute);
    expect(harness.reboot(name)).toMatchObject({
      state: {
        phase: 'Pending',
        approvals: [],
        lapse: { why: 'expired', added: [], removed: [], before: { approvals: [{ by: { id: 'U0MIA' } }] } },
      },
      history: [
        { what: 'approved' },
        { what: 'entered', phase: 'Approved' },
        { what: 'lapsed', reason: 'It had not started 7 d after it could have.' },
        { what: 'entered', phase: 'Pending' },
      ],
    });
    const answer = await harness.service.why('worker-03');
    expect(answer).toMatchObject({
      why: {
        blockers: [
          { code: 'decision-lapsed', sentence: 'Its approval expired: it could not start for too long.' },
          { code: 'approvals-missing' },
          { code: 'paused' },
        ],
      },
    });
  });
  it('wakes at its end by itself: no scan has to find it', async () => {
    const [harness, name] = await approved({ approvalExpires: hour }, 'now');
    await harness.pass(hour + minute);
    expect(stateOf(harness, name).phase).toBe('Pending');
  });
  it('holds for ever where the pool says so', async () => {
    const [harness, name] = await approved({ approvalExpires: 0 }, 'now');
    await passes(harness, 400 * day);
    expect(stateOf(harness, name).phase).toBe('Approved');
  });
  it('counts for a window from its opening, and not before', async () => {
    const [harness, name] = await approved({ windows: [aWindow()], approvalExpires: 2 * day }, 'window');
    await passes(harness, opens - minute);
    const before = harness.reboot(name);
    expect(isIn(before, 'Approved') && before.state.decision.couldStart).toBe(undefined);
    await passes(harness, 2 * minute);
    const open = harness.reboot(name);
    expect(isIn(open, 'Approved') && open.state.decision.couldStart).toBe(at(opens));
    await passes(harness, 2 * day - 2 * minute);
    expect(stateOf(harness, name).phase).toBe('Approved');
    await passes(harness, minute);
    expect(stateOf(harness, name)).toMatchObject({ phase: 'Pending', lapse: { why: 'expired' } });
  });
  it('for a weekly window has the whole of the next one, whose opening is a week later on the wall clock', () => {
    const end = (couldStart: string): number | undefined =>
      expiresAt(
        { phase: 'Approved', since: at(0), decision: aDecision({ mode: 'window', couldStart }) },
        aPool({ windows: [aWindow()] }),
      );
    expect(end(at(opens))).toBe(noon + opens + 7 * day + 3 * hour);
    expect(end(at(opens + 2 * hour))).toBe(noon + opens + 7 * day + 3 * hour);
    // Clocks went back on the 25th of October 2026: the next opening is an hour further away than seven days.
    expect(end('2026-10-20T00:00:00.000Z')).toBe(Date.UTC(2026, 9, 27, 4));
  });
  it('does not hold for ever where one window follows on the other', () => {
    const always = aWindow({ days: [...weekdays], start: 0, length: 24 * 60 });
    const decision = aDecision({ mode: 'window', couldStart: at(0) });
    expect(expiresAt({ phase: 'Approved', since: at(0), decision }, aPool({ windows: [always] }))).toBe(
      noon + 7 * day,
    );
  });
  it('for a window does not expire before that window has closed', async () => {
    const [harness, name] = await approved({ windows: [aWindow()], approvalExpires: hour }, 'window');
    await passes(harness, opens + 3 * hour - minute);
    expect(stateOf(harness, name).phase).toBe('Approved');
    await passes(harness, minute);
    expect(stateOf(harness, name).phase).toBe('Pending');
  });
  it('keeps its age when a drain was undone in between', async () => {
    const [harness, name] = await approved({}, 'now');
    const state = stateOf(harness, name);
    await passes(harness, 6 * day);
    await harness.pauses.lift({ kind: 'cluster' });
    harness.cluster.drains([]);
    await passes(harness, 0);
    const draining = harness.reboot(name);
    expect(isIn(draining, 'Draining') && draining.state.decision.couldStart).toBe(
      'decision' in state ? state.decision.at : '',
    );
  });
  it('is given anew with a new age', async () => {
    const [harness, name] = await approved({}, 'now');
    await passes(harness, 7 * day);
    const { digest } = harness.reboot(name).need;
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
    await passes(harness, 6 * day);
    expect(stateOf(harness, name).phase).toBe('Approved');
  });
});

it('an approval by a rule does not expire: it would be given again', async () => {
  const harness = serviceHarness(aPolicy({ pools: [aPool({ approval: 'auto' })] }));
  await harness.pauses.put({ scope: { kind: 'cluster' } });
  const { name } = await harness.sentinel();
  await passes(harness, 30 * day);
  expect(stateOf(harness, name).phase).toBe('Approved');
});

describe('its time has not come', () => {
  const reboot = aReboot({ state: { phase: 'Approved', since: at(0), decision: aDecision() } });
  const held = (code: Blocker['code']): readonly Blocker[] => [{ code, sentence: '', clears: '' }];
  const noted = (codes: readonly Blocker['code'][]) =>
    couldStartNow(reboot as In<'Approved'>, codes.flatMap(held), aPool());
  it.each(['outside-window', 'calendar-unread', 'rollout-waits'] as const)('while %s', (code) => {
    expect(noted(['paused', code])).toBe(false);
  });
  it.each(['paused', 'turn-taken', 'alerts-firing', 'too-many-out'] as const)('it has while %s', (code) => {
    expect(noted([code])).toBe(true);
  });
});
