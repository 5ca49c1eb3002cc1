/** Text for windows and openings. Times are shown on the wall clock of their zone. */
import { formatInTimeZone } from 'date-fns-tz';
import type { MaintenanceWindow } from '../policy/pool-windows.ts';
import { day } from '../time/time.ts';
import { dateRangeText, weekdayName } from './days.ts';
import type { OccurrenceSource } from './occurrences.ts';
import type { Stretch } from './wall-clock.ts';

const dayMinutes = 24 * 60;

const clockTime = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function daysText({ days, nth, dates }: MaintenanceWindow): string {
  if (dates) return dates.map(dateRangeText).join(', ');
  const names = days.length === 7 ? 'daily' : days.map(weekdayName).join(', ');
  if (!nth) return names;
  return `${nth.join(', ')} ${days.length === 7 ? 'of each weekday' : names}`;
}

/** `length` is in wall-clock minutes, so a day in it need not be 24 h. */
function lengthText(length: number): string {
  const [days, hours, minutes] = [
    Math.floor(length / dayMinutes),
    Math.floor((length % dayMinutes) / 60),
    length % 60,
  ];
  return [days > 0 ? `${days} d` : '', hours > 0 ? `${hours} h` : '', minutes > 0 ? `${minutes} min` : '']
    .filter((part) => part !== '')
    .join(' ');
}

/** "Tue, Thu 02:00–05:00 Europe/Berlin", "first Sat 00:00 for 2 d Europe/Berlin". */
export function windowLabel(window: MaintenanceWindow): string {
  const { start, length, timeZone } = window;
  const times =
    length > dayMinutes
      ? `${clockTime(start)} for ${lengthText(length)}`
      : `${clockTime(start)}–${clockTime((start + length) % dayMinutes)}`;
  return `${daysText(window)} ${times} ${timeZone}`;
}

/** "Tue, Thu 02:00–05:00 Europe/Berlin", or "calendar releases". */
export const sourceLabel = (source: OccurrenceSource): string =>
  source.kind === 'window' ? windowLabel(source.window) : `calendar ${source.name}`;

interface Placed extends Stretch {
  readonly timeZone: string;
}

/** More than six days ahead, a weekday alone would be read as one of this week. */
const isFar = ({ opens }: Placed, now: number | undefined): boolean =>
  now !== undefined && opens - now > 6 * day;

/** "Tue 02:00–05:00", "Sat 22:00–Mon 04:00"; with the date where it opens more than six days after `now`. */
export function timesLabel(opening: Placed, now?: number): string {
  const { opens, closes, timeZone } = opening;
  const from = formatInTimeZone(opens, timeZone, isFar(opening, now) ? 'EEE d MMM HH:mm' : 'EEE HH:mm');
  const to = formatInTimeZone(closes, timeZone, closes - opens > day ? 'EEE HH:mm' : 'HH:mm');
  return `${from}–${to}`;
}

/** "Tue 02:00–05:00, Europe/Berlin": one opening, on the wall clock of its zone. */
export const openingLabel = (opening: Placed, now?: number): string =>
  `${timesLabel(opening, now)}, ${opening.timeZone}`;

/** "Tue 02:00": the start only, for a button. */
export const openingShort = (opening: Placed, now?: number): string =>
  formatInTimeZone(opening.opens, opening.timeZone, isFar(opening, now) ? 'EEE d MMM HH:mm' : 'EEE HH:mm');
