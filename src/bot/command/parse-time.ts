/** A time as typed after `until`: 18:00, fri, fri 18:00, tomorrow 9:00, 2026-12-02, 2026-12-02 18:00. */
import { day, hour, type Instant, minute } from '../../reboot/time/time.ts';
import { instantOf, readingAt } from '../../reboot/windows/wall-clock.ts';

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const clockForm = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/;
/** Where only a day is named. */
const morning = 9 * hour;

/** The first such time that is still to come, in the zone; undefined for any other text. */
export function parseTime(text: string, timeZone: string, now: Instant): Instant | undefined {
  const words = text.toLowerCase().split(/\s+/);
  if (words.length > 2) return undefined;
  const last = clockOf(words.at(-1) ?? '');
  const dayWord = last === undefined ? words[0] : words.length === 2 ? words[0] : undefined;
  if (last === undefined && words.length > 1) return undefined;
  const local = readingAt(timeZone, now) * minute;
  const today = Math.floor(local / day) * day;
  const clock = last ?? morning;
  if (dayWord === undefined) return at(today + clock > local ? today + clock : today + day + clock, timeZone);
  const from = dayNamed(dayWord, today);
  if (from === undefined) return undefined;
  const passed = weekdays.includes(dayWord.slice(0, 3)) && from + clock <= local;
  return at(from + clock + (passed ? 7 * day : 0), timeZone);
}

const at = (local: number, timeZone: string): Instant => instantOf(timeZone, Math.floor(local / minute));

function clockOf(word: string): number | undefined {
  const [, hours, minutes] = clockForm.exec(word) ?? [];
  return hours === undefined ? undefined : Number(hours) * hour + Number(minutes) * minute;
}

/** The midnight at which the day begins, on the wall clock. */
function dayNamed(word: string, today: number): number | undefined {
  if (word === 'today') return today;
  if (word === 'tomorrow') return today + day;
  const nth = weekdays.indexOf(word.slice(0, 3));
  if (nth >= 0 && isWeekday(word)) return today + ((nth - new Date(today).getUTCDay() + 7) % 7) * day;
  const [, year, month, date] = dateForm.exec(word) ?? [];
  if (year === undefined) return undefined;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(date));
  // 2026-02-31 is no day.
  return new Date(midnight).toISOString().startsWith(word) ? midnight : undefined;
}

const isWeekday = (word: string): boolean =>
  ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].includes(word) ||
  word.length === 3;
