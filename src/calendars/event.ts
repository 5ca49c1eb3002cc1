/** One VEVENT (RFC 5545, 3.6.1), read into what its repetition is made of. */
import ICAL from 'ical.js';
import { second } from '../reboot/time.ts';
import { instantOfMoment, type Moment, momentOf, type Wall, type Zone } from './moment.ts';

/** Nominal days move the clock on the wall, exact seconds do not care for it. */
interface Length {
  readonly wall: Wall;
  readonly exact: number;
}

export interface CalendarEvent {
  readonly uid: string;
  readonly start: Moment;
  readonly length: Length;
  readonly rules: readonly ICAL.Recur[];
  /** Further starts, some with a length of their own. */
  readonly also: readonly { readonly start: Moment; readonly length?: Length }[];
  readonly except: readonly Moment[];
  /** The occurrence of its series that it stands for, and whether for all that follow too. */
  readonly replaces?: { readonly id: Moment; readonly andFuture: boolean };
  readonly cancelled: boolean;
}

const dayLong: Length = { wall: 24 * 60 * 60, exact: 0 };

export function readEvent(component: ICAL.Component, floating: Zone): CalendarEvent | undefined {
  const [start] = moments(component, 'dtstart', floating);
  // Without a start it is nowhere in time. RFC 5545 allows that only in messages between calendars.
  if (!start) return undefined;
  const id = component.getFirstProperty('recurrence-id');
  const [replaced] = moments(component, 'recurrence-id', floating);
  return {
    uid: textOf(component.getFirstPropertyValue('uid')),
    start,
    length: lengthOf(component, start, floating),
    rules: component
      .getAllProperties('rrule')
      .map((property) => property.getFirstValue())
      .filter((value) => value instanceof ICAL.Recur),
    also: component.getAllProperties('rdate').flatMap((property) => addedBy(property, floating)),
    except: moments(component, 'exdate', floating),
    ...(id && replaced
      ? { replaces: { id: replaced, andFuture: id.getFirstParameter('range') === 'THISANDFUTURE' } }
      : {}),
    cancelled: textOf(component.getFirstPropertyValue('status')).toUpperCase() === 'CANCELLED',
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const timesOf = (property: ICAL.Property): readonly unknown[] => property.getValues() as readonly unknown[];

const moments = (component: ICAL.Component, name: string, floating: Zone): readonly Moment[] =>
  component
    .getAllProperties(name)
    .flatMap((property) =>
      timesOf(property).flatMap((value) =>
        value instanceof ICAL.Time ? [momentOf(value, property, floating)] : [],
      ),
    );

function lengthOf(component: ICAL.Component, start: Moment, floating: Zone): Length {
  const duration = component.getFirstPropertyValue('duration');
  if (duration instanceof ICAL.Duration) return durationOf(duration);
  const [end] = moments(component, 'dtend', floating);
  if (end) return between(start, end);
  return start.kind === 'day' ? dayLong : { wall: 0, exact: 0 };
}

function durationOf({ weeks, days, hours, minutes, seconds, isNegative }: ICAL.Duration): Length {
  if (isNegative) return { wall: 0, exact: 0 };
  return { wall: (weeks * 7 + days) * 24 * 60 * 60, exact: (hours * 60 + minutes) * 60 + seconds };
}

/** 22:00 to 06:00 stays that in the night in which clocks are set, as calendars show it. */
function between(start: Moment, end: Moment): Length {
  const oneClock = start.kind === 'day' || end.kind === 'day' || start.zone.name === end.zone.name;
  if (oneClock) return { wall: end.wall - start.wall, exact: 0 };
  return { wall: 0, exact: (instantOfMoment(end) - instantOfMoment(start)) / second };
}

function addedBy(property: ICAL.Property, floating: Zone): CalendarEvent['also'] {
  return timesOf(property).flatMap((value) => {
    if (value instanceof ICAL.Time) return [{ start: momentOf(value, property, floating) }];
    if (!(value instanceof ICAL.Period)) return [];
    const start = momentOf(value.start, property, floating);
    const { duration, end } = value as { duration: ICAL.Duration | null; end: ICAL.Time | null };
    if (duration) return [{ start, length: durationOf(duration) }];
    return end ? [{ start, length: between(start, momentOf(end, property, floating)) }] : [];
  });
}

/** When it ends, if it starts then. */
export function endOf(start: Moment, length: Length): Moment {
  const wall = start.wall + length.wall;
  if (start.kind === 'day') return { kind: 'day', wall: wall + length.exact };
  if (length.exact === 0) return { ...start, wall };
  const exact = start.zone.instant(wall) / second + length.exact;
  return { kind: 'time', wall: exact, zone: { name: 'UTC', instant: (seconds) => seconds * second } };
}
