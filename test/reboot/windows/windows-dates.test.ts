import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CalendarEvents,
  type DateRange,
  type PoolCalendar,
  weekdays,
} from '../../../src/reboot/policy/pool-windows.ts';
import { day, hour, minute } from '../../../src/reboot/time/time.ts';
import { dayOf } from '../../../src/reboot/windows/days.ts';
import { hasWindows, type Schedule } from '../../../src/reboot/windows/schedule.ts';
import { isOpenAt, nextOpening, searchHorizon } from '../../../src/reboot/windows/openings.ts';
import { nextOpenings, type Upcoming } from '../../../src/reboot/windows/upcoming.ts';
import { sourceLabel, windowLabel } from '../../../src/reboot/windows/labels.ts';
import { aSchedule, aWindow } from '../../fakes/builders.ts';
import { outcomeCounts } from '../../property-runs.ts';

const text = (at: number): string => new Date(at).toISOString().slice(0, 16);
const utc = (text: string): number => Date.parse(`${text}Z`);
const dayNamed = (text: string): number => utc(`${text}T00:00`) / day;
const once = (first: string, last = first): DateRange => ({
  kind: 'once',
  first: dayNamed(first),
  last: dayNamed(last),
});
const yearly = (first: number, last = first): DateRange => ({ kind: 'yearly', first, last });
const aCalendar = (
  overrides: Partial<PoolCalendar> = {},
  events: Partial<CalendarEvents> = {},
): PoolCalendar => ({
  name: 'holidays',
  use: 'exclude',
  timeZone: 'UTC',
  copy: { readAt: 0, events: { days: [], spans: [], ...events } },
  ...overrides,
});

/** Nights, 22:00–04:00 UTC, of every day. */
const nightly = aWindow({
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  start: 22 * 60,
  length: 6 * 60,
  timeZone: 'UTC',
});
const openingsFrom = (schedule: Schedule, from: string, count: number): readonly string[] =>
  nextOpenings(schedule, utc(from), count).map(({ label }) => label);

describe('days of the month', () => {
  it('are counted by their name: the first and third Saturday, and the last', () => {
    const saturdays = aWindow({ days: ['sat'], nth: ['first', 'third', 'last'], timeZone: 'UTC' });
    expect(openingsFrom(aSchedule({ windows: [saturdays] }), '2026-08-01T12:00', 4)).toEqual([
      'Sat 15 Aug 02:00–05:00, UTC',
      'Sat 29 Aug 02:00–05:00, UTC',
      'Sat 5 Sep 02:00–05:00, UTC',
      'Sat 19 Sep 02:00–05:00, UTC',
    ]);
  });

  it('a fifth one opens in the months that have it', () => {
    const fifth = aWindow({ days: ['sun'], nth: ['fifth'], timeZone: 'UTC' });
    expect(openingsFrom(aSchedule({ windows: [fifth] }), '2026-01-01T00:00', 2)).toEqual([
      'Sun 29 Mar 02:00–05:00, UTC',
      'Sun 31 May 02:00–05:00, UTC',
    ]);
  });
});

describe('a window of dates', () => {
  it('opens on them and on no other day', () => {
    const window = aWindow({ days: [], dates: [once('2026-12-05'), once('2027-02-06')], timeZone: 'UTC' });
    expect(openingsFrom(aSchedule({ windows: [window] }), '2026-11-01T00:00', 5)).toEqual([
      'Sat 5 Dec 02:00–05:00, UTC',
      'Sat 6 Feb 02:00–05:00, UTC',
    ]);
    expect(windowLabel(window)).toBe('2026-12-05, 2027-02-06 02:00–05:00 UTC');
  });

  it('opens every year on a day without a year, over New Year too', () => {
    const window = aWindow({ days: [], dates: [yearly(1231, 101)], timeZone: 'UTC' });
    expect(openingsFrom(aSchedule({ windows: [window] }), '2026-06-01T00:00', 2)).toEqual([
      'Thu 31 Dec 02:00–05:00, UTC',
      'Fri 1 Jan 02:00–05:00, UTC',
    ]);
  });
});

