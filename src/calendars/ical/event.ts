/** One VEVENT (RFC 5545, 3.6.1) with its recurrence. */
import { second } from '../../reboot/time/time.ts';
import {
  CalendarProblem,
  type Component,
  type ContentLine,
  propertiesOf,
  propertyOf,
} from './content-lines.ts';
import { instantOfMoment, type Moment, momentOf } from './moment.ts';
import { parseRule, type RecurrenceRule } from './recurrence-rule.ts';
import { type Length, parseLength } from './values.ts';
import { utc, type ZoneFinder } from './zones.ts';

export interface CalendarEvent {
  readonly uid: string;
  readonly start: Moment;
  readonly length: Length;
  readonly rules: readonly RecurrenceRule[];
  /** Exception rules (EXRULE of RFC 2445, which some programs still write). */
  readonly exceptRules: readonly RecurrenceRule[];
  /** Additional starts (RDATE), some with a length of their own. */
  readonly also: readonly { readonly start: Moment; readonly length?: Length }[];
  readonly except: readonly Moment[];
  /** The occurrence of its series that it replaces (RECURRENCE-ID), and if all later ones too. */
  readonly replaces?: { readonly id: Moment; readonly andFuture: boolean };
  readonly cancelled: boolean;
}

const dayLong: Length = { wall: 24 * 60 * 60, exact: 0 };

/** Throws a CalendarProblem for the first line that determines its time and cannot be parsed. */
export function readEvent(component: Component, zoneOf: ZoneFinder): CalendarEvent | undefined {
  const moments = (name: string): readonly Moment[] =>
    propertiesOf(component, name).flatMap((property) =>
      property.value.split(',').map((text) => momentOf(text, property, zoneOf)),
    );
  const rules = (name: string): readonly RecurrenceRule[] => propertiesOf(component, name).map(parseRule);
  const [start] = moments('DTSTART');
  // An event without DTSTART has no time. RFC 5545 allows it only in messages between calendars.
  if (!start) return undefined;
  const replaced = propertyOf(component, 'RECURRENCE-ID');
  return {
    uid: propertyOf(component, 'UID')?.value ?? '',
    start,
    length: lengthOf(component, start, zoneOf),
    rules: rules('RRULE'),
    exceptRules: rules('EXRULE'),
    also: propertiesOf(component, 'RDATE').flatMap((property) => addedBy(property, zoneOf)),
    except: moments('EXDATE'),
    ...(replaced
      ? {
          replaces: {
            id: momentOf(replaced.value, replaced, zoneOf),
            andFuture: replaced.params.get('RANGE')?.toUpperCase() === 'THISANDFUTURE',
          },
        }
      : {}),
    cancelled: propertyOf(component, 'STATUS')?.value.trim().toUpperCase() === 'CANCELLED',
  };
}

function lengthOf(component: Component, start: Moment, zoneOf: ZoneFinder): Length {
  const duration = propertyOf(component, 'DURATION');
  if (duration) return parseLength(duration.value, duration);
  const end = propertyOf(component, 'DTEND');
  if (!end) return start.kind === 'day' ? dayLong : { wall: 0, exact: 0 };
  const length = between(start, momentOf(end.value, end, zoneOf));
  if (length.wall + length.exact < 0) throw new CalendarProblem('it is before DTSTART', end);
  // RFC 5545 requires the day after the last; programs that write the last day itself mean a whole day.
  return start.kind === 'day' && length.wall === 0 && length.exact === 0 ? dayLong : length;
}

/** An event from 22:00 to 06:00 ends at 06:00 also in the night of a clock change, as calendars show it. */
function between(start: Moment, end: Moment): Length {
  const oneClock = start.kind === 'day' || end.kind === 'day' || start.zone.name === end.zone.name;
  if (oneClock) return { wall: end.wall - start.wall, exact: 0 };
  return { wall: 0, exact: (instantOfMoment(end) - instantOfMoment(start)) / second };
}

const addedBy = (property: ContentLine, zoneOf: ZoneFinder): CalendarEvent['also'] =>
  property.value.split(',').map((text) => {
    const [from = '', until] = text.split('/');
    const start = momentOf(from, property, zoneOf);
    if (until === undefined) return { start };
    const isLength = /^[+-]?P/.test(until);
    return {
      start,
      length: isLength ? parseLength(until, property) : between(start, momentOf(until, property, zoneOf)),
    };
  });

/** The end of an event that starts at `start`. */
export function endOf(start: Moment, length: Length): Moment {
  const wall = start.wall + length.wall;
  if (start.kind === 'day') return { kind: 'day', wall: wall + length.exact };
  if (length.exact === 0) return { ...start, wall };
  return { kind: 'time', wall: start.zone.instant(wall) / second + length.exact, zone: utc };
}
