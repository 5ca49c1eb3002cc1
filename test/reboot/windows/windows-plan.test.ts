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
import { fakeHouse } from '../../fakes/fake-house.ts';

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
  const approve = async (house: ReturnType<typeof fakeHouse>): Promise<string> => {
    const { name, need } = await house.sentinel();
    await house.service.decide(name, { kind: 'approve', mode: 'window', digest: need.digest }, someone);
    await house.settle();
    return name;
  };

  it('is not started on an excluded day, is told why, and starts in the next window', async () => {
    const house = fakeHouse(aPolicy({ pools: [pool({ calendars: [read] })] }));
    const name = await approve(house);
    expect(house.chat.shown.get(name)?.blockers).toMatchObject([
      {
        code: 'outside-window',
        sentence:
          'Its window opens Tue 1 Dec 02:00–05:00, UTC. Not sooner: Tue 24 Nov excluded by calendar holidays.',
        until: second,
      },
    ]);
    await house.pass(first + hour - noon);
    expect(house.reboot(name).state.phase).toBe('Approved');
    await house.pass(second - first - hour);
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });

  it('waits for a calendar that was never read, and starts when it is and allows it', async () => {
    const policy = aPolicy({
      pools: [pool({ calendars: [{ ...unread, problem: 'its server answers with status 404' }] })],
    });
    const house = fakeHouse(policy);
    const name = await approve(house);
    await house.pass(first + hour - noon);
    expect(house.reboot(name).state.phase).toBe('Approved');
    expect(house.chat.shown.get(name)?.blockers).toMatchObject([
      {
        code: 'calendar-unread',
        sentence:
          'Calendar holidays was not read yet, so no window opens: its server answers with status 404.',
      },
    ]);
    const states = new Map([['holidays', { name: 'holidays', copy: { readAt: noon, events: nothing } }]]);
    house.policy(withCalendars(policy, states));
    await house.service.resync();
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });

  it('starts in the event of a calendar that opens, in a pool without windows of its own', async () => {
    const start = noon + 3 * hour;
    const releases: PoolCalendar = {
      name: 'releases',
      use: 'open',
      timeZone: 'UTC',
      copy: { readAt: noon, events: { days: [], spans: [{ start, end: start + hour }] } },
    };
    const house = fakeHouse(aPolicy({ pools: [aPool({ calendars: [releases] })] }));
    const name = await approve(house);
    expect(house.reboot(name).state.phase).toBe('Approved');
    await house.pass(3 * hour);
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });
});

describe('a pool that is no longer in the configuration', () => {
  it('has none of the windows, dates and calendars of another', async () => {
    const house = fakeHouse(aPolicy({ pools: [pool({ calendars: [unread] })] }));
    const { name } = await house.sentinel();
    house.policy(aPolicy({ pools: [pool({ name: 'other', selector: 'a=b', calendars: [unread] })] }));
    await house.service.render(name);
    expect(house.chat.shown.get(name)?.window).toBeUndefined();
    expect(house.chat.shown.get(name)?.approveNowAllowed).toBe(true);
  });
});
