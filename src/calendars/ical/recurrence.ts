/** Expands a rule to its starts, in order, on a wall clock without a zone. */
import { frequencies, type Frequency, type RecurrenceRule } from './recurrence-rule.ts';
import type { Wall } from './values.ts';

/** Days since 1970-01-01. */
type DayNumber = number;

const secondsOfDay = 86_400;

/** Seconds of one period, for frequencies whose periods all have the same length. */
const steps: Partial<Record<Frequency, number>> = {
  SECONDLY: 1,
  MINUTELY: 60,
  HOURLY: 3600,
  DAILY: secondsOfDay,
};

interface DayFields {
  readonly day: DayNumber;
  readonly year: number;
  readonly month: number;
  readonly date: number;
}

function fieldsOf(day: DayNumber): DayFields {
  const at = new Date(day * secondsOfDay * 1000);
  return { day, year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, date: at.getUTCDate() };
}

const dayNumberOf = (year: number, month: number, date: number): DayNumber =>
  Date.UTC(year, month - 1, date) / (secondsOfDay * 1000);

/** 1970-01-01 was a Thursday, and Monday is 0. */
const weekdayNumber = (day: DayNumber): number => (((day + 3) % 7) + 7) % 7;

/** Starts up to `last`. `COUNT` is counted from the first one; `UNTIL` is ignored. */
export function* starts(rule: RecurrenceRule, first: Wall, last: Wall): Iterable<Wall> {
  const complete = withDefaults(rule, first);
  const matches = dayFilter(complete);
  let left = rule.count ?? Number.POSITIVE_INFINITY;
  for (const period of periodsOf(complete, matches, { first, last })) {
    for (const start of chosen(startsIn(complete, matches, { period, first }), complete)) {
      if (start < first) continue;
      if (start > last || left === 0) return;
      left -= 1;
      yield start;
    }
  }
}

/** Parts that the rule omits are taken from the first start. */
function withDefaults(rule: RecurrenceRule, first: Wall): RecurrenceRule {
  const { day, month, date } = fieldsOf(Math.floor(first / secondsOfDay));
  const { frequency, byDay, by } = rule;
  if (byDay.length + by.BYMONTHDAY.length + by.BYYEARDAY.length > 0) return rule;
  if (frequency === 'WEEKLY' || by.BYWEEKNO.length > 0)
    return { ...rule, byDay: [{ weekday: weekdayNumber(day), nth: 0 }] };
  if (frequency === 'MONTHLY') return { ...rule, by: { ...by, BYMONTHDAY: [date] } };
  if (frequency !== 'YEARLY') return rule;
  const months = by.BYMONTH.length > 0 ? by.BYMONTH : [month];
  return { ...rule, by: { ...by, BYMONTH: months, BYMONTHDAY: [date] } };
}

/** Half-open: `end` is not part of it. */
interface Period {
  readonly from: Wall;
  readonly end: Wall;
}

type DayFilter = (day: DayNumber) => boolean;

interface Bounds {
  readonly first: Wall;
  readonly last: Wall;
}

/** Each day, week, month or year of the rule; shorter periods only on days that match. */
function* periodsOf(rule: RecurrenceRule, matches: DayFilter, { first, last }: Bounds): Iterable<Period> {
  const step = steps[rule.frequency];
  if (step !== undefined) {
    yield* steadyPeriods({ step, interval: step * rule.interval }, matches, { first, last });
    return;
  }
  const start = fieldsOf(Math.floor(first / secondsOfDay));
  for (let nth = 0; ; nth += rule.interval) {
    const [from, end] = daysOfPeriod(rule, start, nth);
    if (!(from * secondsOfDay <= last)) return;
    yield { from: from * secondsOfDay, end: end * secondsOfDay };
  }
}

function daysOfPeriod(
  { frequency, weekStart }: RecurrenceRule,
  { day, year, month }: DayFields,
  nth: number,
): readonly [DayNumber, DayNumber] {
  if (frequency === 'YEARLY') return [dayNumberOf(year + nth, 1, 1), dayNumberOf(year + nth + 1, 1, 1)];
  if (frequency === 'MONTHLY')
    return [dayNumberOf(year, month + nth, 1), dayNumberOf(year, month + nth + 1, 1)];
  const week = day - ((weekdayNumber(day) - weekStart + 7) % 7) + nth * 7;
  return [week, week + 7];
}

function* steadyPeriods(
  { step, interval }: { readonly step: number; readonly interval: number },
  matches: DayFilter,
  { first, last }: Bounds,
): Iterable<Period> {
  let from = Math.floor(first / step) * step;
  while (from <= last) {
    const day = Math.floor(from / secondsOfDay);
    const isMatch = matches(day);
    if (isMatch) yield { from, end: from + step };
    const next = isMatch ? from + 1 : (day + 1) * secondsOfDay;
    from += Math.ceil((next - from) / interval) * interval;
  }
}

interface Sought {
  readonly period: Period;
  readonly first: Wall;
}

