import { expand } from '../../../src/calendars/ical/expand.ts';
import { type Door, refused, taken } from '../door.ts';

const lines = (...all: readonly string[]): string => all.join('\r\n');
const calendar = (...all: readonly string[]): string =>
  lines('BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//EN', ...all, 'END:VCALENDAR', '');
const event = (...all: readonly string[]): string =>
  lines('BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20260101T000000Z', ...all, 'END:VEVENT');

const from = Date.UTC(2026, 11, 1);

export const calendars: Door = {
  name: 'calendars',
  what: 'iCalendar files with the days on which nothing is rebooted',
  seeds: [
    calendar(event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Holidays')),
    calendar(
      event(
        'DTSTART;TZID=Europe/Berlin:20261201T020000',
        'DURATION:PT3H',
        'RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270301T000000Z',
        'EXDATE;TZID=Europe/Berlin:20261215T020000',
        'RDATE:20261216T010000Z',
      ),
    ),
    calendar(
      lines(
        'BEGIN:VTIMEZONE',
        'TZID:Here',
        'BEGIN:STANDARD',
        'DTSTART:19701025T030000',
        'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
        'TZOFFSETFROM:+0200',
        'TZOFFSETTO:+0100',
        'END:STANDARD',
        'END:VTIMEZONE',
      ),
      event('DTSTART;TZID=Here:20261205T000000', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5;BYSETPOS=1'),
    ),
  ],
  tokens: [
    'RRULE:FREQ=',
    'SECONDLY',
    'YEARLY',
    'DAILY',
    'INTERVAL=',
    ';BYDAY=',
    ';BYSETPOS=',
    ';COUNT=',
    'DURATION:P',
    'BEGIN:VEVENT\r\n',
    'END:VEVENT\r\n',
    'RECURRENCE-ID:',
    'TZID=',
    'Z',
    '\r\n ',
  ],
  enter(input) {
    const expanded = expand({ text: input, from, to: from + 400 * 86_400_000, timeZone: 'Europe/Berlin' });
    if (expanded.ok)
      return expanded.leftOut.length === 0
        ? taken
        : refused(/line \d+|[A-Z-]{3,}|event/i, ...expanded.leftOut);
    return refused(/line \d+|[A-Z-]{3,}|iCalendar|event/i, expanded.problem);
  },
};
