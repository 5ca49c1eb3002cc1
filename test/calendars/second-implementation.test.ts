/** Calendars of many kinds against a second implementation of RFC 5545, on the wall clock of UTC. */
import fc from 'fast-check';
// oxlint-disable-next-line import/default -- CommonJS, whose exports are the default export
import rrule from 'rrule';
import { expect, it } from 'vitest';
import { expand } from '../../src/calendars/ical/expand.ts';
import { anEvent, anIcs } from './an-ics.ts';
import { runsOf, outcomeCounts } from '../property-runs.ts';

const from = Date.UTC(2026, 0, 1);
const to = Date.UTC(2028, 0, 1);
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

const numbers = (least: number, most: number) =>
  fc
    .uniqueArray(
      fc.integer({ min: least, max: most }).filter((number) => least >= 0 || number !== 0),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((list) => list.toSorted((a, b) => a - b).join(','));
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const plainDays = fc.subarray(weekdays, { minLength: 1, maxLength: 4 }).map((days) => days.join(','));
// The second implementation is wrong where a list has days with and without a number.
const numberedDays = fc
  .uniqueArray(fc.tuple(fc.constantFrom(-2, -1, 1, 2, 3, 5), fc.constantFrom(...weekdays)), {
    minLength: 1,
    maxLength: 3,
    selector: String,
  })
  .map((days) => days.map(([nth, weekday]) => `${nth}${weekday}`).join(','));

const always = {
  INTERVAL: maybe(fc.integer({ min: 2, max: 5 }).map(String)),
  WKST: maybe(fc.constantFrom(...weekdays)),
  BYMONTH: maybe(numbers(1, 12)),
};
const times = { BYHOUR: maybe(numbers(0, 23)), BYMINUTE: maybe(numbers(0, 59)) };
const ofFrequency = {
  YEARLY: fc.record({ ...always, ...times, BYMONTHDAY: maybe(numbers(-31, 31)), BYDAY: maybe(numberedDays) }),
  'YEARLY days': fc.record({ ...always, BYYEARDAY: numbers(-366, 366), BYDAY: maybe(plainDays) }),
  // It is also wrong on the week before the first one of years whose weeks do not begin on Monday.
  'YEARLY weeks': fc.record({
    INTERVAL: always.INTERVAL,
    BYMONTH: always.BYMONTH,
    BYWEEKNO: fc.oneof(numbers(1, 53), fc.constantFrom('-1', '53', '1,52')),
    BYDAY: plainDays,
  }),
  MONTHLY: fc.record({ ...always, ...times, BYMONTHDAY: maybe(numbers(-31, 31)) }),
  'MONTHLY days': fc.record({ ...always, ...times, BYDAY: fc.oneof(plainDays, numberedDays) }),
  'MONTHLY chosen': fc.record({
    ...always,
    BYDAY: plainDays,
    BYSETPOS: fc.constantFrom('1', '-1', '1,-1', '2'),
  }),
  WEEKLY: fc.record({ ...always, ...times, BYDAY: maybe(plainDays) }),
  DAILY: fc.record({ ...always, ...times, BYMONTHDAY: maybe(numbers(-31, 31)), BYDAY: maybe(plainDays) }),
};

/** Each has a count or an end. */
const aCalendar = fc
  .constantFrom(...(Object.keys(ofFrequency) as (keyof typeof ofFrequency)[]))
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      parts: ofFrequency[kind] as fc.Arbitrary<Record<string, string | undefined>>,
      start: fc
        .integer({ min: Date.UTC(2015, 0, 1) / 60_000, max: Date.UTC(2026, 6, 1) / 60_000 })
        .map((minutes) => minutes * 60_000),
      ends: fc.oneof(
        fc.integer({ min: 1, max: 30 }).map((count) => `COUNT=${count}`),
        fc.constantFrom('UNTIL=20261231T235959Z', 'UNTIL=20270601T100000Z', 'UNTIL=20290101T000000Z'),
      ),
      without: fc.subarray([0, 1, 2, 5]),
    }),
  );

/** The second implementation looks until the year 9999 for what never comes. */
const horizon = ';UNTIL=20290101T000000Z';

const stamp = (at: number): string => `${new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;

// `npm run check` tries 2,000.
it('calendars are expanded as a second implementation does', () => {
  const met = outcomeCounts<string>();
  fc.assert(
    fc.property(aCalendar, ({ kind, parts, start, ends, without }) => {
      const given = Object.entries(parts).filter(([, value]) => value !== undefined);
      const rule = [
        `FREQ=${kind.split(' ')[0]}`,
        ...given.map(([name, value]) => `${name}=${value}`),
        ends,
      ].join(';');
      const theirs = rrule
        .rrulestr(`DTSTART:${stamp(start)}\nRRULE:${rule}${ends.startsWith('COUNT') ? horizon : ''}`)
        .all()
        .map((at) => at.getTime());
      const gone = new Set(without.flatMap((nth) => theirs[nth] ?? []));
      const expected = [...new Set(theirs)]
        .filter((at) => at >= from && at <= to && !gone.has(at))
        .sort((a, b) => a - b);
      const exceptions = gone.size === 0 ? [] : [`EXDATE:${[...gone].map(stamp).join(',')}`];
      const event = anEvent(`DTSTART:${stamp(start)}`, 'DURATION:PT1S', `RRULE:${rule}`, ...exceptions);
      const ours = expand({ text: anIcs(event), from, to, timeZone: 'UTC' });
      expect(ours.ok ? ours.events.spans.map((span) => stamp(span.start)) : ours.problem, rule).toEqual(
        expected.map(stamp),
      );
      met.saw(kind, expected.length > 0);
    }),
    { numRuns: runsOf(500) },
  );
  met.atLeast(Object.fromEntries(Object.keys(ofFrequency).map((kind) => [kind, 10])));
});
