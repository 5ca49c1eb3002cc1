import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WINDOWS_TO_IANA_MAP } from 'windows-iana';
import { type Expanded, expand } from '../../src/calendars/ical/expand.ts';
import { windowsZones } from '../../src/calendars/ical/windows-zones.ts';
import { day } from '../../src/reboot/time/time.ts';
import { anEvent, anIcs } from './an-ics.ts';
import { outcomeCounts } from '../property-runs.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const year = { from: utc('2026-01-01T00:00'), to: utc('2027-01-01T00:00'), timeZone: 'Europe/Berlin' };
const expanded = (...lines: readonly string[]): Expanded => expand({ ...year, text: anIcs(...lines) });
const text = (at: number): string => new Date(at).toISOString().slice(0, 16);

/** "2026-12-24" for a day, "2026-12-24..2026-12-26" for several. */
function daysOf(result: Expanded): readonly string[] {
  if (!result.ok) throw new Error(result.problem);
  return result.events.days.map(({ first, last }) => {
    const [from, to] = [text(first * day).slice(0, 10), text(last * day).slice(0, 10)];
    return from === to ? from : `${from}..${to}`;
  });
}

/** "2026-12-24T10:00/2026-12-24T11:00", in UTC. */
function spansOf(result: Expanded): readonly string[] {
  if (!result.ok) throw new Error(result.problem);
  return result.events.spans.map(({ start, end }) => `${text(start)}/${text(end)}`);
}

const newYork = [
  'BEGIN:VTIMEZONE',
  'TZID:Our Office',
  'BEGIN:STANDARD',
  'DTSTART:20071104T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU',
  'TZOFFSETFROM:-0400',
  'TZOFFSETTO:-0500',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:20070311T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU',
  'TZOFFSETFROM:-0500',
  'TZOFFSETTO:-0400',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];

describe('events of whole days', () => {
  it('last one day, or up to and not with the day that their end names', () => {
    const result = expanded(
      anEvent('DTSTART;VALUE=DATE:20261003'),
      anEvent('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'),
      anEvent('DTSTART;VALUE=DATE:20260501', 'DURATION:P2D'),
    );
    expect(daysOf(result)).toEqual(['2026-05-01..2026-05-02', '2026-10-03', '2026-12-24..2026-12-26']);
  });

  it('come again as their rule says, without their exceptions, and with what was added', () => {
    const result = expanded(
      anEvent(
        'DTSTART;VALUE=DATE:20200101',
        'RRULE:FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20260601',
        'EXDATE;VALUE=DATE:20260201,20260301',
        'RDATE;VALUE=DATE:20261115',
      ),
    );
    expect(daysOf(result)).toEqual(['2026-01-01', '2026-04-01', '2026-05-01', '2026-06-01', '2026-11-15']);
  });

  it('count from the first, long before what is looked at', () => {
    const result = expanded(anEvent('DTSTART;VALUE=DATE:20241230', 'RRULE:FREQ=WEEKLY;COUNT=55'));
    expect(daysOf(result)).toEqual(['2026-01-05', '2026-01-12']);
  });

  it('that began before are still there', () => {
    const result = expanded(anEvent('DTSTART;VALUE=DATE:20251220', 'DTEND;VALUE=DATE:20260107'));
    expect(daysOf(result)).toEqual(['2025-12-20..2026-01-06']);
  });
});

