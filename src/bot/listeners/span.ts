import { day, hour, minute, type Millis } from '../../reboot/time.ts';

const units: Readonly<Record<string, Millis>> = { m: minute, h: hour, d: day };

/** A span as people type it: 30m, 4h, 2d. Undefined for anything else, nothing at all included. */
export function spanOf(text: string | undefined): Millis | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text ?? '') ?? [];
  const size = unit === undefined ? undefined : units[unit];
  return count === undefined || size === undefined || Number(count) === 0 ? undefined : Number(count) * size;
}
