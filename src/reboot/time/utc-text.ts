/** Times in UTC, where a text is the same for every reader: records, logs, fallbacks of Slack dates. */
import { formatInTimeZone } from 'date-fns-tz';
import type { Instant } from './time.ts';

/** "2026-11-22 12:00 UTC". */
export const utcMoment = (at: Instant): string => formatInTimeZone(at, 'UTC', "yyyy-MM-dd HH:mm 'UTC'");

/** "12:00 UTC". */
export const utcTime = (at: Instant): string => formatInTimeZone(at, 'UTC', "HH:mm 'UTC'");
