import type { DateRange } from '../../reboot/policy/pool-windows.ts';
import { dayOf } from '../../reboot/windows/days.ts';

export type DateRangeParsed =
  | { readonly ok: true; readonly range: DateRange }
  | { readonly ok: false; readonly problem: string };

/** The syntax of dates only; whether such a day exists is checked by parseDateRange. */
export const dateForm = /^(\d{4}-)?\d\d-\d\d(\.\.(\d{4}-)?\d\d-\d\d)?$/;

export const dateSyntax =
  'Dates look like 2026-12-24, 2026-12-24..2027-01-06, and for every year 12-25 or 12-24..01-06.';

/** Dates of every year are checked in a leap year, so that 02-29 is accepted. */
const leapYear = 2024;

/** One day, or a first and a last day; of one year, or of every year. */
export function parseDateRange(text: string): DateRangeParsed {
  const once = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?$/.exec(text);
  if (once) return parsed('once', once[1], once[2], dayNumber);
  const yearly = /^(\d\d-\d\d)(?:\.\.(\d\d-\d\d))?$/.exec(text);
  return yearly ? parsed('yearly', yearly[1], yearly[2], dayInYear) : { ok: false, problem: dateSyntax };
}

function parsed(
  kind: DateRange['kind'],
  from: string | undefined,
  to: string | undefined,
  read: (text: string) => number | undefined,
): DateRangeParsed {
  const first = from === undefined ? undefined : read(from);
  const last = to === undefined ? first : read(to);
  if (first === undefined || last === undefined)
    return {
      ok: false,
      problem: `There is no day ${(first === undefined ? from : to) ?? ''}. ${dateSyntax}`,
    };
  if (kind === 'once' && last < first)
    return { ok: false, problem: 'The last day comes before the first. Write the earlier one first.' };
  return { ok: true, range: { kind, first, last } };
}

function dayNumber(text: string): number | undefined {
  const [year = 0, month = 0, date = 0] = text.split('-').map(Number);
  return isDay(year, month, date) ? dayOf(year, month, date) : undefined;
}

function dayInYear(text: string): number | undefined {
  const [month = 0, date = 0] = text.split('-').map(Number);
  return isDay(leapYear, month, date) ? month * 100 + date : undefined;
}

function isDay(year: number, month: number, date: number): boolean {
  const at = new Date(Date.UTC(year, month - 1, date));
  return year >= 1970 && at.getUTCMonth() === month - 1 && at.getUTCDate() === date;
}
