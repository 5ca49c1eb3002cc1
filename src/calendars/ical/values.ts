/** The value types of RFC 5545 (3.3) that points in time consist of. */
import { CalendarProblem, type ContentLine } from './content-lines.ts';

/** Seconds since 1970-01-01 00:00 on a wall clock, without a zone. */
export type Wall = number;

/** A date, a time in UTC, or a local time in a zone that is given elsewhere. */
export interface DateOrTime {
  readonly kind: 'date' | 'utc' | 'local';
  readonly wall: Wall;
}

/**
 * Converts wall time to the instant. An ambiguous time is the first of the two; a skipped time uses the
 * offset before the change.
 */
export interface Zone {
  readonly name: string;
  readonly instant: (wall: Wall) => number;
}

/** Nominal days move the wall clock; exact seconds do not depend on the zone. */
export interface Length {
  readonly wall: number;
  readonly exact: number;
}

const secondsOfDay = 86_400;

const form = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

export function parseDateOrTime(text: string, at: ContentLine): DateOrTime {
  const found = form.exec(text.trim());
  if (!found) throw new CalendarProblem('it is no date and no time', at);
  const numbers = found.slice(1, 7).map((digits) => Number(digits ?? 0));
  const wall = dayOf(numbers, at) + timeOf(numbers, at);
  if (found[4] === undefined) return { kind: 'date', wall };
  return { kind: found[7] === 'Z' ? 'utc' : 'local', wall };
}

function dayOf([year = 0, month = 0, date = 0]: readonly number[], at: ContentLine): Wall {
  const midnight = new Date(Date.UTC(year, month - 1, date));
  // Date.UTC takes years below 100 as 1900 to 1999.
  if (year < 100 || midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== date)
    throw new CalendarProblem('there is no such day', at);
  return midnight.getTime() / 1000;
}

function timeOf([, , , hour = 0, minute = 0, second = 0]: readonly number[], at: ContentLine): number {
  if (hour > 23 || minute > 59 || second > 60) throw new CalendarProblem('there is no such time', at);
  // Without leap seconds, 60 is read as 59 (RFC 5545, 3.3.12).
  return (hour * 60 + minute) * 60 + Math.min(second, 59);
}

const durationForm = /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

export function parseLength(text: string, at: ContentLine): Length {
  const found = durationForm.exec(text.trim());
  if (!found || !/\d/.test(text)) throw new CalendarProblem('it is no duration', at);
  const [weeks, days, hours, minutes, seconds] = [2, 3, 5, 6, 7].map((group) => Number(found[group] ?? 0));
  if (found[1] === '-') throw new CalendarProblem('it is a negative duration', at);
  return {
    wall: ((weeks ?? 0) * 7 + (days ?? 0)) * secondsOfDay,
    exact: ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0),
  };
}

const offsetForm = /^([+-])(\d\d)(\d\d)(\d\d)?$/;

/** Seconds east of UTC. */
export function parseOffset(at: ContentLine): number {
  const found = offsetForm.exec(at.value.trim());
  if (!found) throw new CalendarProblem('it is no offset from UTC', at);
  const [hours = 0, minutes = 0, seconds = 0] = [found[2], found[3], found[4]].map((part) =>
    Number(part ?? 0),
  );
  const size = (hours * 60 + minutes) * 60 + seconds;
  if (size >= secondsOfDay || minutes > 59 || seconds > 59)
    throw new CalendarProblem('it is no offset from UTC', at);
  return found[1] === '-' ? -size : size;
}
