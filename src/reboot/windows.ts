/**
 * Maintenance windows: when reboots may start.
 *
 * Everything is decided on the wall clock of the window's zone (docs/decisions/0004-windows-by-wall-clock.md), and belongs to the day on which
 * the window starts. Calendars come as data with the policy (src/calendars reads them).
 */
export { dateSpanText, dayOf } from './windows/days.ts';
export { openingLabel, openingShort, sourceLabel, windowLabel } from './windows/labels.ts';
export { whatOpens, whyNoneOpens, windowNotes } from './windows/notes.ts';
export { isOpen, nextOpening, type Opening } from './windows/openings.ts';
export { hasWindows, type Schedule } from './windows/schedule.ts';
export { nextOpenings, skippedBefore, type Upcoming } from './windows/upcoming.ts';
export { instantOf, isTimeZone } from './windows/wall-clock.ts';
