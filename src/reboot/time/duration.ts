import { day, hour, type Millis, minute, second } from './time.ts';

const units: Readonly<Record<string, Millis>> = { s: second, m: minute, h: hour, d: day };

/** An upper bound, because a point in time that far away cannot be written as a timestamp. */
const longest = 36_500 * day;

/** Syntax of a duration. A text that matches may still be too long. */
export const durationForm = /^(\d+[smhd])+$/;

/**
 * Milliseconds of a duration as in Go and Prometheus: "90s", "15m", "12h", "1h30m", "30d". Undefined for
 * anything else.
 */
export function parseDuration(text: string): Millis | undefined {
  if (!durationForm.test(text)) return undefined;
  let total = 0;
  for (const [, count = '0', unit = 's'] of text.matchAll(/(\d+)([smhd])/g))
    total += Number(count) * (units[unit] ?? 0);
  return total <= longest ? total : undefined;
}
