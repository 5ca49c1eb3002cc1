/** When reboots may start: windows, dates and calendars. */
import { z } from 'zod';
import { nths, weekdays } from '../../reboot/policy/pool-windows.ts';
import { day, minute } from '../../reboot/time/time.ts';
import { isTimeZone } from '../../reboot/windows/wall-clock.ts';
import { dateForm, dateSyntax, parseDateRange } from '../checks/dates.ts';
import { parseDuration } from '../../reboot/time/duration.ts';
import { durationText } from './schema-parts.ts';

const wallTime = z
  .string({ error: 'Times look like "02:00", in quotes.' })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'Times look like "02:00" and lie between 00:00 and 23:59.' });

export const timeZone = z
  .string({ error: 'Zones look like Europe/Berlin.' })
  .refine(isTimeZone, { error: 'That is no IANA zone. Zones look like Europe/Berlin, or UTC.' });

/** A duration within a range; values outside of it would not work. */
const durationBetween = (from: number, to: number, error: string) =>
  durationText(error).refine(
    (text) => {
      const duration = parseDuration(text);
      return duration !== undefined && duration >= from && duration <= to && duration % minute === 0;
    },
    { error },
  );

const dates = 'Dates are a list, such as [2026-12-24, 2026-12-24..2027-01-06, 12-25].';

export const dateList = (what: string) =>
  z
    .array(
      z
        .string({ error: 'Dates are text such as 2026-12-24, or 12-25.' })
        .regex(dateForm, { error: dateSyntax, abort: true })
        .superRefine((text, context) => {
          const parsed = parseDateRange(text);
          if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
        }),
      { error: dates },
    )
    .max(1000, { error: 'Write at most 1000 dates. More belong into a calendar.' })
    .describe(what);

const windowShape = z.strictObject(
  {
    days: z
      .array(z.enum(weekdays, { error: `Days are ${weekdays.join(' ')}.` }), {
        error: `Days are a list of ${weekdays.join(' ')}.`,
      })
      .min(1, { error: `Name at least one day of ${weekdays.join(' ')}.` })
      .optional()
      .describe('Days on which the window starts. Fri 22:00–04:00 covers Saturday 01:00.'),
    nth: z
      .array(z.enum(nths, { error: `Write ${nths.join(', ')}.` }), {
        error: `A list of ${nths.join(', ')}.`,
      })
      .min(1, { error: `Name at least one of ${nths.join(', ')}.` })
      .optional()
      .describe('Only on these of a month’s days of that name: [first, third] with [sat], or [last].'),
    dates: dateList('Dates on which the window starts, instead of `days`.')
      .min(1, { error: `Name at least one. ${dates}` })
      .optional(),
    start: wallTime.describe('Wall-clock time at which it opens.'),
    end: wallTime
      .optional()
      .describe('Wall-clock time at which it closes. Not after the start means the next day.'),
    duration: durationBetween(
      minute,
      7 * day,
      'Durations of windows look like 90m, 6h, 2d: whole minutes, at most 7d.',
    )
      .optional()
      .describe('How long it is open on the wall clock, instead of `end`. At most 7d.'),
    timeZone: timeZone.optional().describe('IANA zone; the file’s `timeZone` where absent.'),
  },
  { error: 'A window is written as `days:`, `start:` and `end:`.' },
);

/** Settings of which exactly one must be given. */
export const windowSchema = windowShape.superRefine((window, context) => {
  const complain = (setting: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [setting], message });
  if (window.days === undefined && window.dates === undefined)
    complain('days', 'Say when it starts, with `days` or with `dates`.');
  if (window.days !== undefined && window.dates !== undefined)
    complain('dates', 'It has `days` as well. Write two windows, one with `days` and one with `dates`.');
  if (window.nth !== undefined && window.days === undefined)
    complain('nth', 'It goes with `days`: `days: [sat], nth: [first]`.');
  if (window.end === undefined && window.duration === undefined)
    complain('end', 'Say when it closes, with `end` or with `duration`.');
  if (window.end !== undefined && window.duration !== undefined)
    complain('duration', 'It has an `end` as well. Write one of the two.');
});

export const calendarName = z
  .string({ error: 'A calendar needs a name.' })
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: 'Calendar names are lower-case letters, digits and dashes, at most 63.',
  });

const place = (error: string) => z.string({ error }).min(1, { error });

const calendarShape = z.strictObject(
  {
    name: calendarName.describe('Its name; pools name the calendars that they obey.'),
    file: place('A path, such as /etc/tugboot/holidays.ics.')
      .optional()
      .describe('Path of an iCalendar file (RFC 5545). It is read again when it changes.'),
    url: place('An address, such as https://calendar.example.com/holidays.ics.')
      .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
        error: 'Addresses look like https://calendar.example.com/holidays.ics.',
      })
      .optional()
      .describe('Address of an iCalendar file. It is never shown: many are as good as a password.'),
    urlFile: place('A path, such as /etc/tugboot/holidays-url.')
      .optional()
      .describe('Path of a file that holds the address, such as a mounted Secret.'),
    use: z
      .enum(['exclude', 'open'], { error: 'Write exclude or open.' })
      .default('exclude')
      .describe(
        'exclude: on days with an event of whole days no window starts, and during other events nothing does. open: its events are windows. Default exclude.',
      ),
    every: durationBetween(minute, 7 * day, 'Durations look like 15m, 1h: whole minutes, from 1m to 7d.')
      .default('1h')
      .describe('How often an address is fetched. Default 1h.'),
    timeZone: timeZone
      .optional()
      .describe('IANA zone of events that name none; the file’s `timeZone` where absent.'),
    plainHttp: z
      .boolean({ error: 'Write true or false.' })
      .default(false)
      .describe('May the address begin with http:? Default false; loopback always may.'),
  },
  { error: 'A calendar is written as `name:`, `use:` and one of `file:`, `url:`, `urlFile:`.' },
);

const isLoopback = (url: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);

export const calendarSchema = calendarShape.superRefine((calendar, context) => {
  const { file, url, urlFile, plainHttp } = calendar;
  const places = Object.entries({ file, url, urlFile }).filter(([, value]) => value !== undefined);
  const [, second] = places.map(([setting]) => setting);
  if (places.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['file'],
      message: 'Say where it is, with `file`, `url` or `urlFile`.',
    });
  if (second !== undefined)
    context.addIssue({
      code: 'custom',
      path: [second],
      message: 'It comes from one place. Write one of `file`, `url` and `urlFile`.',
    });
  if (url === undefined || !URL.canParse(url) || plainHttp) return;
  const parsed = new URL(url);
  if (parsed.protocol === 'http:' && !isLoopback(parsed))
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: 'Nobody else reads along with https. Write https, or say `plainHttp: true`.',
    });
});
