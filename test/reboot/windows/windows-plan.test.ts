/**
 * Windows, dates and calendars where it matters: what starts, what a rule approves, when to wake, what people
 * are told.
 */
import { describe, expect, it } from 'vitest';
import { automaticApproval } from '../../../src/reboot/approval/automatic-approval.ts';
import { cardData } from '../../../src/reboot/card/card-data.ts';
import { withCalendars } from '../../../src/reboot/windows/calendar-states.ts';
import type { PoolCalendar } from '../../../src/reboot/policy/pool-windows.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { Person } from '../../../src/reboot/approval/person.ts';
import { day, hour } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { nextWindowEdge, wakeAt } from '../../../src/reboot/deadlines/next-wake.ts';
import { aDecision, aPerson, aPolicy, aPool, aReboot, aWindow, at, mia, noon } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const tuesday = Date.UTC(2026, 10, 24);
const unread: PoolCalendar = { name: 'holidays', use: 'exclude', timeZone: 'UTC' };
const onTuesday = { days: [{ first: tuesday / day, last: tuesday / day }], spans: [] };
const read: PoolCalendar = { ...unread, copy: { readAt: noon, events: onTuesday } };
const nothing = { days: [], spans: [] };

const pool = (overrides: Partial<PoolPolicy> = {}): PoolPolicy =>
  aPool({ windows: [aWindow({ timeZone: 'UTC' })], ...overrides });
/** Tuesday 02:00, and a week later. */
const [first, second] = [tuesday + 2 * hour, tuesday + 7 * day + 2 * hour];
const approved = aReboot({
  state: { phase: 'Approved', since: at(0), decision: aDecision({ mode: 'window' }) },
});
const someone: Person = aPerson();

describe('a day that is excluded', () => {
  const closed = pool({ approval: 'window', calendars: [read] });

  it('moves what a rule will approve to the next window', () => {
    const card = {
      ...aReboot(),
      chat: { replies: {}, card: { channel: 'C', ts: `${noon / 1000}`, hash: '' } },
    };
    expect(automaticApproval(card, pool({ approval: 'window' }), noon)?.at).toBe(first);
    expect(automaticApproval(card, closed, noon)?.at).toBe(second);
    expect(wakeAt(card, closed, noon)).toBe(second);
  });

  it('moves what was approved for the window, and the card names that window', () => {
    expect(nextWindowEdge(pool(), noon)).toBe(first);
    expect(nextWindowEdge(closed, noon)).toBe(second);
    const card = cardData(approved, { cluster: 'prod-eu', pool: closed, blockers: [], now: noon });
    expect(card.window).toMatchObject({ opens: second, open: false, short: 'Tue 1 Dec 02:00' });
  });

  it('refuses "now" where the pool starts nothing outside its windows', () => {
    const strict = { ...closed, approveNowOutsideWindow: false };
    const event = { type: 'approved', by: mia, mode: 'now', digest: '4f1c' } as const;
    const during = { pool: strict, now: first + hour };
    expect(transition(aReboot(), event, during)).toMatchObject({ rejection: { code: 'outside-window' } });
    expect(transition(aReboot(), event, { ...during, now: second + hour }).ok).toBe(true);
    // "Approve it for the window" would be no help where none is known.
    const unknown = { pool: { ...strict, calendars: [unread] }, now: first + hour };
    expect(transition(aReboot(), event, unknown)).toMatchObject({
      rejection: {
        sentence:
          'Pool workers starts reboots only inside its maintenance window. Calendar holidays was not read yet, so no window opens.',
      },
    });
  });
});

describe('a reboot that was approved for the window', () => {
  const approve = async (harness: ReturnType<typeof serviceHarness>): Promise<string> => {
    const { name, need } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'approve', mode: 'window', digest: need.digest }, someone);
    await harness.settle();
    return name;
  };

  it('is not started on an excluded day, is told why, and starts in the next window', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool({ calendars: [read] })] }));
    const name = await approve(harness);
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([
      {
        code: 'outside-window',
        sentence:
          'Its window opens Tue 1 Dec 02:00–05:00, UTC. Not sooner: Tue 24 Nov excluded by calendar holidays.',
        until: second,
      },
    ]);
    await harness.pass(first + hour - noon);
    expect(harness.reboot(name).state.phase).toBe('Approved');
    await harness.pass(second - first - hour);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });

  it('waits for a calendar that was never read, and starts when it is and allows it', async () => {
    const policy = aPolicy({
      pools: [pool({ calendars: [{ ...unread, problem: 'its server answers with status 404' }] })],
    });
    const harness = serviceHarness(policy);
    const name = await approve(harness);
    await harness.pass(first + hour - noon);
    expect(harness.reboot(name).state.phase).toBe('Approved');
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([
      {
        code: 'calendar-unread',
        sentence:
          'Calendar holidays was not read yet, so no window opens: its server answers with status 404.',
      },
    ]);
    const states = new Map([['holidays', { name: 'holidays', copy: { readAt: noon, events: nothing } }]]);
    harness.policy(withCalendars(policy, states));
    await harness.service.resync();
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });

  it('starts in the event of a calendar that opens, in a pool without windows of its own', async () => {
    const start = noon + 3 * hour;
    const releases: PoolCalendar = {
      name: 'releases',
      use: 'open',
      timeZone: 'UTC',
      copy: { readAt: noon, events: { days: [], spans: [{ start, end: start + hour }] } },
    };
    const harness = serviceHarness(aPolicy({ pools: [aPool({ calendars: [releases] })] }));
    const name = await approve(harness);
    expect(harness.reboot(name).state.phase).toBe('Approved');
    await harness.pass(3 * hour);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });
});

describe('a pool that is no longer in the configuration', () => {
  it('has none of the windows, dates and calendars of another', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool({ calendars: [unread] })] }));
    const { name } = await harness.sentinel();
    harness.policy(aPolicy({ pools: [pool({ name: 'other', selector: 'a=b', calendars: [unread] })] }));
    await harness.service.render(name);
    expect(harness.chat.cards.get(name)?.window).toBeUndefined();
    expect(harness.chat.cards.get(name)?.approveNowAllowed).toBe(true);
  });
});