function startsIn(rule: RecurrenceRule, matches: DayFilter, { period, first }: Sought): readonly Wall[] {
  const times = timesIn(rule, period, first);
  const found: Wall[] = [];
  const last = Math.ceil(period.end / secondsOfDay);
  for (let day = Math.floor(period.from / secondsOfDay); day < last; day += 1)
    if (matches(day)) for (const time of times) found.push(day * secondsOfDay + time);
  return found;
}

/** Seconds after midnight. Parts shorter than the frequency expand, longer ones limit (RFC 5545, 3.3.10). */
function timesIn({ frequency, by }: RecurrenceRule, { from }: Period, first: Wall): readonly number[] {
  const rank = frequencies.indexOf(frequency);
  const one = (nth: number, part: readonly number[], unit: number, size: number): readonly number[] => {
    const valueAt = (wall: Wall): number => Math.floor(wall / unit) % size;
    if (rank > nth) return part.length > 0 ? sorted(part) : [valueAt(first)];
    const value = valueAt(from);
    return part.length === 0 || part.includes(value) ? [value] : [];
  };
  const seconds = one(
    0,
    by.BYSECOND.map((each) => Math.min(each, 59)),
    1,
    60,
  );
  const minutes = one(1, by.BYMINUTE, 60, 60);
  const hours = one(2, by.BYHOUR, 3600, 24);
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => (hour * 60 + minute) * 60 + second)),
  );
}

const sorted = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => a - b);

/** `BYSETPOS` selects among all starts of a period. */
function chosen(found: readonly Wall[], { by }: RecurrenceRule): readonly Wall[] {
  if (by.BYSETPOS.length === 0) return found;
  const picked = by.BYSETPOS.map((position) => found.at(position > 0 ? position - 1 : position));
  return sorted(picked.filter((start) => start !== undefined));
}

/** True for a day that passes all parts of the rule about days. */
function dayFilter({ frequency, byDay, by, weekStart }: RecurrenceRule): DayFilter {
  const inYear = frequency === 'YEARLY' && by.BYMONTH.length === 0;
  const filters: ((fields: DayFields) => boolean)[] = [];
  if (by.BYMONTH.length > 0) filters.push(({ month }) => by.BYMONTH.includes(month));
  if (by.BYMONTHDAY.length > 0)
    filters.push(({ year, month, date }) => has(by.BYMONTHDAY, date, daysOfMonth(year, month)));
  if (by.BYYEARDAY.length > 0)
    filters.push(({ day, year }) => has(by.BYYEARDAY, dayOfYear(day, year), daysOfYear(year)));
  if (by.BYWEEKNO.length > 0) filters.push((fields) => isInWeek(by.BYWEEKNO, fields, weekStart));
  if (byDay.length > 0)
    filters.push(({ day, year, month, date }) => {
      const [ordinal, length] = inYear
        ? [dayOfYear(day, year), daysOfYear(year)]
        : [date, daysOfMonth(year, month)];
      return byDay.some(
        ({ weekday, nth }) => weekday === weekdayNumber(day) && (nth === 0 || isNthOf(nth, ordinal, length)),
      );
    });
  // Periods of seconds or minutes test the same day many times.
  let last: { readonly day: DayNumber; readonly passes: boolean } | undefined;
  return (day) => {
    if (last?.day === day) return last.passes;
    const fields = fieldsOf(day);
    last = { day, passes: filters.every((passes) => passes(fields)) };
    return last.passes;
  };
}

/** True if one of the numbers denotes this ordinal of `length`, from the front or from the end. */
const has = (numbers: readonly number[], ordinal: number, length: number): boolean =>
  numbers.includes(ordinal) || numbers.includes(ordinal - length - 1);

const isNthOf = (nth: number, ordinal: number, length: number): boolean =>
  nth > 0 ? Math.ceil(ordinal / 7) === nth : Math.ceil((length - ordinal + 1) / 7) === -nth;

const daysOfMonth = (year: number, month: number): number =>
  dayNumberOf(year, month + 1, 1) - dayNumberOf(year, month, 1);
const daysOfYear = (year: number): number => dayNumberOf(year + 1, 1, 1) - dayNumberOf(year, 1, 1);
const dayOfYear = (day: DayNumber, year: number): number => day - dayNumberOf(year, 1, 1) + 1;

/** The first week is the first one with four days in the year (ISO 8601, for any first day of the week). */
function firstWeekOf(year: number, weekStart: number): DayNumber {
  const fourth = dayNumberOf(year, 1, 4);
  return fourth - ((weekdayNumber(fourth) - weekStart + 7) % 7);
}

function isInWeek(numbers: readonly number[], { day, year }: DayFields, weekStart: number): boolean {
  const weekYear =
    day < firstWeekOf(year, weekStart) ? year - 1 : day >= firstWeekOf(year + 1, weekStart) ? year + 1 : year;
  const start = firstWeekOf(weekYear, weekStart);
  const weeks = (firstWeekOf(weekYear + 1, weekStart) - start) / 7;
  return has(numbers, Math.floor((day - start) / 7) + 1, weeks);
}
