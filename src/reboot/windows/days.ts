/** Arithmetic on calendar days (days since 1970-01-01, without a time zone). */
import { formatInTimeZone } from 'date-fns-tz';
import { type DateRange, type Day, type Nth, type Weekday, weekdays } from '../policy/pool-windows.ts';
import { day as dayLength } from '../time/time.ts';

export const dayOf = (year: number, month: number, date: number): Day =>
  Date.UTC(year, month - 1, date) / dayLength;

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly date: number;
}

export function fieldsOfDay(day: Day): Fields {
  const at = new Date(day * dayLength);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, date: at.getUTCDate() };
}

/** 1970-01-01 was a Thursday. */
export function weekdayOf(day: Day): Weekday {
  const name = weekdays[(((day + 3) % 7) + 7) % 7];
  if (name === undefined) throw new RangeError(`${day} is no day`);
  return name;
}

const ordinals: readonly Nth[] = ['first', 'second', 'third', 'fourth', 'fifth'];

/** Whether the day is, for example, the first or the last of its weekday in its month. */
export function isNth(day: Day, wanted: readonly Nth[]): boolean {
  const { month, date } = fieldsOfDay(day);
  const ordinal = ordinals[Math.floor((date - 1) / 7)];
  const isLast = fieldsOfDay(day + 7).month !== month;
  return wanted.some((nth) => nth === ordinal || (nth === 'last' && isLast));
}

export function rangeCovers(range: DateRange, day: Day): boolean {
  if (range.kind === 'once') return range.first <= day && day <= range.last;
  const { month, date } = fieldsOfDay(day);
  const inYear = month * 100 + date;
  return range.first <= range.last
    ? range.first <= inYear && inYear <= range.last
    : inYear >= range.first || inYear <= range.last;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** "2026-12-24". */
export const dayText = (day: Day): string => formatInTimeZone(day * dayLength, 'UTC', 'yyyy-MM-dd');

const yearlyText = (inYear: number): string => `${two(Math.floor(inYear / 100))}-${two(inYear % 100)}`;

/** In the notation of the configuration: "2026-12-24", "2026-12-24..2027-01-06", "12-24..01-06". */
export function dateRangeText(range: DateRange): string {
  const text = range.kind === 'once' ? dayText : yearlyText;
  return range.first === range.last ? text(range.first) : `${text(range.first)}..${text(range.last)}`;
}

export const weekdayName = (name: Weekday): string => name.charAt(0).toUpperCase() + name.slice(1);

/** "Thu 24 Dec". */
export const dayLabel = (day: Day): string => formatInTimeZone(day * dayLength, 'UTC', 'EEE d MMM');
