/**
 * Maintenance windows on the wall clock of their zone.
 *
 * Whether a window is open is decided from the wall-clock fields of the instant, never by converting the window's ends to instants:
 * on the two days a year on which a zone changes its offset, an end may not exist or may exist twice.
 */
import { formatInTimeZone } from 'date-fns-tz';
import { type MaintenanceWindow, type Weekday, weekdays } from './policy.ts';
import { hour, type Instant, minute } from './time.ts';

export interface Opening {
  readonly window: MaintenanceWindow;
  readonly opens: Instant;
  /** The first instant at which it is closed again. */
  readonly closes: Instant;
}

const dayMinutes = 24 * 60;

interface WallClock {
  readonly weekday: number;
  /** Minutes after midnight. */
  readonly time: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}

function wallClock(timeZone: string, at: Instant): WallClock {
  const fields = { weekday: '', hour: '0', minute: '0' };
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) {
    if (type in fields) fields[type as keyof typeof fields] = value;
  }
  const weekday = weekdays.indexOf(fields.weekday.toLowerCase().slice(0, 3) as Weekday);
  return { weekday, time: Number(fields.hour) * 60 + Number(fields.minute) };
}

const length = (window: MaintenanceWindow): number =>
  (window.end - window.start + dayMinutes) % dayMinutes || dayMinutes;

/** Minutes of the wall clock until the window next starts, or 0 when it is open. */
function wallMinutesToOpen(window: MaintenanceWindow, clock: WallClock): number {
  let soonest = 8 * dayMinutes;
  for (let ago = -7; ago <= 1; ago += 1) {
    const day = weekdays[(((clock.weekday - ago) % 7) + 7) % 7];
    if (day === undefined || !window.days.includes(day)) continue;
    const sinceStart = ago * dayMinutes + clock.time - window.start;
    if (sinceStart >= 0 && sinceStart < length(window)) return 0;
    if (sinceStart < 0) soonest = Math.min(soonest, -sinceStart);
  }
  return soonest;
}

export const isOpen = (window: MaintenanceWindow, at: Instant): boolean =>
  wallMinutesToOpen(window, wallClock(window.timeZone, at)) === 0;

/** Offsets of today's zones are whole minutes, so a window can only open or close where a minute begins. */
const startOfMinute = (at: Instant): Instant => Math.floor(at / minute) * minute;

/** No zone has ever moved its clock by more than a day at once (Samoa skipped one in 2011). */
const largestShift = 25 * hour;
const horizon = 16 * 24 * hour;

/** The opening that is under way or comes next; undefined when none comes within two weeks (a window inside a skipped hour). */
export function nextOpening(window: MaintenanceWindow, now: Instant): Opening | undefined {
  const last = now + horizon;
  let at = startOfMinute(now);
  while (at <= last) {
    const ahead = wallMinutesToOpen(window, wallClock(window.timeZone, at)) * minute;
    if (ahead === 0)
      return {
        window,
        opens: at === startOfMinute(now) ? opened(window, at) : at,
        closes: closed(window, at),
      };
    at += Math.max(minute, ahead - largestShift);
  }
  return undefined;
}

/** When the opening that holds `at` began; at most a day and a shift back. */
function opened(window: MaintenanceWindow, at: Instant): Instant {
  let began = at;
  const furthest = at - (length(window) * minute + largestShift);
  while (began > furthest && isOpen(window, began - minute)) began -= minute;
  return began;
}

function closed(window: MaintenanceWindow, at: Instant): Instant {
  let ends = at + minute;
  const furthest = at + 8 * 24 * hour;
  while (ends < furthest && isOpen(window, ends)) ends += minute;
  return ends;
}

/** Of several windows: the one that is open (the longest open), else the one that opens first. */
export function nextOfAll(windows: readonly MaintenanceWindow[], now: Instant): Opening | undefined {
  const openings = windows
    .map((window) => nextOpening(window, now))
    .filter((opening) => opening !== undefined);
  const open = openings.filter((opening) => opening.opens <= now).sort((a, b) => b.closes - a.closes);
  return open[0] ?? openings.sort((a, b) => a.opens - b.opens)[0];
}

const clockTime = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const dayName = (day: Weekday): string => day.charAt(0).toUpperCase() + day.slice(1);

/** "Tue, Thu 02:00–05:00 Europe/Berlin". */
export function windowLabel(window: MaintenanceWindow): string {
  const days = window.days.length === 7 ? 'daily' : window.days.map(dayName).join(', ');
  return `${days} ${clockTime(window.start)}–${clockTime(window.end)} ${window.timeZone}`;
}

/** "Tue 02:00–05:00, Europe/Berlin": one opening, on the wall clock of its zone. */
export function openingLabel(opening: Opening): string {
  const zone = opening.window.timeZone;
  return `${formatInTimeZone(opening.opens, zone, 'EEE HH:mm')}–${formatInTimeZone(opening.closes, zone, 'HH:mm')}, ${zone}`;
}

/** "Tue 02:00": enough for a button, beside a card that says the rest. */
export const openingShort = ({ opens, window }: Opening): string =>
  formatInTimeZone(opens, window.timeZone, 'EEE HH:mm');

/** Whether the zone's name is known to this runtime. */
export function isTimeZone(name: string): boolean {
  if (!/^(UTC|[A-Za-z_]+\/[A-Za-z0-9_+/-]+)$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}
