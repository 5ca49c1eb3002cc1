/**
 * Maintenance windows: when reboots may start.
 *
 * Times are on the wall clock of the window's zone (docs/decisions/0004-windows-by-wall-clock.md). A window
 * belongs to the day on which it starts. Calendars are data of the policy (src/calendars reads them).
 */
import type { Day, MaintenanceWindow, PoolCalendar } from '../policy/pool-windows.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { rangeCovers, dateRangeText, dayText, isNth, weekdayOf } from './days.ts';

/** The part of a pool's policy that defines when reboots may start. */
export type Schedule = Pick<PoolPolicy, 'windows' | 'excludeDates' | 'addDates' | 'calendars'>;

/** Why the windows of one day stay closed. */
export type Exclusion =
  | { readonly kind: 'dates'; readonly dates: string }
  | { readonly kind: 'calendar'; readonly name: string };

/** A pool without windows may start reboots at any time. */
export const hasWindows = ({ windows, calendars }: Schedule): boolean =>
  windows.length > 0 || calendars.some(({ use }) => use === 'open');

/** Calendars that were never read. While one of them excludes, exclusions are unknown and nothing opens. */
export const unreadCalendars = ({ calendars }: Schedule): readonly PoolCalendar[] =>
  calendars.filter(({ copy }) => copy === undefined);

/** Whether nothing opens because an excluding calendar was never read. */
export const failsClosed = (schedule: Schedule): boolean =>
  unreadCalendars(schedule).some(({ use }) => use === 'exclude');

/** Whether the window starts on this day, ignoring exclusions. */
export function startsOn(window: MaintenanceWindow, on: Day, { addDates }: Schedule): boolean {
  if (window.dates) return window.dates.some((range) => rangeCovers(range, on));
  const regular = window.days.includes(weekdayOf(on)) && (window.nth === undefined || isNth(on, window.nth));
  return regular || addDates.some((range) => rangeCovers(range, on));
}

/** Exclusions override windows and opening calendars. They apply to the day on which an opening starts. */
export function exclusionOf(on: Day, { excludeDates, calendars }: Schedule): Exclusion | undefined {
  const dates = excludeDates.find((range) => rangeCovers(range, on));
  if (dates) return { kind: 'dates', dates: dateRangeText(dates) };
  for (const { name, use, copy } of calendars) {
    if (use === 'exclude' && copy?.events.days.some(({ first, last }) => first <= on && on <= last))
      return { kind: 'calendar', name };
  }
  return undefined;
}

/** "excluded by calendar holidays", "excluded by the configuration (12-24..12-26)". */
export function exclusionText(exclusion: Exclusion, on: Day): string {
  if (exclusion.kind === 'calendar') return `excluded by calendar ${exclusion.name}`;
  return exclusion.dates === dayText(on)
    ? 'excluded by the configuration'
    : `excluded by the configuration (${exclusion.dates})`;
}
