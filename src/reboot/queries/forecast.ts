/** When reboots would start, from the durations of earlier ones. Pure. */
import type { Instant, Millis } from '../time/time.ts';
import type { Opening } from '../windows/openings.ts';

export interface ForecastInput {
  /** Names, in the order of their starts. */
  readonly queue: readonly string[];
  /** When each place becomes free: as many as may be out of service at once. */
  readonly freeAt: readonly Instant[];
  /** The duration of one reboot. */
  readonly each: Millis;
  /** The least time from the end of one reboot to the start of the next. */
  readonly between: Millis;
  /** Undefined where reboots may start at any time. */
  readonly openings?: readonly Pick<Opening, 'opens' | 'closes'>[];
  /** Do not start what would outlast its opening, unless every opening is too short. */
  readonly finishInWindow: boolean;
}

/** By name: the time of the start. Those that no known opening has room for are left out. */
export function forecast(input: ForecastInput): ReadonlyMap<string, Instant> {
  const { queue, each, between, finishInWindow } = input;
  const starts = new Map<string, Instant>();
  const free = [...input.freeAt].sort((a, b) => a - b);
  for (const name of queue) {
    const [earliest] = free;
    if (earliest === undefined) return starts;
    const start = startIn(input.openings, earliest, finishInWindow ? each : 0);
    if (start === undefined) return starts;
    starts.set(name, start);
    insert(free, start + each + between);
  }
  return starts;
}

/** Replaces the first of a sorted list. */
function insert(sorted: Instant[], value: Instant): void {
  sorted.shift();
  const index = sorted.findIndex((each) => each > value);
  sorted.splice(index < 0 ? sorted.length : index, 0, value);
}

/** The first moment from `earliest` on at which an opening has `needed` left. */
function startIn(
  openings: ForecastInput['openings'],
  earliest: Instant,
  needed: Millis,
): Instant | undefined {
  if (openings === undefined) return earliest;
  for (const { opens, closes } of openings) {
    const start = Math.max(opens, earliest);
    // In an opening that is shorter than a reboot, starts are allowed in its first quarter.
    const latest = closes - opens >= needed ? closes - needed : opens + (closes - opens) / 4;
    if (start < closes && start <= latest) return start;
  }
  return undefined;
}

export const median = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
