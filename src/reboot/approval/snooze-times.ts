/** Until when a reboot is snoozed. Some times depend on a zone, or on the windows of a pool. */
import type { PoolPolicy } from '../policy/policy.ts';
import { day, hour, type Instant, type Millis, minute } from '../time/time.ts';
import { nextOpening } from '../windows/openings.ts';
import type { Schedule } from '../windows/schedule.ts';
import { instantOf, readingAt } from '../windows/wall-clock.ts';

/** Times of day, in the zone of the person. */
const timesOfDay = { tonight: 20 * hour, morning: 9 * hour } as const;
export type TimeOfDay = keyof typeof timesOfDay;
export const isTimeOfDay = (word: string): word is TimeOfDay => Object.hasOwn(timesOfDay, word);

/** A time, or a word for one: a time of day in the zone of the pool, or its next window. */
export type SnoozeUntil = Instant | TimeOfDay | 'next-window';

/** A longer snooze would be forgotten. A window may open later. */
export const maxSnooze: Millis = 30 * day;

/** Before 4:00, the night of the day before has not ended for most people. */
const dayBegins = 4 * hour;

/**
 * `tonight`: the next 20:00. `morning`: 9:00 of the next day; before 4:00, that is the day that has already
 * begun.
 */
export function timeOfDayIn(timeZone: string, word: TimeOfDay, now: Instant): Instant {
  const local = readingAt(timeZone, now) * minute;
  const begun = word === 'morning' ? local - dayBegins : local;
  const today = Math.floor(begun / day) * day + timesOfDay[word];
  const next = word === 'morning' || today <= local ? today + day : today;
  return instantOf(timeZone, next / minute);
}

/** When the next window opens, after the one that may be open now. */
function nextWindow(schedule: Schedule, now: Instant): Instant | undefined {
  const opening = nextOpening(schedule, now);
  if (opening === undefined || opening.opens > now) return opening?.opens;
  return nextOpening(schedule, opening.closes)?.opens;
}

const zoneOf = ({ windows, calendars }: Pick<PoolPolicy, 'windows' | 'calendars'>): string =>
  windows[0]?.timeZone ?? calendars[0]?.timeZone ?? 'UTC';

/** Undefined where no window opens. */
export function snoozeEnd(until: SnoozeUntil, schedule: Schedule, now: Instant): Instant | undefined {
  if (typeof until === 'number') return until;
  return until === 'next-window' ? nextWindow(schedule, now) : timeOfDayIn(zoneOf(schedule), until, now);
}
