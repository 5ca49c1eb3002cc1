import type { CalendarEvents, Day, MaintenanceWindow, PoolCalendar } from '../policy/pool-windows.ts';
import { day as dayLength, type Instant } from '../time/time.ts';
import { type Exclusion, exclusionOf, type Schedule, startsOn } from './schedule.ts';
import { readingAt, type Stretch, stretchesOf } from './wall-clock.ts';

/** The source of an opening: a window of the configuration, or the events of a calendar. */
export type OccurrenceSource =
  | { readonly kind: 'window'; readonly window: MaintenanceWindow }
  | { readonly kind: 'calendar'; readonly name: string };

/** One occurrence of a window, or one event. Calendar cuts are not subtracted yet. */
export interface Occurrence extends Stretch {
  readonly source: OccurrenceSource;
  readonly timeZone: string;
  /** The day on which it starts. */
  readonly on: Day;
  readonly excluded?: Exclusion;
}

const dayMinutes = 24 * 60;

const dayAt = (timeZone: string, at: Instant): Day => Math.floor(readingAt(timeZone, at) / dayMinutes);

/** All occurrences, including excluded ones, that close after `from` and open by `to`. Unsorted. */
export const occurrences = (schedule: Schedule, from: Instant, to: Instant): readonly Occurrence[] =>
  [
    ...schedule.windows.flatMap((window) => ofWindow(window, schedule, { from, to })),
    ...schedule.calendars.flatMap((calendar) =>
      calendar.use === 'open' ? ofCalendar(calendar, schedule, { from, to }) : [],
    ),
  ].filter(({ opens, closes }) => closes > from && opens <= to);

interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

function ofWindow(window: MaintenanceWindow, schedule: Schedule, { from, to }: Period): Occurrence[] {
  const found: Occurrence[] = [];
  const { timeZone, start, length } = window;
  // One extra day on either side: a zone may skip a whole day (Samoa did in 2011).
  const last = dayAt(timeZone, to) + 1;
  for (let on = dayAt(timeZone, from) - Math.ceil(length / dayMinutes) - 1; on <= last; on += 1) {
    if (!startsOn(window, on, schedule)) continue;
    const excluded = exclusionOf(on, schedule);
    const opensAt = on * dayMinutes + start;
    for (const stretch of stretchesOf(timeZone, opensAt, opensAt + length)) {
      found.push({
        ...stretch,
        source: { kind: 'window', window },
        timeZone,
        on,
        ...(excluded ? { excluded } : {}),
      });
    }
  }
  return found;
}

function ofCalendar(calendar: PoolCalendar, schedule: Schedule, { from, to }: Period): Occurrence[] {
  const { name, timeZone, copy } = calendar;
  if (!copy) return [];
  const { days, spans } = copy.events;
  // Two extra days on either side, because calendar days have no zone.
  const [firstDay, lastDay] = [Math.floor(from / dayLength) - 2, Math.ceil(to / dayLength) + 2];
  const stretches = [
    ...spans
      .filter(({ start, end }) => end > from && start <= to)
      .map(({ start, end }) => ({ opens: start, closes: end, on: dayAt(timeZone, start) })),
    ...eachDay(days, firstDay, lastDay).flatMap((on) =>
      stretchesOf(timeZone, on * dayMinutes, (on + 1) * dayMinutes).map((stretch) => ({ ...stretch, on })),
    ),
  ];
  return stretches.map((stretch) => {
    const excluded = exclusionOf(stretch.on, schedule);
    return {
      ...stretch,
      source: { kind: 'calendar', name },
      timeZone,
      ...(excluded ? { excluded } : {}),
    };
  });
}

/** Each day of an event is an occurrence of its own, so that single days can be excluded. */
function eachDay(events: CalendarEvents['days'], from: Day, to: Day): readonly Day[] {
  const found = new Set<Day>();
  for (const { first, last } of events) {
    for (let on = Math.max(first, from); on <= Math.min(last, to); on += 1) found.add(on);
  }
  return [...found];
}

/** A time range that a calendar excludes. */
export interface Cut extends Stretch {
  readonly calendar: string;
}

export const cutsIn = ({ calendars }: Schedule, from: Instant, to: Instant): readonly Cut[] =>
  calendars.flatMap(({ name, use, copy }) =>
    use === 'exclude' && copy
      ? copy.events.spans
          .filter(({ start, end }) => end > from && start <= to)
          .map(({ start, end }) => ({ opens: start, closes: end, calendar: name }))
      : [],
  );

/** The parts of a time range that no cut covers. */
export function withoutCuts({ opens, closes }: Stretch, cuts: readonly Cut[]): readonly Stretch[] {
  const left: Stretch[] = [];
  let at = opens;
  const sorted = cuts
    .filter((cut) => cut.closes > opens && cut.opens < closes)
    .sort((a, b) => a.opens - b.opens);
  for (const cut of sorted) {
    if (cut.opens > at) left.push({ opens: at, closes: cut.opens });
    at = Math.max(at, cut.closes);
  }
  return at < closes ? [...left, { opens: at, closes }] : left;
}
