import { day, type Instant } from '../ports/time.ts';
import { dayLabel } from './days.ts';
import { openingLabel, sourceLabel } from './labels.ts';
import { cutsIn, type Occurrence, occurrences, without } from './occurrences.ts';
import { farthest, followed, nextOpening, openingsIn } from './openings.ts';
import { exclusionText, isHeldClosed, type Schedule } from './schedule.ts';

/**
 * What comes, for people: openings, and the days on which something would have opened. In the order in which
 * they come.
 */
export type Upcoming =
  | {
      readonly kind: 'opening';
      readonly opens: Instant;
      readonly closes: Instant;
      readonly open: boolean;
      /** "Tue 24 Nov 02:00–05:00, Europe/Berlin". */
      readonly label: string;
      /** "Tue, Thu 02:00–05:00 Europe/Berlin", or "calendar releases". */
      readonly source: string;
      /** Calendars whose events make it shorter than its window. */
      readonly cutBy: readonly string[];
    }
  | {
      readonly kind: 'excluded';
      readonly opens: Instant;
      /** "Thu 24 Dec excluded by calendar holidays". */
      readonly label: string;
      readonly source: string;
    };

/** Every opening is told with its date, however near it is. */
const always = Number.NEGATIVE_INFINITY;

/** A month at first; what opens rarely is looked for further ahead. */
const horizons = [33 * day, farthest];

/** The next `count` openings of all windows together, and what was excluded before the last of them. */
export function nextOpenings(schedule: Schedule, now: Instant, count: number): readonly Upcoming[] {
  for (const horizon of horizons) {
    const openings = openingsIn(schedule, now, now + horizon);
    if (openings.length < count && horizon < farthest) continue;
    const whole = openings.slice(0, count).map((opening) => followed(schedule, opening, now + horizon));
    const shown = whole.map((opening): Upcoming => ({
      kind: 'opening',
      opens: opening.opens,
      closes: opening.closes,
      open: opening.opens <= now,
      label: openingLabel(opening, always),
      source: sourceLabel(opening.source),
      cutBy: opening.cutBy,
    }));
    const end = openings.length >= count ? (shown.at(-1)?.opens ?? now) : now + horizon;
    return [...shown, ...excludedIn(schedule, now, end)].sort((a, b) => a.opens - b.opens);
  }
  return [];
}

interface Skipped {
  readonly from: Instant;
  readonly until: Instant;
  readonly labels: readonly string[];
}

/**
 * As with openings: a plan asks once for each of many Reboots, and what comes before the next opening changes
 * rarely.
 */
const answers = new WeakMap<Schedule, Skipped>();

/**
 * What would have opened before the next opening, and what excludes it: "Thu 24 Dec excluded by calendar
 * holidays".
 */
export function skippedBefore(schedule: Schedule, now: Instant): readonly string[] {
  const known = answers.get(schedule);
  if (known && known.from <= now && now < known.until) return known.labels;
  const next = nextOpening(schedule, now);
  const skipped = next && next.opens > now ? excludedIn(schedule, now, next.opens) : [];
  const until = Math.min(next?.opens ?? now, ...skipped.map(({ opens }) => opens));
  const labels = [...skipped].sort((a, b) => a.opens - b.opens).map(({ label }) => label);
  answers.set(schedule, { from: now, until, labels });
  return labels;
}

function excludedIn(schedule: Schedule, from: Instant, to: Instant): readonly Upcoming[] {
  if (isHeldClosed(schedule)) return [];
  return occurrences(schedule, from, to).flatMap((occurrence) =>
    describeExcluded(occurrence, schedule, from),
  );
}

function describeExcluded(occurrence: Occurrence, schedule: Schedule, from: Instant): readonly Upcoming[] {
  const { opens, on, source } = occurrence;
  const why = opens < from ? undefined : whyExcluded(occurrence, schedule);
  if (why === undefined) return [];
  return [{ kind: 'excluded', opens, label: `${dayLabel(on)} ${why}`, source: sourceLabel(source) }];
}

function whyExcluded(occurrence: Occurrence, schedule: Schedule): string | undefined {
  if (occurrence.excluded) return exclusionText(occurrence.excluded, occurrence.on);
  const cuts = cutsIn(schedule, occurrence.opens, occurrence.closes);
  const [first] = cuts;
  if (first === undefined || without(occurrence, cuts).length > 0) return undefined;
  return exclusionText({ kind: 'calendar', name: first.calendar }, occurrence.on);
}