describe('excluded dates', () => {
  it('belong to the day on which the window starts: a night that began before goes on', () => {
    const schedule = aSchedule({ windows: [nightly], excludeDates: [once('2026-12-24')] });
    expect(isOpenAt(schedule, utc('2026-12-24T03:59'))).toBe(true);
    expect(isOpenAt(schedule, utc('2026-12-24T22:30'))).toBe(false);
    expect(isOpenAt(schedule, utc('2026-12-25T03:00'))).toBe(false);
    expect(isOpenAt(schedule, utc('2026-12-25T22:00'))).toBe(true);
  });

  it('are days of the window’s own zone', () => {
    const tokyo = { ...nightly, timeZone: 'Asia/Tokyo' };
    const schedule = aSchedule({ windows: [tokyo], excludeDates: [once('2026-12-24')] });
    // 22:00 in Tokyo is 13:00 UTC of the same day.
    expect(isOpenAt(schedule, utc('2026-12-23T13:30'))).toBe(true);
    expect(isOpenAt(schedule, utc('2026-12-24T13:30'))).toBe(false);
  });

  it('come back every year without a year, and go before added ones', () => {
    const schedule = aSchedule({
      windows: [nightly],
      excludeDates: [yearly(1220, 106)],
      addDates: [once('2026-12-28')],
    });
    expect(nextOpening(schedule, utc('2026-12-20T12:00'))?.opens).toBe(utc('2027-01-07T22:00'));
  });

  it('leave nothing when they hold every day, and that is said', () => {
    const never = aSchedule({ windows: [nightly], excludeDates: [yearly(101, 1231)] });
    expect(nextOpening(never, utc('2026-12-20T12:00'))).toBeUndefined();
  });
});

describe('added dates', () => {
  it('open the windows of weekdays besides their days, and leave windows of dates alone', () => {
    const tuesday = aWindow({ days: ['tue'], timeZone: 'UTC' });
    const dated = aWindow({ days: [], dates: [once('2026-12-10')], start: 600, timeZone: 'UTC' });
    const schedule = aSchedule({ windows: [tuesday, dated], addDates: [once('2026-11-28')] });
    expect(openingsFrom(schedule, '2026-11-25T00:00', 4)).toEqual([
      'Sat 28 Nov 02:00–05:00, UTC',
      'Tue 1 Dec 02:00–05:00, UTC',
      'Tue 8 Dec 02:00–05:00, UTC',
      'Thu 10 Dec 10:00–13:00, UTC',
    ]);
  });
});

describe('a calendar that excludes', () => {
  const christmas = { days: [{ first: dayNamed('2026-12-24'), last: dayNamed('2026-12-25') }] };

  it('keeps the windows closed that start on its days', () => {
    const schedule = aSchedule({ windows: [nightly], calendars: [aCalendar({}, christmas)] });
    expect(isOpenAt(schedule, utc('2026-12-24T01:00'))).toBe(true);
    expect(isOpenAt(schedule, utc('2026-12-25T01:00'))).toBe(false);
    expect(isOpenAt(schedule, utc('2026-12-26T01:00'))).toBe(false);
    expect(nextOpening(schedule, utc('2026-12-24T12:00'))?.opens).toBe(utc('2026-12-26T22:00'));
  });

  it('cuts out the time of its other events', () => {
    const freeze = { spans: [{ start: utc('2026-12-03T00:00'), end: utc('2026-12-03T02:00') }] };
    const schedule = aSchedule({ windows: [nightly], calendars: [aCalendar({ name: 'freeze' }, freeze)] });
    expect(nextOpening(schedule, utc('2026-12-02T12:00'))).toMatchObject({
      opens: utc('2026-12-02T22:00'),
      closes: utc('2026-12-03T00:00'),
      cutBy: ['freeze'],
    });
    expect(nextOpening(schedule, utc('2026-12-03T00:30'))).toMatchObject({
      opens: utc('2026-12-03T02:00'),
      closes: utc('2026-12-03T04:00'),
    });
  });

  it('opens nothing as long as it was never read', () => {
    const { copy: _, ...unread } = aCalendar();
    const schedule = aSchedule({ windows: [nightly], calendars: [unread] });
    expect(nextOpening(schedule, utc('2026-12-01T23:00'))).toBeUndefined();
    expect(nextOpenings(schedule, utc('2026-12-01T23:00'), 3)).toEqual([]);
    expect(hasWindows(schedule)).toBe(true);
  });
});

