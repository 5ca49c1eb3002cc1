/** Points in time as iCalendar writes them, and what they are in the world. */
import ICAL from 'ical.js';
import { second } from '../reboot/time.ts';
import { instantOf, isTimeZone } from '../reboot/windows.ts';

/** Seconds since 1970-01-01 00:00 as the clock on the wall shows them. */
export type Wall = number;

/** From what a clock shows to the instant. */
export interface Zone {
  readonly name: string;
  readonly instant: (wall: Wall) => number;
}

/** A day has no zone. */
export type Moment =
  | { readonly kind: 'day'; readonly wall: Wall }
  | { readonly kind: 'time'; readonly wall: Wall; readonly zone: Zone };

/** What is wrong with a calendar, in words that repeat nothing of what stands in it: calendars are private. */
export class CalendarProblem extends Error {
  override readonly name = 'CalendarProblem';
}

export const wallOf = (time: ICAL.Time): Wall =>
  Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second) / second;

/** What the library computes with. */
export function timeOf(
  wall: Wall,
  of: { readonly isDate?: boolean; readonly zone?: ICAL.Timezone } = {},
): ICAL.Time {
  const at = new Date(wall * second);
  const fields = {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    isDate: of.isDate ?? false,
  };
  return new ICAL.Time(fields, of.zone ?? ICAL.Timezone.localTimezone);
}

export function ianaZone(name: string): Zone {
  return {
    name,
    instant: (wall) => {
      const reading = Math.floor(wall / 60);
      return instantOf(name, reading) + (wall - reading * 60) * second;
    },
  };
}

/** A zone that the file itself describes. */
function describedZone(name: string, component: ICAL.Component): Zone | undefined {
  const described = component.getTimeZoneByID(name) as ICAL.Timezone | null;
  if (!described) return undefined;
  return {
    name,
    instant: (wall) => {
      const offset = described.utcOffset(timeOf(wall, { zone: described }));
      return (wall - offset) * second;
    },
  };
}

const utc: Zone = { name: 'UTC', instant: (wall) => wall * second };

/**
 * The zone of a property. Names of the tz database mean what the runtime knows of them, also where the file describes them itself: such descriptions are
 * often cut short. Some programs put a path before the name.
 */
export function zoneOf(property: ICAL.Property, floating: Zone): Zone {
  const name = property.getFirstParameter('tzid') as string | undefined;
  if (name === undefined || name === '') return floating;
  const plain = /[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){1,2}$/.exec(name)?.[0];
  for (const candidate of [name, ...(plain === undefined ? [] : [plain, plain.replace(/^[^/]+\//, '')])]) {
    if (isTimeZone(candidate)) return ianaZone(candidate);
  }
  const described = property.parent ? describedZone(name, property.parent) : undefined;
  if (!described)
    throw new CalendarProblem('it names a time zone that neither it describes nor the tz database knows');
  return described;
}

export function momentOf(time: ICAL.Time, property: ICAL.Property, floating: Zone): Moment {
  if (time.isDate) return { kind: 'day', wall: wallOf(time) };
  const zone = time.zone === ICAL.Timezone.utcTimezone ? utc : zoneOf(property, floating);
  return { kind: 'time', wall: wallOf(time), zone };
}

/** In milliseconds; of a day, those of its midnight in UTC, which compare as days do. */
export const instantOfMoment = (moment: Moment): number =>
  moment.kind === 'day' ? moment.wall * second : moment.zone.instant(moment.wall);