describe('events with a time', () => {
  it('are in UTC, in the zone that they name, or in that of the calendar', () => {
    const result = expanded(
      anEvent('DTSTART:20260701T100000Z', 'DTEND:20260701T110000Z'),
      anEvent('DTSTART;TZID=Asia/Tokyo:20260702T100000', 'DTEND;TZID=Asia/Tokyo:20260702T110000'),
      anEvent('DTSTART:20260703T100000', 'DTEND:20260703T110000'),
    );
    expect(spansOf(result)).toEqual([
      '2026-07-01T10:00/2026-07-01T11:00',
      '2026-07-02T01:00/2026-07-02T02:00',
      '2026-07-03T08:00/2026-07-03T09:00',
    ]);
  });

  it('are in a zone that the file describes, on both sides of its change', () => {
    const result = expanded(
      ...newYork,
      anEvent(
        'DTSTART;TZID=Our Office:20260107T090000',
        'DURATION:PT1H',
        'RRULE:FREQ=MONTHLY;INTERVAL=6;COUNT=2',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-01-07T14:00/2026-01-07T15:00',
      '2026-07-07T13:00/2026-07-07T14:00',
    ]);
  });

  it('are in a zone as office programs describe it: named in quotes, since 1601', () => {
    const change = (kind: string, month: number, offsets: readonly [string, string]) => [
      `BEGIN:${kind}`,
      'DTSTART:16010101T030000',
      `TZOFFSETFROM:${offsets[0]}`,
      `TZOFFSETTO:${offsets[1]}`,
      `RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=${month}`,
      `END:${kind}`,
    ];
    const result = expanded(
      'BEGIN:VTIMEZONE',
      'TZID:W. Europe Standard Time',
      ...change('STANDARD', 10, ['+0200', '+0100']),
      ...change('DAYLIGHT', 3, ['+0100', '+0200']),
      'END:VTIMEZONE',
      anEvent(
        'DTSTART;TZID="W. Europe Standard Time":20261020T220000',
        'DTEND;TZID="W. Europe Standard Time":20261020T230000',
        'RRULE:FREQ=WEEKLY;COUNT=2',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-10-20T20:00/2026-10-20T21:00',
      '2026-10-27T21:00/2026-10-27T22:00',
    ]);
  });

  it('know the name of a zone behind a path that some programs write', () => {
    const zone = '/freeassociation.sourceforge.net/Europe/Helsinki';
    const result = expanded(anEvent(`DTSTART;TZID=${zone}:20260107T090000`, 'DURATION:PT1H'));
    expect(spansOf(result)).toEqual(['2026-01-07T07:00/2026-01-07T08:00']);
  });

  it('stay at their time on the wall over a change of the clock', () => {
    const result = expanded(
      anEvent(
        'DTSTART;TZID=Europe/Berlin:20261018T220000',
        'DTEND;TZID=Europe/Berlin:20261019T060000',
        'RRULE:FREQ=WEEKLY;COUNT=3',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-10-18T20:00/2026-10-19T04:00',
      '2026-10-25T21:00/2026-10-26T05:00',
      '2026-11-01T21:00/2026-11-02T05:00',
    ]);
  });

  it('end with their rule at an instant in UTC, and not a zone’s offset away', () => {
    const daily = (until: string) =>
      expanded(
        anEvent(
          'DTSTART;TZID=America/New_York:20260301T200000',
          'DURATION:PT1H',
          `RRULE:FREQ=DAILY;UNTIL=${until}`,
        ),
      );
    // 20:00 in New York is 01:00 UTC of the next day.
    expect(spansOf(daily('20260303T010000Z'))).toHaveLength(2);
    expect(spansOf(daily('20260303T005959Z'))).toHaveLength(1);
    expect(spansOf(daily('20260303'))).toHaveLength(3);
  });

  it('leave out exceptions, written in another zone too, and a whole day', () => {
    const result = expanded(
      anEvent(
        'DTSTART;TZID=Europe/Berlin:20260601T100000',
        'DURATION:PT1H',
        'RRULE:FREQ=DAILY;COUNT=5',
        'EXDATE:20260602T080000Z',
        'EXDATE;TZID=Europe/Berlin:20260603T100000',
        'EXDATE;VALUE=DATE:20260605',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-06-01T08:00/2026-06-01T09:00',
      '2026-06-04T08:00/2026-06-04T09:00',
    ]);
  });

  it('take periods as further occurrences with a length of their own', () => {
    const result = expanded(
      anEvent(
        'DTSTART:20260601T100000Z',
        'DTEND:20260601T110000Z',
        'RDATE;VALUE=PERIOD:20260610T100000Z/PT3H,20260611T100000Z/20260611T103000Z',
        'RDATE:20260612T100000Z',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-06-01T10:00/2026-06-01T11:00',
      '2026-06-10T10:00/2026-06-10T13:00',
      '2026-06-11T10:00/2026-06-11T10:30',
      '2026-06-12T10:00/2026-06-12T11:00',
    ]);
  });

  it('without a length are nothing, and days of 24 h are not days of the calendar', () => {
    const result = expanded(
      anEvent('DTSTART:20260601T100000Z'),
      anEvent('DTSTART;TZID=Europe/Berlin:20261024T120000', 'DURATION:P1D'),
      anEvent('DTSTART;TZID=Europe/Berlin:20261024T120000', 'DURATION:PT24H'),
    );
    expect(spansOf(result)).toEqual([
      '2026-10-24T10:00/2026-10-25T10:00',
      '2026-10-24T10:00/2026-10-25T11:00',
    ]);
  });
});