describe('a calendar that opens', () => {
  it('has windows for events, in its own zone, and obeys what excludes', () => {
    const releases = aCalendar(
      { name: 'releases', use: 'open', timeZone: 'Europe/Berlin' },
      {
        spans: [{ start: utc('2026-12-03T18:00'), end: utc('2026-12-03T20:00') }],
        days: [{ first: dayNamed('2026-12-05'), last: dayNamed('2026-12-06') }],
      },
    );
    const schedule = aSchedule({ calendars: [releases] });
    expect(hasWindows(schedule)).toBe(true);
    expect(openingsFrom(schedule, '2026-12-01T00:00', 5)).toEqual([
      'Thu 3 Dec 19:00–21:00, Europe/Berlin',
      'Sat 5 Dec 00:00–Mon 00:00, Europe/Berlin',
    ]);
    const opening = nextOpening(schedule, utc('2026-12-01T00:00'));
    expect(opening && sourceLabel(opening.source)).toBe('calendar releases');
    const excluded = { ...schedule, excludeDates: [once('2026-12-03'), once('2026-12-06')] };
    expect(nextOpening(excluded, utc('2026-12-01T00:00'))).toMatchObject({
      opens: utc('2026-12-04T23:00'),
      closes: utc('2026-12-05T23:00'),
    });
  });

  it('opens nothing before it was read, and keeps no other window closed', () => {
    const { copy: _, ...unread } = aCalendar({ use: 'open' });
    expect(nextOpening(aSchedule({ calendars: [unread] }), utc('2026-12-01T00:00'))).toBeUndefined();
    const both = aSchedule({ windows: [nightly], calendars: [unread] });
    expect(isOpenAt(both, utc('2026-12-01T23:00'))).toBe(true);
  });
});

describe('the next openings, for people', () => {
  it('come in order, merged, each with what was excluded before the last of them', () => {
    const schedule = aSchedule({
      windows: [aWindow({ days: ['tue', 'thu'], timeZone: 'UTC' })],
      excludeDates: [once('2026-12-29')],
      calendars: [aCalendar({}, { days: [{ first: dayNamed('2026-12-24'), last: dayNamed('2026-12-24') }] })],
    });
    const shown = nextOpenings(schedule, utc('2026-12-22T03:00'), 3);
    expect(shown.map(({ kind, label }: Upcoming) => [kind, label])).toEqual([
      ['opening', 'Tue 22 Dec 02:00–05:00, UTC'],
      ['excluded', 'Thu 24 Dec excluded by calendar holidays'],
      ['excluded', 'Tue 29 Dec excluded by the configuration'],
      ['opening', 'Thu 31 Dec 02:00–05:00, UTC'],
      ['opening', 'Tue 5 Jan 02:00–05:00, UTC'],
    ]);
    expect(shown[0]).toMatchObject({ open: true, source: 'Tue, Thu 02:00–05:00 UTC' });
  });

  it('name the calendar whose event takes a whole window away, and the span of dates of the configuration', () => {
    const freeze = { spans: [{ start: utc('2026-12-03T12:00'), end: utc('2026-12-04T12:00') }] };
    const schedule = aSchedule({
      windows: [nightly],
      excludeDates: [yearly(1205, 1206)],
      calendars: [aCalendar({ name: 'freeze' }, freeze)],
    });
    expect(openingsFrom(schedule, '2026-12-03T08:00', 2)).toEqual([
      'Thu 3 Dec excluded by calendar freeze',
      'Fri 4 Dec 22:00–04:00, UTC',
      'Sat 5 Dec excluded by the configuration (12-05..12-06)',
      'Sun 6 Dec excluded by the configuration (12-05..12-06)',
      'Mon 7 Dec 22:00–04:00, UTC',
    ]);
  });
});

