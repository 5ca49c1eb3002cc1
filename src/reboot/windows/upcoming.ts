import { day, type Instant } from '../time/time.ts';
import { dayLabel } from './days.ts';
import { openingLabel, sourceLabel } from './labels.ts';
import { cutsIn, type Occurrence, occurrences, withoutCuts } from './occurrences.ts';
import { searchHorizon, extendOpening, nextOpening, openingsIn } from './openings.ts';
import { exclusionText, failsClosed, type Schedule } from './schedule.ts';

/** Coming openings and excluded openings, for display, in order of time. */
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
      /** Names of the calendars that shorten it. */
      readonly cutBy: readonly string[];
    }
  | {
      readonly kind: 'excluded';
      readonly opens: Instant;
      /** "Thu 24 Dec excluded by calendar holidays". */
      readonly label: string;
      readonly source: string;
    };

/** A value for `now` that makes every label contain its date. */
const alwaysDated = Number.NEGATIVE_INFINITY;

/** Search horizons in milliseconds: about a month first, then the longest for windows that open rarely. */
const horizons = [33 * day, searchHorizon];

/** The next `count` openings of all windows together, and the exclusions before the last of them. */
export function nextOpenings(schedule: Schedule, now: Instant, count: number): readonly Upcoming[] {
  for (const horizon of horizons) {
    const openings = openingsIn(schedule, now, now + horizon);
    if (openings.length < count && horizon < searchHorizon) continue;
    const whole = openings.slice(0, count).map((opening) => extendOpening(schedule, opening, now + horizon));
    const shown = whole.map((opening): Upcoming => ({
      kind: 'opening',
      opens: opening.opens,
      closes: opening.closes,
      open: opening.opens <= now,
      label: openingLabel(opening, alwaysDated),
      source: sourceLabel(opening.source),
      cutBy: opening.cutBy,
    }));
    const end = openings.length >= count ? (shown.at(-1)?.opens ?? now) : now + horizon;
    return [...shown, ...excludedIn(schedule, now, end)].sort((a, b) => a.opens - b.opens);
  }
  return [];
}

interface CachedSkips {
  readonly from: Instant;
  readonly until: Instant;
  readonly labels: readonly string[];
}

/**
 * Cache, as for openings: a plan queries this once for each Reboot, and the result changes only with the time
 * of the next opening.
 */
const skipCache = new WeakMap<Schedule, CachedSkips>();

/** The excluded openings before the next opening: "Thu 24 Dec excluded by calendar holidays". */
export function skippedBefore(schedule: Schedule, now: Instant): readonly string[] {
  const known = skipCache.get(schedule);
  if (known && known.from <= now && now < known.until) return known.labels;
  const next = nextOpening(schedule, now);
  const skipped = next && next.opens > now ? excludedIn(schedule, now, next.opens) : [];
  const until = Math.min(next?.opens ?? now, ...skipped.map(({ opens }) => opens));
  const labels = [...skipped].sort((a, b) => a.opens - b.opens).map(({ label }) => label);
  skipCache.set(schedule, { from: now, until, labels });
  return labels;
}

function excludedIn(schedule: Schedule, from: Instant, to: Instant): readonly Upcoming[] {
  if (failsClosed(schedule)) return [];
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
  if (first === undefined || withoutCuts(occurrence, cuts).length > 0) return undefined;
  return exclusionText({ kind: 'calendar', name: first.calendar }, occurrence.on);
}