describe('occurrences that were changed', () => {
  const weekly = [
    'UID:series',
    'DTSTART:20260601T100000Z',
    'DTEND:20260601T110000Z',
    'RRULE:FREQ=WEEKLY;COUNT=4',
  ];

  it('are where they were moved to, and no longer where they were', () => {
    const result = expanded(
      anEvent(...weekly),
      anEvent(
        'UID:series',
        'RECURRENCE-ID:20260608T100000Z',
        'DTSTART:20260609T150000Z',
        'DTEND:20260609T160000Z',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-06-01T10:00/2026-06-01T11:00',
      '2026-06-09T15:00/2026-06-09T16:00',
      '2026-06-15T10:00/2026-06-15T11:00',
      '2026-06-22T10:00/2026-06-22T11:00',
    ]);
  });

  it('are gone when they were cancelled, and a cancelled series with all of it', () => {
    const gone = anEvent(
      'UID:series',
      'RECURRENCE-ID:20260608T100000Z',
      'DTSTART:20260608T100000Z',
      'STATUS:CANCELLED',
    );
    expect(spansOf(expanded(anEvent(...weekly), gone))).toHaveLength(3);
    expect(spansOf(expanded(anEvent(...weekly, 'STATUS:CANCELLED')))).toEqual([]);
  });

  it('move all that follow where the change is for those too', () => {
    const result = expanded(
      anEvent(...weekly),
      anEvent(
        'UID:series',
        'RECURRENCE-ID;RANGE=THISANDFUTURE:20260615T100000Z',
        'DTSTART:20260615T120000Z',
        'DTEND:20260615T140000Z',
      ),
    );
    expect(spansOf(result)).toEqual([
      '2026-06-01T10:00/2026-06-01T11:00',
      '2026-06-08T10:00/2026-06-08T11:00',
      '2026-06-15T12:00/2026-06-15T14:00',
      '2026-06-22T12:00/2026-06-22T14:00',
    ]);
  });

  it('are events of their own where their series is not in the file', () => {
    const alone = anEvent(
      'UID:other',
      'RECURRENCE-ID:20260608T100000Z',
      'DTSTART:20260609T150000Z',
      'DURATION:PT1H',
    );
    expect(spansOf(expanded(alone))).toEqual(['2026-06-09T15:00/2026-06-09T16:00']);
  });
});

