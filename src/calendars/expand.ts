/** From the text of an iCalendar file to the events of a span of time. Pure, but for how long it may take: run it apart. */
import ICAL from 'ical.js';
import type { CalendarEvents } from '../reboot/policy.ts';
import { day, second } from '../reboot/time.ts';
import { type CalendarEvent, endOf, readEvent } from './event.ts';
import {
  CalendarProblem,
  ianaZone,
  instantOfMoment,
  type Moment,
  timeOf,
  wallOf,
  type Zone,
} from './moment.ts';

export interface ExpandRequest {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Zone of times that name none. */
  readonly timeZone: string;
}

export type Expanded =
  | { readonly ok: true; readonly events: CalendarEvents }
  /** What is wrong with it, in words that repeat nothing of what stands in it. */
  | { readonly ok: false; readonly problem: string };

/** More than this in a year is no calendar that people keep. */
export const mostEvents = 10_000;

export function expand({ text, from, to, timeZone }: ExpandRequest): Expanded {
  try {
    const floating = ianaZone(timeZone);
    const series = calendarsIn(text).flatMap((calendar) => seriesIn(calendar, floating));
    const collected = collector(from, to);
    for (const one of series) expandSeries(one, to, collected.add);
    return { ok: true, events: collected.events() };
  } catch (error) {
    if (error instanceof CalendarProblem) return { ok: false, problem: error.message };
    // The library repeats the line that it cannot read in its message; it stays out of ours.
    return { ok: false, problem: 'it is no iCalendar file that can be read' };
  }
}

function calendarsIn(text: string): readonly ICAL.Component[] {
  const parsed = ICAL.parse(text.replace(/^\uFEFF/, '')) as unknown;
  // One object is ["vcalendar", …]; several are a list of such.
  const objects = Array.isArray(parsed) && typeof parsed[0] === 'string' ? [parsed] : (parsed as unknown[]);
  const calendars = objects.map(
    (object) => new ICAL.Component(object as ConstructorParameters<typeof ICAL.Component>[0]),
  );
  if (calendars.length === 0 || calendars.some(({ name }) => name !== 'vcalendar'))
    throw new CalendarProblem('it is no iCalendar file');
  return calendars;
}

/** An event with what stands for some of its occurrences. */
interface Series {
  readonly event: CalendarEvent;
  readonly overrides: readonly CalendarEvent[];
}

function seriesIn(calendar: ICAL.Component, floating: Zone): readonly Series[] {
  const events = calendar
    .getAllSubcomponents('vevent')
    .map((component) => readEvent(component, floating))
    .filter((event) => event !== undefined);
  const overrides = Map.groupBy(
    events.filter(({ replaces }) => replaces),
    ({ uid }) => uid,
  );
  return events.map((event) => ({
    event,
    overrides: event.replaces ? [] : (overrides.get(event.uid) ?? []),
  }));
}

type Add = (start: Moment, end: Moment) => void;

function expandSeries({ event, overrides }: Series, to: number, add: Add): void {
  if (event.cancelled) return;
  // It is added for itself, wherever it was moved to; what follows it is the series' business.
  if (event.replaces) {
    add(event.start, endOf(event.start, event.length));
    return;
  }
  const gone = exceptions(event, overrides);
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

/** An occurrence that follows one which was moved for good moves by as much. */
const shifted = (start: Moment, { replaces, start: moved }: CalendarEvent): Moment => ({
  ...moved,
  wall: start.wall + (replaces ? moved.wall - replaces.id.wall : 0),
});

function exceptions(
  { except }: CalendarEvent,
  overrides: readonly CalendarEvent[],
): (start: Moment, key: number) => boolean {
  const all = [...except, ...overrides.flatMap(({ replaces }) => (replaces ? [replaces.id] : []))];
  const instants = new Set(all.filter(({ kind }) => kind === 'time').map(instantOfMoment));
  const days = new Set(all.filter(({ kind }) => kind === 'day').map(({ wall }) => dayNumber(wall)));
  // A day among the exceptions of an event with a time means that day of its clock; a time among those of days, its date.
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

/** The rule is followed on the wall clock of the event, and its end compared in the world: `UNTIL` is often in UTC. */
function* occurrencesOfRule(
  rule: ICAL.Recur,
  first: Moment,
  to: number,
): Iterable<{ readonly start: Moment }> {
  const until = rule.until;
  const endless = rule.clone();
  endless.until = null;
  const iterator = endless.iterator(timeOf(first.wall, { isDate: first.kind === 'day' }));
  for (let next = nextOf(iterator); next; next = nextOf(iterator)) {
    const start: Moment = { ...first, wall: wallOf(next) };
    if (instantOfMoment(start) > to || isPast(start, until)) return;
    yield { start };
  }
}

/** The library's types promise a time, and its iterator ends with null. */
const nextOf = (iterator: ICAL.RecurIterator): ICAL.Time | null => iterator.next();

function isPast(start: Moment, until: ICAL.Time | null): boolean {
  if (!until) return false;
  if (start.kind === 'day' || until.isDate) return dayNumber(start.wall) > dayNumber(wallOf(until));
  return until.zone === ICAL.Timezone.utcTimezone
    ? instantOfMoment(start) > wallOf(until) * second
    : start.wall > wallOf(until);
}

function collector(from: number, to: number): { readonly add: Add; readonly events: () => CalendarEvents } {
  const days = new Map<string, CalendarEvents['days'][number]>();
  const spans = new Map<string, CalendarEvents['spans'][number]>();
  const add: Add = (startMoment, endMoment) => {
    const [start, end] = [instantOfMoment(startMoment), instantOfMoment(endMoment)];
    if (startMoment.kind === 'day') {
      // Its end is the first day that is no longer part of it; one that ends before it begins lasts a day.
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
