/**
 * Expands the text of an iCalendar file to the events of a span of time. Pure, but without a bound on its
 * time: run it in a thread (expand-in-worker.ts).
 */
import type { CalendarEvents } from '../../reboot/policy/pool-windows.ts';
import { day, second } from '../../reboot/time/time.ts';
import { CalendarProblem, type Component, parseFile } from './content-lines.ts';
import { type CalendarEvent, endOf, readEvent } from './event.ts';
import { instantOfMoment, type Moment } from './moment.ts';
import { starts } from './recurrence.ts';
import type { RecurrenceRule } from './recurrence-rule.ts';
import type { DateOrTime, Zone } from './values.ts';
import { ianaZone, zoneFinder } from './zones.ts';

export interface ExpandRequest {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Zone of floating times, which name none. */
  readonly timeZone: string;
}

/** Messages name a line and its property, and repeat nothing of the content: calendars are private. */
export type Expanded =
  | {
      readonly ok: true;
      readonly events: CalendarEvents;
      /** The first few events that were skipped. */
      readonly leftOut: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

/** More events than this in a year are not a calendar that people keep. */
export const mostEvents = 10_000;

/** Enough to identify the program that wrote them. */
const mostLeftOut = 5;

export function expand({ text, from, to, timeZone }: ExpandRequest): Expanded {
  try {
    const { components, problems } = parseFile(text);
    if (components.length === 0 || components.some(({ name }) => name !== 'VCALENDAR'))
      throw new CalendarProblem('it is no iCalendar file');
    const floating = ianaZone(timeZone);
    const read = components.map((calendar) => seriesIn(calendar, floating, to));
    const series = read.flatMap((one) => one.series);
    const leftOut = [...problems, ...read.flatMap((one) => one.problems)];
    const [first] = leftOut;
    // Fails if no event could be read: without events, holidays would not close windows.
    if (series.length === 0 && first) throw first;
    const collected = collector(from, to);
    for (const one of series) expandSeries(one, to, collected.add);
    return {
      ok: true,
      events: collected.events(),
      leftOut: leftOut.slice(0, mostLeftOut).map(({ message }) => message),
    };
  } catch (error) {
    if (error instanceof CalendarProblem) return { ok: false, problem: error.message };
    throw error;
  }
}

/** An event with the replacements of some of its occurrences. */
interface Series {
  readonly event: CalendarEvent;
  readonly overrides: readonly CalendarEvent[];
}

interface ReadCalendar {
  readonly series: readonly Series[];
  readonly problems: readonly CalendarProblem[];
}

function seriesIn(calendar: Component, floating: Zone, to: number): ReadCalendar {
  const zoneOf = zoneFinder(calendar, floating, to / second);
  const problems: CalendarProblem[] = [];
  const events = calendar.components
    .filter(({ name }) => name === 'VEVENT')
    .flatMap((component) => {
      try {
        return readEvent(component, zoneOf) ?? [];
      } catch (error) {
        if (!(error instanceof CalendarProblem)) throw error;
        problems.push(error);
        return [];
      }
    });
  const overrides = Map.groupBy(
    events.filter(({ replaces }) => replaces),
    ({ uid }) => uid,
  );
  const series = events.map((event) => ({
    event,
    overrides: event.replaces ? [] : (overrides.get(event.uid) ?? []),
  }));
  return { series, problems };
}

type Add = (start: Moment, end: Moment) => void;

function expandSeries({ event, overrides }: Series, to: number, add: Add): void {
  if (event.cancelled) return;
  // Only the replacement itself is added here; the series expands the occurrences after it.
  if (event.replaces) {
    add(event.start, endOf(event.start, event.length));
    return;
  }
  const gone = exceptions(event, overrides, to);
  const futures = overrides
    .filter(({ replaces }) => replaces?.andFuture === true)
    .sort((a, b) => keyOf(a) - keyOf(b));
  for (const { start, length } of occurrencesOf(event, to)) {
    const key = instantOfMoment(start);
    if (gone(start, key)) continue;
    const instead = futures.findLast((future) => keyOf(future) <= key);
    if (!instead) add(start, endOf(start, length ?? event.length));
    else if (!instead.cancelled) {
      const moved = shifted(start, instead);
      add(moved, endOf(moved, instead.length));
    }
  }
}

const keyOf = ({ replaces, start }: CalendarEvent): number => instantOfMoment(replaces?.id ?? start);

/** After a replacement of this and all later occurrences, later ones are shifted by the same amount. */
const shifted = (start: Moment, { replaces, start: moved }: CalendarEvent): Moment => ({
  ...moved,
  wall: start.wall + (replaces ? moved.wall - replaces.id.wall : 0),
});

function exceptions(
  { except, exceptRules, start: first }: CalendarEvent,
  overrides: readonly CalendarEvent[],
  to: number,
): (start: Moment, key: number) => boolean {
  const all = [
    ...except,
    ...overrides.flatMap(({ replaces }) => (replaces ? [replaces.id] : [])),
    ...exceptRules.flatMap((rule) => [...occurrencesOfRule(rule, first, to)].map(({ start }) => start)),
  ];
  const instants = new Set(all.filter(({ kind }) => kind === 'time').map(instantOfMoment));
  const days = new Set(all.filter(({ kind }) => kind === 'day').map(({ wall }) => dayNumber(wall)));
  // An exception that is a date excludes the occurrences on that date of the event's wall clock; for all-day
  // events, an exception with a time excludes its date.
  const daysOfTimes = new Set(all.map(({ wall }) => dayNumber(wall)));
  return (start, key) =>
    start.kind === 'day'
      ? daysOfTimes.has(dayNumber(start.wall))
      : instants.has(key) || days.has(dayNumber(start.wall));
}

const dayNumber = (wall: number): number => Math.floor((wall * second) / day);

function* occurrencesOf(event: CalendarEvent, to: number): Iterable<CalendarEvent['also'][number]> {
  if (event.rules.length === 0) yield { start: event.start };
  for (const rule of event.rules) yield* occurrencesOfRule(rule, event.start, to);
  yield* event.also;
}

/**
 * The rule is expanded on the event's wall clock, but its end is compared as an instant: `UNTIL` is often in
 * UTC.
 */
function* occurrencesOfRule(
  rule: RecurrenceRule,
  first: Moment,
  to: number,
): Iterable<{ readonly start: Moment }> {
  // No zone is further from UTC than a day.
  for (const wall of starts(rule, first.wall, (to + day) / second)) {
    const start: Moment = { ...first, wall };
    if (instantOfMoment(start) > to || isPast(start, rule.until)) return;
    yield { start };
  }
}

function isPast(start: Moment, until: DateOrTime | undefined): boolean {
  if (!until) return false;
  if (start.kind === 'day' || until.kind === 'date') return dayNumber(start.wall) > dayNumber(until.wall);
  return until.kind === 'utc' ? instantOfMoment(start) > until.wall * second : start.wall > until.wall;
}

function collector(from: number, to: number): { readonly add: Add; readonly events: () => CalendarEvents } {
  const days = new Map<string, CalendarEvents['days'][number]>();
  const spans = new Map<string, CalendarEvents['spans'][number]>();
  const add: Add = (startMoment, endMoment) => {
    const [start, end] = [instantOfMoment(startMoment), instantOfMoment(endMoment)];
    if (startMoment.kind === 'day') {
      // DTEND is the first day that is not part of the event; an event that ends before it begins lasts a
      // day.
      const first = dayNumber(startMoment.wall);
      const last = Math.max(first, dayNumber(endMoment.wall) - 1);
      if (last * day + day > from && start <= to) days.set(`${first}/${last}`, { first, last });
    } else if (end > start && end > from && start <= to) spans.set(`${start}/${end}`, { start, end });
    if (days.size + spans.size > mostEvents)
      throw new CalendarProblem(`it holds more than ${mostEvents} events in a year`);
  };
  return {
    add,
    events: () => ({
      days: [...days.values()].sort((a, b) => a.first - b.first || a.last - b.last),
      spans: [...spans.values()].sort((a, b) => a.start - b.start || a.end - b.end),
    }),
  };
}
