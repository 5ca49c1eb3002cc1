import type { PoolCalendar } from '../policy/pool-windows.ts';
import { type Instant, inWords } from '../time/time.ts';
import { sourceLabel, windowLabel } from './labels.ts';
import { nextOpening } from './openings.ts';
import { hasWindows, type Schedule, unreadCalendars } from './schedule.ts';

/** Why no window opens within a year; undefined where one does, or where the pool has no windows. */
export function whyNoneOpens(
  schedule: Schedule & { readonly name: string },
  now: Instant,
): { readonly code: 'calendar-unread' | 'outside-window'; readonly sentence: string } | undefined {
  if (!hasWindows(schedule) || nextOpening(schedule, now)) return undefined;
  const unread = unreadCalendars(schedule);
  const calendar = unread.find(({ use }) => use === 'exclude') ?? unread[0];
  return calendar
    ? { code: 'calendar-unread', sentence: unreadText(calendar) }
    : { code: 'outside-window', sentence: `No window of pool ${schedule.name} opens within a year.` };
}

/** Fails closed: until a calendar was read once, its exclusions are unknown. */
function unreadText({ name, use, problem }: PoolCalendar): string {
  const then = use === 'exclude' ? 'so no window opens' : 'so it opens nothing';
  return `Calendar ${name} was not read yet, ${then}${problem === undefined ? '' : `: ${problem}`}.`;
}

/** The pool's windows and opening calendars, as text. */
export const whatOpens = ({ windows, calendars }: Schedule): readonly string[] => [
  ...windows.map(windowLabel),
  ...calendars.filter(({ use }) => use === 'open').map(({ name }) => sourceLabel({ kind: 'calendar', name })),
];

/** Notes for people beside the openings: "Calendar holidays was read 12 min ago." */
export function windowNotes(schedule: Schedule & { readonly name: string }, now: Instant): readonly string[] {
  const why = whyNoneOpens(schedule, now);
  return [...(why?.code === 'outside-window' ? [why.sentence] : []), ...calendarNotes(schedule, now)];
}

const calendarNotes = ({ calendars }: Schedule, now: Instant): readonly string[] =>
  calendars.map((calendar) => {
    const { name, copy, problem } = calendar;
    if (!copy) return unreadText(calendar);
    const ago = inWords(now - copy.readAt);
    const read =
      problem === undefined
        ? `Calendar ${name} was read ${ago} ago.`
        : `Calendar ${name} was last read ${ago} ago: ${problem}.`;
    const leftOut = (copy.leftOut ?? []).map((why) => ` Left out of it: ${why}.`).join('');
    return `${read}${leftOut}`;
  });
