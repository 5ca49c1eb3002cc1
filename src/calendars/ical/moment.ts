/** Points in time of iCalendar, and the instants that they denote. */
import { second } from '../../reboot/time/time.ts';
import { type ContentLine } from './content-lines.ts';
import { type DateOrTime, parseDateOrTime, type Wall, type Zone } from './values.ts';
import { utc, type ZoneFinder } from './zones.ts';

/** A day has no zone. */
export type Moment =
  | { readonly kind: 'day'; readonly wall: Wall }
  | { readonly kind: 'time'; readonly wall: Wall; readonly zone: Zone };

const placed = ({ kind, wall }: DateOrTime, property: ContentLine, zoneOf: ZoneFinder): Moment => {
  if (kind === 'date') return { kind: 'day', wall };
  return { kind: 'time', wall, zone: kind === 'utc' ? utc : zoneOf(property) };
};

export const momentOf = (text: string, property: ContentLine, zoneOf: ZoneFinder): Moment =>
  placed(parseDateOrTime(text, property), property, zoneOf);

/** In milliseconds. A day is its midnight in UTC, so that days compare in order. */
export const instantOfMoment = (moment: Moment): number =>
  moment.kind === 'day' ? moment.wall * second : moment.zone.instant(moment.wall);
