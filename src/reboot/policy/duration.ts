import { day, hour, type Millis, minute, second } from '../ports/time.ts';

const units: Readonly<Record<string, Millis>> = { s: second, m: minute, h: hour, d: day };

/** Nobody means more than this, and points in time so far away could not be written down. */
const longest = 36_500 * day;

/** How a duration is written; not every text of this form is short enough to be one. */
export const durationForm = /^(\d+[smhd])+$/;

/** "90s", "15m", "12h", "1h30m", "30d": as Go and Prometheus write them. Undefined for anything else. */
export function parseDuration(text: string): Millis | undefined {
  if (!durationForm.test(text)) return undefined;
  let total = 0;
  for (const [, count = '0', unit = 's'] of text.matchAll(/(\d+)([smhd])/g))
    total += Number(count) * (units[unit] ?? 0);
  return total <= longest ? total : undefined;
}
