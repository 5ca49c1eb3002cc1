import { day, type Instant } from '../time/time.ts';
import { cutsIn, type Occurrence, occurrences, type OccurrenceSource, withoutCuts } from './occurrences.ts';
import { failsClosed, type Schedule } from './schedule.ts';
import type { Stretch } from './wall-clock.ts';

/** A time range in which reboots may start. Windows that overlap or adjoin form one opening. */
export interface Opening extends Stretch {
  /** What opens it, and the zone in which it is shown. */
  readonly source: OccurrenceSource;
  readonly timeZone: string;
  /** Names of the calendars that shorten it. */
  readonly cutBy: readonly string[];
}

/** How far ahead openings are searched: a window that opens once a year is found. */
export const searchHorizon = 366 * day;

/** The first search range: most pools open within a week, and a longer search costs time. */
const nearRange = 8 * day;

/**
 * Merging starts this much earlier, so that `opens` is the start of the first window of an opening and not of
 * the one that is open now.
 */
const lookback = day;

/**
 * All openings that close after `from` and open by `to`, in order. `closes` may be too early for an opening
 * that closes after `to`.
 */
export function openingsIn(schedule: Schedule, from: Instant, to: Instant): readonly Opening[] {
  if (failsClosed(schedule)) return [];
  const open = occurrences(schedule, from - lookback, to).filter(({ excluded }) => excluded === undefined);
  const pieces = open.flatMap((occurrence) => piecesOf(occurrence, schedule));
  return merged(pieces).filter(({ closes }) => closes > from);
}

function piecesOf(occurrence: Occurrence, schedule: Schedule): readonly Opening[] {
  const cuts = cutsIn(schedule, occurrence.opens, occurrence.closes);
  const cutBy = [...new Set(cuts.map(({ calendar }) => calendar))];
  const { source, timeZone } = occurrence;
  return withoutCuts(occurrence, cuts).map((stretch) => ({ ...stretch, source, timeZone, cutBy }));
}

function merged(pieces: readonly Opening[]): readonly Opening[] {
  const openings: Opening[] = [];
  for (const piece of [...pieces].sort((a, b) => a.opens - b.opens || b.closes - a.closes)) {
    const last = openings.at(-1);
    if (last === undefined || last.closes < piece.opens) openings.push(piece);
    else if (last.closes < piece.closes)
      openings[openings.length - 1] = {
        ...last,
        closes: piece.closes,
        cutBy: [...new Set([...last.cutBy, ...piece.cutBy])],
      };
  }
  return openings;
}

interface CachedOpening {
  readonly from: Instant;
  readonly until: Instant;
  readonly opening: Opening | undefined;
}

/**
 * Cache: the last result for each schedule, with its validity. A plan queries this once for each Reboot of a
 * pool; a changed policy is a new object, and old entries are garbage-collected.
 */
const openingCache = new WeakMap<Schedule, CachedOpening>();

/**
 * The opening that is under way or comes next; undefined when none comes within a year, or when an excluding
 * calendar was never read.
 */
export function nextOpening(schedule: Schedule, now: Instant): Opening | undefined {
  const known = openingCache.get(schedule);
  if (known && known.from <= now && now < known.until) return known.opening;
  const opening =
    firstIn(schedule, now, now + nearRange) ?? firstIn(schedule, now + nearRange, now + searchHorizon);
  const until =
    opening === undefined
      ? now + day
      : opening.opens > now
        ? opening.opens
        : Math.min(opening.closes, now + day);
  openingCache.set(schedule, { from: now, until, opening });
  return opening;
}

function firstIn(schedule: Schedule, from: Instant, to: Instant): Opening | undefined {
  const [opening] = openingsIn(schedule, from, to);
  return opening === undefined ? undefined : extendOpening(schedule, opening, to);
}

/**
 * Extends an opening whose end lies beyond the searched range, since the search sees only windows that open
 * within that range.
 */
export function extendOpening(schedule: Schedule, opening: Opening, searchedTo: Instant): Opening {
  const parts = [opening];
  let { closes } = opening;
  let known = searchedTo;
  // An opening that never closes is extended up to the search horizon.
  while (closes >= known && known < opening.opens + searchHorizon) {
    known = closes + nearRange;
    const further = openingsIn(schedule, closes, known).find(({ opens }) => opens <= closes);
    if (further === undefined) break;
    parts.push(further);
    closes = Math.max(closes, further.closes);
  }
  return { ...opening, closes, cutBy: [...new Set(parts.flatMap(({ cutBy }) => cutBy))] };
}

/** Whether a reboot of the pool may start now; a pool without windows is always open. */
export function isOpenAt(schedule: Schedule, now: Instant): boolean {
  const opening = nextOpening(schedule, now);
  return opening !== undefined && opening.opens <= now;
}
