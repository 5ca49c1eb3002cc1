import { day, type Instant } from '../ports/time.ts';
import { cutsIn, type Occurrence, occurrences, type Source, without } from './occurrences.ts';
import { isHeldClosed, type Schedule } from './schedule.ts';
import type { Stretch } from './wall-clock.ts';

/** A time in which reboots may start. Windows that overlap or adjoin are one opening. */
export interface Opening extends Stretch {
  /** What opens it, and the zone in which people are told of it. */
  readonly source: Source;
  readonly timeZone: string;
  /** Calendars that make it shorter. */
  readonly cutBy: readonly string[];
}

/** Openings are looked for this far ahead: a window that opens once a year is found. */
export const farthest = 366 * day;

/** Most pools open within a week or so, and looking further costs time. */
const near = 8 * day;

/** So that an opening began when its first window did, and not when the one did that is open now. */
const lookBack = day;

/**
 * All openings that have not closed at `from` and open by `to`, in order. What closes after `to` may close
 * later than it says.
 */
export function openingsIn(schedule: Schedule, from: Instant, to: Instant): readonly Opening[] {
  if (isHeldClosed(schedule)) return [];
  const open = occurrences(schedule, from - lookBack, to).filter(({ excluded }) => excluded === undefined);
  const pieces = open.flatMap((occurrence) => piecesOf(occurrence, schedule));
  return merged(pieces).filter(({ closes }) => closes > from);
}

function piecesOf(occurrence: Occurrence, schedule: Schedule): readonly Opening[] {
  const cuts = cutsIn(schedule, occurrence.opens, occurrence.closes);
  const cutBy = [...new Set(cuts.map(({ calendar }) => calendar))];
  const { source, timeZone } = occurrence;
  return without(occurrence, cuts).map((stretch) => ({ ...stretch, source, timeZone, cutBy }));
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

interface Answer {
  readonly from: Instant;
  readonly until: Instant;
  readonly opening: Opening | undefined;
}

/**
 * The last answer for each schedule, with the time for which it is the same. A plan asks once for each of
 * many Reboots of a pool; a policy that has changed is another object, and its answers go with it.
 */
const answers = new WeakMap<Schedule, Answer>();

/**
 * The opening that is under way or comes next; undefined when none comes within a year, or a calendar that
 * excludes was never read.
 */
export function nextOpening(schedule: Schedule, now: Instant): Opening | undefined {
  const known = answers.get(schedule);
  if (known && known.from <= now && now < known.until) return known.opening;
  const opening = firstIn(schedule, now, now + near) ?? firstIn(schedule, now + near, now + farthest);
  const until =
    opening === undefined
      ? now + day
      : opening.opens > now
        ? opening.opens
        : Math.min(opening.closes, now + day);
  answers.set(schedule, { from: now, until, opening });
  return opening;
}

function firstIn(schedule: Schedule, from: Instant, to: Instant): Opening | undefined {
  const [opening] = openingsIn(schedule, from, to);
  return opening === undefined ? undefined : followed(schedule, opening, to);
}

/**
 * What closes at the end of all that was looked at may go on with what opens then: each look begins where the
 * last one ended.
 */
export function followed(schedule: Schedule, opening: Opening, lookedAt: Instant): Opening {
  const parts = [opening];
  let { closes } = opening;
  let known = lookedAt;
  // What never closes is followed as far ahead as openings are looked for.
  while (closes >= known && known < opening.opens + farthest) {
    known = closes + near;
    const further = openingsIn(schedule, closes, known).find(({ opens }) => opens <= closes);
    if (further === undefined) break;
    parts.push(further);
    closes = Math.max(closes, further.closes);
  }
  return { ...opening, closes, cutBy: [...new Set(parts.flatMap(({ cutBy }) => cutBy))] };
}

/** Whether a reboot of the pool may start now; a pool without windows is always open. */
export function isOpen(schedule: Schedule, now: Instant): boolean {
  const opening = nextOpening(schedule, now);
  return opening !== undefined && opening.opens <= now;
}