describe('with any windows, dates and calendars', () => {
  const aDay = fc.integer({ min: dayOf(2026, 1, 1), max: dayOf(2026, 3, 1) });
  const spans = fc.array(
    fc
      .record({ first: aDay, more: fc.integer({ min: 0, max: 3 }) })
      .map(({ first, more }) => ({ first, last: first + more })),
    { maxLength: 4 },
  );
  const dateRanges = spans.map((list) => list.map((span): DateRange => ({ kind: 'once', ...span })));
  const events = fc.record({
    days: spans,
    spans: fc.array(
      fc
        .record({
          from: aDay,
          minutes: fc.integer({ min: 0, max: 4000 }),
          length: fc.integer({ min: 1, max: 3000 }),
        })
        .map(({ from, minutes, length }) => ({
          start: from * day + minutes * minute,
          end: from * day + (minutes + length) * minute,
        })),
      { maxLength: 4 },
    ),
  });
  const calendar = fc
    .record({
      use: fc.constantFrom('exclude' as const, 'open' as const),
      name: fc.constantFrom('a', 'b'),
      events,
    })
    .map(({ use, name, events }): PoolCalendar => ({
      name,
      use,
      timeZone: 'UTC',
      copy: { readAt: 0, events },
    }));
  const schedule = fc.record({
    windows: fc.array(
      fc
        .record({
          days: fc.uniqueArray(fc.constantFrom('mon' as const, 'wed' as const, 'sat' as const), {
            minLength: 1,
          }),
          start: fc.integer({ min: 0, max: 1439 }),
          length: fc.integer({ min: 1, max: 3000 }),
        })
        .map((window) => aWindow({ ...window, timeZone: 'UTC' })),
      { maxLength: 2 },
    ),
    excludeDates: dateRanges,
    addDates: dateRanges,
    calendars: fc.array(calendar, { maxLength: 2 }),
  });

  /** In UTC, minute by minute, by the sentences of the manual. */
  function oracle({ windows, excludeDates, addDates, calendars }: Schedule, at: number): boolean {
    const within = (list: readonly { first: number; last: number }[], on: number): boolean =>
      list.some(({ first, last }) => first <= on && on <= last);
    const closed = (on: number): boolean =>
      within(excludeDates, on) ||
      calendars.some(({ use, copy }) => use === 'exclude' && within(copy?.events.days ?? [], on));
    const during = calendars.some(
      ({ use, copy }) =>
        use === 'exclude' && copy?.events.spans.some(({ start, end }) => start <= at && at < end),
    );
    if (during) return false;
    const today = Math.floor(at / day);
    const byWindow = windows.some((window) =>
      [0, 1, 2, 3].some((ago) => {
        const on = today - ago;
        const name = new Date(on * day).toUTCString().slice(0, 3).toLowerCase();
        const starts = window.days.some((each) => each === name) || within(addDates, on);
        const since = at - on * day - window.start * minute;
        return starts && !closed(on) && since >= 0 && since < window.length * minute;
      }),
    );
    const byCalendar = calendars.some(
      ({ use, copy }) =>
        use === 'open' &&
        (copy?.events.spans.some(
          ({ start, end }) => start <= at && at < end && !closed(Math.floor(start / day)),
        ) === true ||
          copy?.events.days.some(({ first, last }) => first <= today && today <= last && !closed(today)) ===
            true),
    );
    return byWindow || byCalendar;
  }

  it('it is open when the manual says so', () => {
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 60 * 24 * 60 }), (given, minutes) => {
        const at = utc('2026-01-01T00:00') + minutes * minute;
        expect(isOpenAt(given, at)).toBe(oracle(given, at));
      }),
      { numRuns: 1000 },
    );
  });

  it('every opening that is shown is open from its first minute to its last', () => {
    const met = outcomeCounts<'an opening' | 'no end'>();
    const neverCloses = aSchedule({
      windows: [
        aWindow({ days: ['mon', 'sat'], start: 0, length: 1330, timeZone: 'UTC' }),
        aWindow({ days: ['mon', 'wed', 'sat'], start: 1330, length: 2990, timeZone: 'UTC' }),
      ],
    });
    fc.assert(
      fc.property(schedule, (given) => {
        const now = utc('2026-01-01T00:00');
        const openings = nextOpenings(given, now, 4).filter((each) => each.kind === 'opening');
        for (const { opens, closes } of openings) {
          met.saw('an opening');
          expect(closes).toBeGreaterThan(opens);
          for (let at = Math.max(now, opens); at < closes && at < opens + 5 * day; at += 3 * hour)
            expect(oracle(given, at)).toBe(true);
          // One that never closes is followed as far as a year.
          if (closes - opens < searchHorizon - 30 * day) expect(oracle(given, closes)).toBe(false);
          else met.saw('no end');
        }
      }),
      { numRuns: 100, examples: [[neverCloses]] },
    );
    met.atLeast({ 'an opening': 50, 'no end': 1 });
  });
});

