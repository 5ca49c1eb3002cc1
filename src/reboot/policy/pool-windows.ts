import type { Instant } from '../time/time.ts';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Which of a weekday's occurrences in a month, such as the first Saturday or the last one. */
export type Nth = 'first' | 'second' | 'third' | 'fourth' | 'fifth' | 'last';

export const nths: readonly Nth[] = ['first', 'second', 'third', 'fourth', 'fifth', 'last'];

/** A calendar day without a time zone, in days since 1970-01-01. */
export type Day = number;

/**
 * One day or several consecutive days, both ends included: once, or every year as `month * 100 + day`. A
 * yearly range may cross New Year.
 */
export type DateRange =
  | { readonly kind: 'once'; readonly first: Day; readonly last: Day }
  | { readonly kind: 'yearly'; readonly first: number; readonly last: number };

/**
 * A recurring window in which reboots may start. It belongs to the day it starts on: Friday 22:00–04:00
 * covers Saturday 01:00 and not Friday 01:00.
 */
export interface MaintenanceWindow {
  /** Days of the week on which it starts. Empty where `dates` is set. */
  readonly days: readonly Weekday[];
  /** Only these occurrences of its days in a month. */
  readonly nth?: readonly Nth[];
  readonly dates?: readonly DateRange[];
  /** Minutes after midnight in `timeZone`, 0 to 1439. */
  readonly start: number;
  /** Duration in minutes of wall-clock time, from 1 minute to 7 days. */
  readonly length: number;
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string;
}

/** Events of a calendar around the current time. */
export interface CalendarEvents {
  /** All-day events, both ends included. */
  readonly days: readonly { readonly first: Day; readonly last: Day }[];
  /** Events with a time. */
  readonly spans: readonly { readonly start: Instant; readonly end: Instant }[];
}

/** A calendar at the time when it was read. */
export interface CalendarCopy {
  readonly readAt: Instant;
  readonly events: CalendarEvents;
  /** Parts that could not be read, in words. Only the first few. */
  readonly leftOut?: readonly string[];
}

/** A calendar of a pool: its events exclude times from windows, or are windows. */
export interface PoolCalendar {
  readonly name: string;
  readonly use: 'exclude' | 'open';
  /** Time zone of events that name none. */
  readonly timeZone: string;
  /** The last successful copy. Without one no window opens, because the excluded times are not known. */
  readonly copy?: CalendarCopy;
  /** Why there is no newer copy, in words. */
  readonly problem?: string;
}
