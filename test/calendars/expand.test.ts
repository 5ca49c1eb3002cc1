import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expanded, expand } from '../../src/calendars/expand.ts';
import { day } from '../../src/reboot/time.ts';
import { anEvent, anIcs } from './an-ics.ts';

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
    if (!result.ok) expect(result.problem).toMatch(/^it (is no iCalendar file( that can be read)?)$/);
  });

  it('refuses a zone that nobody knows rather than to be hours wrong', () => {
    const result = expanded(anEvent('DTSTART;TZID=Middle Earth:20260601T100000', 'DURATION:PT1H'));
    expect(result).toEqual({
      ok: false,
      problem: 'it names a time zone that neither it describes nor the tz database knows',
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
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const result = expanded(...lines);
        if (result.ok) expect(result.events.spans.every(({ start, end }) => end > start)).toBe(true);
        else expect(result.problem).toMatch(/^it [a-z]/);
      }),
      { numRuns: 500 },
    );
  });
});