describe('windows that adjoin', () => {
  const allDay = aWindow({ days: [...weekdays], start: 0, length: 24 * 60, timeZone: 'UTC' });
  const closes = (schedule: Schedule, from: string): string =>
    text(nextOpening(schedule, utc(from))?.closes ?? 0);

  it('are one opening, however far ahead it begins and however many they are', () => {
    const third = aSchedule({ windows: [{ ...allDay, nth: ['third'] }] });
    expect(closes(third, '2026-12-08T00:00')).toBe('2026-12-22T00:00');
    const dates = [once('2026-12-13', '2027-01-20')];
    expect(closes(aSchedule({ windows: [{ ...allDay, days: [], dates }] }), '2026-12-01T00:00')).toBe(
      '2027-01-21T00:00',
    );
    const [shown] = nextOpenings(third, utc('2026-11-18T00:00'), 1);
    expect(shown).toMatchObject({ closes: utc('2026-11-22T00:00') });
  });

  it('close when the last of them does, counted day by day', () => {
    let chains = 0;
    fc.assert(
      fc.property(
        fc.record({ begins: fc.integer({ min: 0, max: 20 }), length: fc.integer({ min: 1, max: 50 }) }),
        fc.integer({ min: 0, max: 20 }),
        ({ begins, length }, ago) => {
          const first = dayNamed('2026-12-01');
          const days = [...Array(length).keys(), length + 3].map((nth) => begins + nth);
          const dates = days.map((on) => ({ kind: 'once', first: first + on, last: first + on }) as const);
          const schedule = aSchedule({ windows: [{ ...allDay, days: [], dates }] });
          const end = begins + length;
          const opening = nextOpening(schedule, (first - ago) * day);
          expect([opening?.opens, opening?.closes]).toEqual([(first + begins) * day, (first + end) * day]);
          if (length > 8) chains += 1;
        },
      ),
      { numRuns: 200 },
    );
    expect(chains).toBeGreaterThan(100);
  });

  it('that never close are followed as far as a year', () => {
    const { closes = 0 } = nextOpening(aSchedule({ windows: [allDay] }), utc('2026-12-01T00:00')) ?? {};
    expect(closes).toBeGreaterThan(utc('2027-12-01T00:00'));
  });
});
