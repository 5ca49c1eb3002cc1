/**
 * Conversion between instants and the wall clock of a time zone.
 *
 * A reading is the number of minutes since 1970-01-01 00:00 as shown by the wall clock. An instant has one
 * reading. A reading has one instant, none (in the hour that a zone skips) or two (in the hour that it
 * repeats).
 */
// Not from the root of the package: that loads all of date-fns, in each thread that expands a calendar.
import { getTimezoneOffset } from 'date-fns-tz/getTimezoneOffset';
import { toZonedTime } from 'date-fns-tz/toZonedTime';
import { day, hour, type Instant, minute } from '../time/time.ts';
import { namesWithoutPlace } from './zone-names.ts';

export type Reading = number;

/** A half-open range: `opens` is included, `closes` is not. */
export interface Stretch {
  readonly opens: Instant;
  readonly closes: Instant;
}

/** The wall clock's reading in the zone. */
export function readingAt(timeZone: string, at: Instant): Reading {
  if (timeZone === 'UTC') return Math.floor(at / minute);
  const shown = toZonedTime(at, timeZone);
  const [hours, minutes] = [shown.getHours(), shown.getMinutes()];
  return Date.UTC(shown.getFullYear(), shown.getMonth(), shown.getDate(), hours, minutes) / minute;
}

/**
 * The offset from UTC in milliseconds. Offsets of today's zones are whole minutes, so an offset changes only
 * at the start of a minute.
 */
const offsetAt = (timeZone: string, at: Instant): number => readingAt(timeZone, at) * minute - at;

/** The largest offset from UTC is 14 h; this adds an hour of margin. */
const maxOffset = 15 * hour;

/**
 * Cache of offsets at UTC midnights, which do not change: a search over a year of windows queries the same
 * midnights repeatedly.
 */
const midnights = new Map<string, Map<number, number>>();
const maxMidnights = 2000;

function offsetAtMidnight(timeZone: string, days: number): number {
  const known = midnights.get(timeZone) ?? new Map<number, number>();
  const offset = known.get(days) ?? offsetAt(timeZone, days * day);
  if (known.size >= maxMidnights) known.clear();
  known.set(days, offset);
  midnights.set(timeZone, known);
  return offset;
}

/**
 * Splits a time range into adjoining spans with one offset each. No zone has ever changed its offset twice
 * within a day.
 */
function steadyStretches(timeZone: string, from: Instant, to: Instant): readonly (Stretch & Offset)[] {
  const stretches: (Stretch & Offset)[] = [];
  const [first, last] = [Math.floor(from / day), Math.ceil(to / day)];
  let opens = first * day;
  let offset = offsetAtMidnight(timeZone, first);
  for (let days = first + 1; days <= last; days += 1) {
    const next = offsetAtMidnight(timeZone, days);
    if (next === offset) continue;
    const changes = changeBetween(timeZone, (days - 1) * day, days * day);
    stretches.push({ opens, closes: changes, offset });
    opens = changes;
    offset = next;
  }
  return [...stretches, { opens, closes: last * day, offset }];
}

interface Offset {
  readonly offset: number;
}

/** Binary search for the first minute with the new offset. */
function changeBetween(timeZone: string, from: Instant, to: Instant): Instant {
  const old = offsetAt(timeZone, from);
  let [before, after] = [from, to];
  while (after - before > minute) {
    const middle = before + Math.floor((after - before) / 2 / minute) * minute;
    if (offsetAt(timeZone, middle) === old) before = middle;
    else after = middle;
  }
  return after;
}

/**
 * The instants at which the clock shows a reading from `first` (included) to `end` (excluded). More than one
 * range where the clock is set back in between.
 */
export function stretchesOf(timeZone: string, first: Reading, end: Reading): readonly Stretch[] {
  const found: Stretch[] = [];
  const [from, to] = [first * minute - maxOffset, end * minute + maxOffset];
  for (const steady of steadyStretches(timeZone, from, to)) {
    const opens = Math.max(steady.opens, first * minute - steady.offset);
    const closes = Math.min(steady.closes, end * minute - steady.offset);
    if (opens >= closes) continue;
    const last = found.at(-1);
    if (last?.closes === opens) found[found.length - 1] = { opens: last.opens, closes };
    else found.push({ opens, closes });
  }
  return found;
}

/**
 * The instant of a reading. A repeated reading gives the first of its two instants; a skipped reading uses
 * the offset from before the gap, as RFC 5545 (3.3.5, form 3) requires.
 */
export function instantOf(timeZone: string, reading: Reading): Instant {
  const [first] = stretchesOf(timeZone, reading, reading + 1);
  return first?.opens ?? reading * minute - offsetAt(timeZone, reading * minute - maxOffset);
}

/** Whether it is a tz database name that this runtime supports. */
export function isTimeZone(name: string): boolean {
  const hasPlace = /^[A-Za-z_]+\/[A-Za-z0-9_+/-]+$/.test(name) && !/^SystemV\//i.test(name);
  if (!hasPlace && !namesWithoutPlace.has(name)) return false;
  return !Number.isNaN(getTimezoneOffset(name));
}
