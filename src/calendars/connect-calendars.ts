import { type Calendars, type CalendarsDeps, createCalendars } from './calendars.ts';
import { expandInWorker } from './ical/expand-in-worker.ts';
import { fetchCalendarWith } from './fetch-calendar.ts';
import { readSource } from './read-source.ts';
import { watchFolder } from './watch-folder.ts';

/** Calendars from real files and servers. */
export const connectCalendars = (deps: Omit<CalendarsDeps, 'read' | 'expand' | 'watchFolder'>): Calendars =>
  createCalendars({
    ...deps,
    read: readSource(fetchCalendarWith(fetch)),
    expand: expandInWorker(),
    watchFolder,
  });
