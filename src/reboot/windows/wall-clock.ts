/**
 * The wall clock of a zone, and when it shows what.
 *
 * A reading of the clock on the wall is a number of minutes since 1970-01-01 00:00 as that clock shows it. An
 * instant has one reading; a reading has one instant, none (in the hour that a zone skips) or two (in the
 * hour that comes twice).
 */
import { day, hour, type Instant, minute } from '../ports/time.ts';
import { namesWithoutPlace } from './zone-names.ts';

export type Reading = number;

/** From the first instant up to, and without, the second. */
export interface Stretch {
  readonly opens: Instant;
  readonly closes: Instant;
}

/** Building one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}

/** What the clock on the wall of the zone shows. */
export function readingAt(timeZone: string, at: Instant): Reading {
  if (timeZone === 'UTC') return Math.floor(at / minute);
  const fields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0 };
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) {
    if (type in fields) fields[type as keyof typeof fields] = Number(value);
  }
  return Date.UTC(fields.year, fields.month - 1, fields.day, fields.hour, fields.minute) / minute;
}

/**
 * Offsets of today's zones are whole minutes, so the clock can only change its offset where a minute begins.
 */
const offsetAt = (timeZone: string, at: Instant): number => readingAt(timeZone, at) * minute - at;

/** No zone is further from UTC than 14 h. */
const furthest = 15 * hour;

/**
 * Offsets at midnights in UTC, which do not change: whoever asks about a year of windows asks about the same
 * midnights again and again.
 */
const midnights = new Map<string, Map<number, number>>();
const mostMidnights = 2000;

function offsetAtMidnight(timeZone: string, days: number): number {
  const known = midnights.get(timeZone) ?? new Map<number, number>();
  const offset = known.get(days) ?? offsetAt(timeZone, days * day);
  if (known.size >= mostMidnights) known.clear();
  known.set(days, offset);
  midnights.set(timeZone, known);
  return offset;
}

/**
 * Adjoining stretches of time in each of which the zone has one offset. No zone ever changed its offset twice
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

/** The first minute with the new offset. */
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
 * When the clock shows a reading from `first` up to, and without, `end`. In several pieces where it is set
 * back meanwhile.
 */
export function stretchesOf(timeZone: string, first: Reading, end: Reading): readonly Stretch[] {
  const found: Stretch[] = [];
  const [from, to] = [first * minute - furthest, end * minute + furthest];
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
 * The instant of a reading: the first of two, and for one that is skipped what the clock would have shown had
 * it not been set. So RFC 5545 has it (3.3.5, form 3).
 */
export function instantOf(timeZone: string, reading: Reading): Instant {
  const [first] = stretchesOf(timeZone, reading, reading + 1);
  return first?.opens ?? reading * minute - offsetAt(timeZone, reading * minute - furthest);
}

/** Whether it is a name of the tz database that this runtime knows. */
export function isTimeZone(name: string): boolean {
  const hasPlace = /^[A-Za-z_]+\/[A-Za-z0-9_+/-]+$/.test(name) && !/^SystemV\//i.test(name);
  if (!hasPlace && !namesWithoutPlace.has(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}