describe('what is no calendar', () => {
  const secret = 'https://calendar.example.com/private-1234/basic.ics';
  it.each([
    ['nothing', ''],
    ['a page that asks for a password', `<html><a href="${secret}">Sign in</a></html>`],
    ['a card', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Mia\r\nEND:VCARD\r\n'],
    ['half a file', anIcs(anEvent('DTSTART;VALUE=DATE:20261224')).slice(0, 120)],
    ['a line without sense', anIcs(secret.replaceAll(':', ' '))],
    ['a time that is none', anIcs(anEvent('DTSTART:20261224T99'))],
    ['a rule that is none', anIcs(anEvent('DTSTART:20261224T100000Z', 'RRULE:FREQ=NEVER'))],
  ])('%s: is refused, and nothing of it is repeated', (_, content) => {
    const result = expand({ ...year, text: content });
    expect(result.ok).toBe(false);
    if (!result.ok)
      expect(result.problem).toMatch(/^(it is no iCalendar file|line \d+(, [A-Z]+)?: [a-z A-Z]+)$/);
  });

  it('refuses a zone that nobody knows rather than to be hours wrong', () => {
    const result = expanded(anEvent('DTSTART;TZID=Middle Earth:20260601T100000', 'DURATION:PT1H'));
    expect(result).toEqual({
      ok: false,
      problem: 'line 7, DTSTART: its time zone is not described here, and none that is known',
    });
  });

  it('refuses more events than people keep', () => {
    const result = expanded(anEvent('DTSTART:20260601T100000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY'));
    expect(result).toEqual({ ok: false, problem: 'it holds more than 10000 events in a year' });
  });

  it('reads several calendars in one file, with a mark at its beginning', () => {
    const one = anIcs(anEvent('DTSTART;VALUE=DATE:20261224'));
    const other = anIcs(anEvent('DTSTART;VALUE=DATE:20261231'));
    const result = expand({ ...year, text: `\uFEFF${one}${other}` });
    expect(daysOf(result)).toEqual(['2026-12-24', '2026-12-31']);
  });
});

describe('an event that ends', () => {
  const year = { from: utc('2026-01-01T00:00'), to: utc('2027-01-01T00:00'), timeZone: 'UTC' };
  const other = anEvent('DTSTART;VALUE=DATE:20261224');
  const read = (...lines: readonly string[]): Expanded =>
    expand({ ...year, text: anIcs(anEvent('UID:short', ...lines), other) });

  it.each([
    [['DTSTART:20260301T100000Z', 'DTEND:20260301T090000Z'], 'line 8, DTEND: it is before DTSTART'],
    [['DTSTART;VALUE=DATE:20260302', 'DTEND;VALUE=DATE:20260301'], 'line 8, DTEND: it is before DTSTART'],
    [['DTSTART:20260301T100000Z', 'DURATION:-PT1H'], 'line 8, DURATION: it is a negative duration'],
  ])('before it starts is told with its line, and the rest counts: %s', (lines, leftOut) => {
    const result = read(...lines);
    expect(told(result)).toBe(leftOut);
    expect(daysOf(result)).toEqual(['2026-12-24']);
  });

  it('on the day on which it starts is a whole day, as calendar programs show it', () => {
    const result = read('DTSTART;VALUE=DATE:20260301', 'DTEND;VALUE=DATE:20260301');
    expect(told(result)).toBe('');
    expect(daysOf(result)).toEqual(['2026-03-01', '2026-12-24']);
  });
});

/** The line of what was refused, or left out. */
const told = (result: Expanded): string => (result.ok ? result.leftOut.join('\n') : result.problem);

describe('rules that are easily got wrong', () => {
  const starts = (dtstart: string, rule: string): readonly string[] =>
    daysOf(
      expand({
        from: utc('2026-01-01T00:00'),
        to: utc('2040-01-01T00:00'),
        timeZone: 'UTC',
        text: anIcs(anEvent(`DTSTART;VALUE=DATE:${dtstart}`, `RRULE:${rule}`)),
      }),
    );

  it.each([
    ['yearly on 29 February', '20240229', 'FREQ=YEARLY', '2028-02-29 2032-02-29 2036-02-29'],
    ['on a 30 February', '20240101', 'FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2', ''],
    ['the 31st of each month', '20261031', 'FREQ=MONTHLY;COUNT=3', '2026-10-31 2026-12-31 2027-01-31'],
    [
      'Mondays of week 53',
      '20240101',
      'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO',
      '2026-12-28 2032-12-27 2037-12-28',
    ],
    [
      'week 20 without a day',
      '20260512',
      'FREQ=YEARLY;BYWEEKNO=20;COUNT=3',
      '2026-05-12 2027-05-18 2028-05-16',
    ],
    ['the last week', '20260101', 'FREQ=YEARLY;BYWEEKNO=-1;BYDAY=FR;COUNT=2', '2027-01-01 2027-12-31'],
    [
      'the last working day',
      '20260101',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3',
      '2026-01-30 2026-02-27 2026-03-31',
    ],
    [
      'days with and without a number',
      '20260101',
      'FREQ=MONTHLY;BYDAY=1MO,SU;COUNT=5',
      '2026-01-04 2026-01-05 2026-01-11 2026-01-18 2026-01-25',
    ],
    [
      'every second week from Sunday on',
      '20260106',
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=3',
      '2026-01-06 2026-01-18 2026-01-20',
    ],
    ['the hundredth day', '20260101', 'FREQ=YEARLY;BYYEARDAY=100,-1;COUNT=2', '2026-04-10 2026-12-31'],
    ['a day in two billion', '20260105', 'FREQ=DAILY;INTERVAL=2000000000', '2026-01-05'],
  ])('%s', (_, dtstart, rule, days) => {
    expect(starts(dtstart, rule).join(' ')).toBe(days);
  });

  it.each([
    ['RRULE:FREQ=DAILY;COUNT=0', 'line 8, RRULE: COUNT is no number from 1 on'],
    ['RRULE:FREQ=DAILY;INTERVAL=0', 'line 8, RRULE: INTERVAL is no number from 1 on'],
    ['RRULE:FREQ=YEARLY;BYMONTH=13', 'line 8, RRULE: BYMONTH has a number that it cannot have'],
    ['RRULE:FREQ=WEEKLY;BYDAY=2MO', 'line 8, RRULE: BYDAY has no numbers with WEEKLY'],
    ['RRULE:FREQ=WEEKLY;BYMONTHDAY=2', 'line 8, RRULE: BYMONTHDAY does not go with WEEKLY'],
    ['RRULE:FREQ=MONTHLY;BYWEEKNO=2', 'line 8, RRULE: BYWEEKNO does not go with MONTHLY'],
    ['RRULE:FREQ=DAILY;BYSETPOS=2', 'line 8, RRULE: BYSETPOS has nothing to choose from'],
    ['RRULE:RSCALE=CHINESE;FREQ=YEARLY', 'line 8, RRULE: it has a part that is not known'],
    ['RRULE:FREQ=DAILY;FREQ=YEARLY', 'line 8, RRULE: FREQ is not written as it should be'],
    ['EXDATE:20260230T100000Z', 'line 8, EXDATE: there is no such day'],
    ['DTEND:20261224T240000Z', 'line 8, DTEND: there is no such time'],
    ['DURATION:1h', 'line 8, DURATION: it is no duration'],
  ])('refuses %s with its line', (line, problem) => {
    expect(told(expanded(anEvent('DTSTART:20261224T100000Z', line)))).toBe(problem);
  });

  it('refuses a day that does not exist rather than to move it', () => {
    expect(told(expanded(anEvent('DTSTART;VALUE=DATE:20260230')))).toBe(
      'line 7, DTSTART: there is no such day',
    );
  });

  it('takes out what an old exception rule names', () => {
    const result = expanded(
      anEvent('DTSTART;VALUE=DATE:20260601', 'RRULE:FREQ=DAILY;COUNT=6', 'EXRULE:FREQ=DAILY;INTERVAL=2'),
    );
    expect(daysOf(result)).toEqual(['2026-06-02', '2026-06-04', '2026-06-06']);
  });
});

describe('hours that come twice or not at all', () => {
  it.each([
    ['twice, in a zone of the tz database', [], 'America/New_York', '20261101T013000', '2026-11-01T05:30'],
    [
      'twice, in a zone that the file describes',
      newYork,
      'Our Office',
      '20261101T013000',
      '2026-11-01T05:30',
    ],
    [
      'not at all, in a zone of the tz database',
      [],
      'America/New_York',
      '20260308T023000',
      '2026-03-08T07:30',
    ],
    [
      'not at all, in a zone that the file describes',
      newYork,
      'Our Office',
      '20260308T023000',
      '2026-03-08T07:30',
    ],
  ])('%s: the first one, or by the offset before', (_, zone, name, start, instant) => {
    const result = expanded(...zone, anEvent(`DTSTART;TZID=${name}:${start}`, 'DURATION:PT5M'));
    expect(spansOf(result).map((span) => span.slice(0, 16))).toEqual([instant]);
  });
});

describe('names of zones', () => {
  it.each([
    ['CET', '2026-07-01T08:00'],
    ['Japan', '2026-07-01T01:00'],
    ['EST5EDT', '2026-07-01T14:00'],
    ['"W. Europe Standard Time"', '2026-07-01T08:00'],
    ['Pacific Standard Time', '2026-07-01T17:00'],
  ])('%s is known without a description', (name, instant) => {
    const result = expanded(anEvent(`DTSTART;TZID=${name}:20260701T100000`, 'DURATION:PT1H'));
    expect(spansOf(result)).toEqual([`${instant}/${text(utc(instant) + 3_600_000)}`]);
  });

  it('mean what the file says of them where they name no place', () => {
    const ours = newYork.map((line) => (line.startsWith('TZID:') ? 'TZID:EST' : line));
    const event = anEvent('DTSTART;TZID=EST:20260701T100000', 'DURATION:PT1H');
    expect(spansOf(expanded(...ours, event))).toEqual(['2026-07-01T14:00/2026-07-01T15:00']);
    expect(spansOf(expanded(event))).toEqual(['2026-07-01T15:00/2026-07-01T16:00']);
  });

  it('of Windows are those of CLDR', () => {
    const ofCldr = WINDOWS_TO_IANA_MAP.filter(({ territory }) => territory === '001');
    expect(Object.keys(windowsZones)).toHaveLength(ofCldr.length);
    for (const { windowsName, iana } of ofCldr) expect(windowsZones[windowsName], windowsName).toBe(iana[0]);
  });
});

describe('one bad line', () => {
  const good = anEvent('DTSTART;VALUE=DATE:20261224');

  it('is named with its property, and everything else counts', () => {
    const result = expanded(
      good,
      anEvent('DTSTART;VALUE=DATE:20261301'),
      anEvent('DTSTART;VALUE=DATE:20261231'),
    );
    expect(daysOf(result)).toEqual(['2026-12-24', '2026-12-31']);
    expect(told(result)).toBe('line 12, DTSTART: there is no such day');
  });

  it('that is no property is left out alone, and folded lines are counted as they stand in the file', () => {
    const result = expanded(
      anEvent('SUMMARY:folded', '  once', ' twice', 'not a property', 'DTSTART;VALUE=DATE:20261224'),
    );
    expect(daysOf(result)).toEqual(['2026-12-24']);
    expect(told(result)).toBe('line 10: it is no property');
  });

  it('of a zone takes out the events of that zone', () => {
    const broken = newYork.map((line) => line.replace('-0500', '5 hours'));
    const result = expanded(
      ...broken,
      good,
      anEvent('DTSTART;TZID=Our Office:20260601T100000', 'DURATION:PT1H'),
    );
    expect(daysOf(result)).toEqual(['2026-12-24']);
    expect(told(result)).toBe('line 10, TZOFFSETTO: it is no offset from UTC');
  });

  it('that leaves nothing refuses the calendar: nobody opens windows for want of holidays', () => {
    expect(expanded(anEvent('DTSTART;VALUE=DATE:20261301')).ok).toBe(false);
  });
});

describe('against a calendar that was counted by hand', () => {
  it('daily, weekly and monthly rules give the days that a walk through the year gives', () => {
    const names = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
    const rule = fc.oneof(
      fc.record({ kind: fc.constant('daily' as const), interval: fc.integer({ min: 1, max: 20 }) }),
      fc.record({
        kind: fc.constant('weekly' as const),
        on: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      }),
      fc.record({ kind: fc.constant('monthly' as const), date: fc.integer({ min: 1, max: 31 }) }),
    );
    fc.assert(
      fc.property(rule, fc.integer({ min: 0, max: 600 }), (given, ago) => {
        const start = year.from - ago * day;
        const text =
          given.kind === 'daily'
            ? `FREQ=DAILY;INTERVAL=${given.interval}`
            : given.kind === 'weekly'
              ? `FREQ=WEEKLY;BYDAY=${given.on.map((on) => names[on]).join(',')}`
              : `FREQ=MONTHLY;BYMONTHDAY=${given.date}`;
        const expected: string[] = [];
        for (let at = year.from; at <= year.to; at += day) {
          const date = new Date(at);
          const hit =
            given.kind === 'daily'
              ? ((at - start) / day) % given.interval === 0
              : given.kind === 'weekly'
                ? given.on.includes(date.getUTCDay())
                : date.getUTCDate() === given.date;
          if (hit) expected.push(date.toISOString().slice(0, 10));
        }
        const dtstart = new Date(start).toISOString().slice(0, 10).replaceAll('-', '');
        expect(daysOf(expanded(anEvent(`DTSTART;VALUE=DATE:${dtstart}`, `RRULE:${text}`)))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('is never thrown off by any text', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'BEGIN:VEVENT',
        'END:VEVENT',
        'BEGIN:VTIMEZONE',
        'END:VTIMEZONE',
        'DTSTART:20260101T000000Z',
        'DTSTART;VALUE=DATE:20260101',
        'DTEND:19000101T000000Z',
        'DURATION:-P1D',
        'RECURRENCE-ID:20260101T000000Z',
        'TZID:x',
        'RDATE:',
        'EXDATE;TZID=x:20260101T000000',
        'RRULE:FREQ=DAILY;COUNT=3',
      ),
      fc.string({ maxLength: 30 }),
    );
    const met = outcomeCounts<'read' | 'refused'>();
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const result = expanded(...lines);
        met.saw(result.ok ? 'read' : 'refused');
        if (result.ok) expect(result.events.spans.every(({ start, end }) => end > start)).toBe(true);
        else expect(result.problem).toMatch(/^(line \d+(, [A-Z-]+)?: )?[A-Za-z]/);
      }),
      { numRuns: 500 },
    );
    met.atLeast({ read: 20, refused: 100 });
  });
});
