/** RRULE (RFC 5545, 3.3.10): parsed, and refused where the RFC forbids it. */
import { CalendarProblem, type ContentLine } from './content-lines.ts';
import { type DateOrTime, parseDateOrTime } from './values.ts';

export const frequencies = [
  'SECONDLY',
  'MINUTELY',
  'HOURLY',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'YEARLY',
] as const;
export type Frequency = (typeof frequencies)[number];

/** Monday is 0. `nth` counts within the month or the year, from the end if negative; 0 means every one. */
export interface WeekdayOf {
  readonly weekday: number;
  readonly nth: number;
}

export interface RecurrenceRule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count?: number;
  readonly until?: DateOrTime;
  readonly weekStart: number;
  readonly byDay: readonly WeekdayOf[];
  readonly by: Readonly<Record<NumberPart, readonly number[]>>;
}

interface Range {
  readonly most: number;
  /** Negative numbers count from the end; 0 is then invalid. */
  readonly signed?: true;
  readonly least?: number;
}

const ranges = {
  BYSECOND: { most: 60 },
  BYMINUTE: { most: 59 },
  BYHOUR: { most: 23 },
  BYMONTHDAY: { most: 31, signed: true },
  BYYEARDAY: { most: 366, signed: true },
  BYWEEKNO: { most: 53, signed: true },
  BYMONTH: { least: 1, most: 12 },
  BYSETPOS: { most: 366, signed: true },
} as const satisfies Record<string, Range>;

export type NumberPart = keyof typeof ranges;
const numberParts = Object.keys(ranges) as NumberPart[];

const weekdayNames = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

export function parseRule(at: ContentLine): RecurrenceRule {
  const parts = partsOf(at);
  const text = (name: string): string | undefined => parts.get(name);
  const frequency = frequencies.find((each) => each === text('FREQ'));
  if (!frequency) throw new CalendarProblem('FREQ is missing or unknown', at);
  const [count, until] = [text('COUNT'), text('UNTIL')];
  const weekStart = weekdayNames.indexOf(text('WKST') ?? 'MO');
  if (weekStart < 0) throw new CalendarProblem('WKST is no weekday', at);
  const by = Object.fromEntries(
    numberParts.map((name) => [name, numbersOf(text(name), name, at)]),
  ) as unknown as RecurrenceRule['by'];
  const rule: RecurrenceRule = {
    frequency,
    interval: positive(text('INTERVAL') ?? '1', 'INTERVAL', at),
    ...(count === undefined ? {} : { count: positive(count, 'COUNT', at) }),
    ...(until === undefined ? {} : { until: parseDateOrTime(until, at) }),
    weekStart,
    byDay: weekdaysOf(text('BYDAY'), at),
    by,
  };
  const wrong = forbidden(rule);
  if (wrong !== undefined) throw new CalendarProblem(wrong, at);
  return rule;
}

const known = new Set<string>(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYDAY', ...numberParts]);

function partsOf(at: ContentLine): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of at.value.trim().toUpperCase().split(';')) {
    if (part === '') continue;
    const [name = '', value = '', ...more] = part.split('=');
    // Only the Gregorian calendar of RFC 7529 is supported, and only its default way to skip invalid days.
    if ((name === 'RSCALE' && value === 'GREGORIAN') || (name === 'SKIP' && value === 'OMIT')) continue;
    if (name.startsWith('X-')) continue;
    if (!known.has(name)) throw new CalendarProblem('it has a part that is not known', at);
    if (value === '' || more.length > 0 || parts.has(name))
      throw new CalendarProblem(`${name} is not written as it should be`, at);
    parts.set(name, value);
  }
  return parts;
}

function positive(text: string, name: string, at: ContentLine): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number === 0) throw new CalendarProblem(`${name} is no number from 1 on`, at);
  return number;
}

function numbersOf(text: string | undefined, name: NumberPart, at: ContentLine): readonly number[] {
  if (text === undefined) return [];
  const range: Range = ranges[name];
  const least = range.least ?? (range.signed ? -range.most : 0);
  return text.split(',').map((each) => {
    const number = /^[+-]?\d{1,3}$/.test(each) ? Number(each) : Number.NaN;
    if (!(number >= least && number <= range.most) || (range.signed && number === 0))
      throw new CalendarProblem(`${name} has a number that it cannot have`, at);
    return number;
  });
}

function weekdaysOf(text: string | undefined, at: ContentLine): readonly WeekdayOf[] {
  if (text === undefined) return [];
  return text.split(',').map((each) => {
    const [, nth = '0', name = ''] = /^([+-]?[1-9]\d?)?([A-Z]{2})$/.exec(each) ?? [];
    const weekday = weekdayNames.indexOf(name);
    if (weekday < 0 || Math.abs(Number(nth)) > 53)
      throw new CalendarProblem('BYDAY has a day that is none', at);
    return { weekday, nth: Number(nth) };
  });
}

/** Combinations that the RFC forbids. */
function forbidden({ frequency, byDay, by }: RecurrenceRule): string | undefined {
  const numbered = byDay.some(({ nth }) => nth !== 0);
  if (numbered && !['MONTHLY', 'YEARLY'].includes(frequency)) return `BYDAY has no numbers with ${frequency}`;
  if (numbered && by.BYWEEKNO.length > 0) return 'BYDAY has no numbers with BYWEEKNO';
  if (by.BYWEEKNO.length > 0 && frequency !== 'YEARLY') return `BYWEEKNO does not go with ${frequency}`;
  if (by.BYYEARDAY.length > 0 && ['DAILY', 'WEEKLY', 'MONTHLY'].includes(frequency))
    return `BYYEARDAY does not go with ${frequency}`;
  if (by.BYMONTHDAY.length > 0 && frequency === 'WEEKLY') return 'BYMONTHDAY does not go with WEEKLY';
  const others =
    byDay.length + numberParts.reduce((sum, name) => sum + (name === 'BYSETPOS' ? 0 : by[name].length), 0);
  return by.BYSETPOS.length > 0 && others === 0 ? 'BYSETPOS has nothing to choose from' : undefined;
}
