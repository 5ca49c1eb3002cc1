import { isDeepStrictEqual } from 'node:util';
import type { CalendarSource, CalendarState } from '../reboot/windows/calendar-states.ts';
import type { Clock } from '../reboot/ports/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { day, type Instant, type Millis, minute, toTimestamp } from '../reboot/ports/time.ts';
import type { Expand } from './ical/expand-apart.ts';
import type { Mark } from './ical/read.ts';
import type { ReadSource } from './read-source.ts';

export interface ReaderDeps {
  readonly read: ReadSource;
  readonly expand: Expand;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for every change; `matters` is set if windows may have changed, or people should be notified. */
  readonly onChange: (change: { readonly matters: boolean }) => void;
}

/** One calendar: its last good copy, and when to refresh it. */
export interface CalendarReader {
  readonly name: string;
  isFor(source: CalendarSource): boolean;
  state(): CalendarState;
  /** Refreshes if it is due; a call while a refresh is running causes one more. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
}

/** The last good copy. */
interface Kept {
  readonly text: string;
  readonly mark: Mark;
  readonly expandedAt: Instant;
}

/**
 * A text whose expansion failed. It is not tried again every few seconds: it may have been made to cost CPU
 * time.
 */
interface Refused {
  readonly text: string;
  readonly problem: string;
  /** When the next attempt is due, and the backoff after that one. */
  readonly until: Instant;
  readonly pause: Millis;
}

/** The past must cover windows that are still open, the future what is shown to people. */
const [before, after] = [10 * day, 380 * day];

/** After a failure the next attempt comes sooner than the regular refresh. */
const retryAfter = minute;

/**
 * Backoff after a failed expansion. A busy machine may have caused it, so the first retry comes soon; a
 * hostile calendar must not take the CPU again and again.
 */
const [firstPause, longestPause] = [5 * minute, day];

export function calendarReader(source: CalendarSource, deps: ReaderDeps): CalendarReader {
  const { clock, logger } = deps;
  const told = stateTold(source.name, deps);
  const lookNow = looker(source, told, deps);
  let nextLook = Number.NEGATIVE_INFINITY;
  let busy = false;
  let again = false;
  const readOnce = async (signal: AbortSignal): Promise<void> => {
    try {
      await lookNow(signal);
    } catch (error) {
      logger.error('calendar reader failed', { calendar: source.name, err: error });
      told.failed('an unexpected failure; the log has it');
    }
    const every = source.from.kind === 'file' ? 0 : source.every;
    nextLook = clock.now() + (told.state().problem === undefined ? every : Math.min(every, retryAfter));
  };
  return {
    name: source.name,
    isFor: (other) => isDeepStrictEqual(other, source),
    state: told.state,
    async look(signal) {
      again = busy;
      if (busy) return;
      busy = true;
      do {
        again = false;
        if (!signal.aborted && clock.now() >= nextLook) await readOnce(signal);
      } while (again);
      busy = false;
    },
  };
}

interface Told {
  readonly state: () => CalendarState;
  readonly change: (next: CalendarState) => void;
  readonly failed: (problem: string) => void;
}

/** The calendar's state, with a notification at each change. */
function stateTold(name: string, { logger, onChange }: ReaderDeps): Told {
  let state: CalendarState = { name };
  const tellLeftOut = (before: CalendarState, { copy }: CalendarState): void => {
    const leftOut = copy?.leftOut ?? [];
    if (!copy || isDeepStrictEqual(before.copy?.leftOut ?? [], leftOut)) return;
    if (leftOut.length === 0) logger.info('calendar read as a whole again', { calendar: name });
    else logger.warn('calendar read in part', { calendar: name, left_out: leftOut });
  };
  const change = (next: CalendarState): void => {
    const before = state;
    const { copy, problem } = before;
    state = next;
    const isNews = problem !== next.problem;
    const isOther = !isDeepStrictEqual(copy?.events, next.copy?.events);
    if (isNews && next.problem !== undefined)
      logger.warn('calendar cannot be read', {
        calendar: name,
        problem: next.problem,
        ...(next.copy ? { last_read: toTimestamp(next.copy.readAt) } : {}),
      });
    tellLeftOut(before, next);
    if (next.copy && (isOther || (isNews && next.problem === undefined)))
      logger.info('calendar read', {
        calendar: name,
        days: next.copy.events.days.length,
        events: next.copy.events.spans.length,
      });
    onChange({ matters: isOther || isNews });
  };
  return { state: () => state, change, failed: (problem) => change({ ...state, problem }) };
}

function looker(
  source: CalendarSource,
  told: Told,
  { read, expand, clock }: ReaderDeps,
): (signal: AbortSignal) => Promise<void> {
  const { name, timeZone } = source;
  let kept: Kept | undefined;
  let refused: Refused | undefined;

  async function use(text: string, mark: Mark, readAt: Instant, signal: AbortSignal): Promise<void> {
    const now = clock.now();
    const again = refused?.text === text ? refused : undefined;
    if (again && now < again.until) {
      told.failed(again.problem);
      return;
    }
    const expanded = await expand({ text, from: now - before, to: now + after, timeZone }, signal);
    if (signal.aborted) return;
    if (!expanded.ok) {
      const pause = again ? Math.min(again.pause * 2, longestPause) : firstPause;
      refused = { text, problem: expanded.problem, until: now + pause, pause };
      told.failed(expanded.problem);
      return;
    }
    refused = undefined;
    kept = { text, mark, expandedAt: now };
    told.change({ name, copy: { readAt, events: expanded.events, leftOut: expanded.leftOut } });
  }

  return async function look(signal) {
    const found = await read(source, kept?.mark, signal);
    if (signal.aborted) return;
    const now = clock.now();
    if (found.kind === 'text') {
      await use(found.text, found.mark, now, signal);
      return;
    }
    // The expanded span moves on with time, if need be with the old copy.
    const readAt = found.kind === 'same' ? now : told.state().copy?.readAt;
    if (kept && readAt !== undefined && now - kept.expandedAt >= day)
      await use(kept.text, kept.mark, readAt, signal);
    const { copy } = told.state();
    if (found.kind === 'problem') told.failed(found.problem);
    else if (copy) told.change({ name, copy: { ...copy, readAt: now } });
  };
}
