import type { Instant } from '../ports/time.ts';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Which of a month's days of one name: the first Saturday, the last one. */
export type Nth = 'first' | 'second' | 'third' | 'fourth' | 'fifth' | 'last';

export const nths: readonly Nth[] = ['first', 'second', 'third', 'fourth', 'fifth', 'last'];

/** A day of the calendar, without a zone: days since 1970-01-01. */
export type Day = number;

/**
 * A day or several in a row, both ends included: once, or in every year (`month * 100 + day`, which may run
 * over New Year).
 */
export type DateSpan =
  | { readonly kind: 'once'; readonly first: Day; readonly last: Day }
  | { readonly kind: 'yearly'; readonly first: number; readonly last: number };

/**
 * A recurring span in which reboots may start. It belongs to the day it starts on: Friday 22:00–04:00 covers
 * Saturday 01:00 and not Friday 01:00.
 */
export interface MaintenanceWindow {
  /** Days of the week on which it starts; empty where `dates` says when. */
  readonly days: readonly Weekday[];
  /** Only on these of the month's days of that name. */
  readonly nth?: readonly Nth[];
  readonly dates?: readonly DateSpan[];
  /** Minutes after midnight on the wall clock of `timeZone`, 0 to 1439. */
  readonly start: number;
  /** Minutes by which the wall clock moves on until it closes, 1 to 7 days. */
  readonly length: number;
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string;
}

/** What a calendar holds for the time around now. */
export interface CalendarEvents {
  /** Events of whole days, both ends included. */
  readonly days: readonly { readonly first: Day; readonly last: Day }[];
  /** Events with a time. */
  readonly spans: readonly { readonly start: Instant; readonly end: Instant }[];
}

/** A calendar as it was read. */
export interface CalendarCopy {
  readonly readAt: Instant;
  readonly events: CalendarEvents;
  /** What of it could not be read, in words: the first few. */
  readonly leftOut?: readonly string[];
}

/** A calendar that a pool obeys: it keeps windows closed, or its events are windows. */
export interface PoolCalendar {
  readonly name: string;
  readonly use: 'exclude' | 'open';
  /** Zone of its events that name none. */
  readonly timeZone: string;
  /**
   * The last copy that could be read. Without one nobody knows what the calendar excludes, so that nothing
   * opens.
   */
  readonly copy?: CalendarCopy;
  /** Why there is no newer copy, in words. */
  readonly problem?: string;
}
