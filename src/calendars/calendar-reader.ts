import { isDeepStrictEqual } from 'node:util';
import type { CalendarSource, CalendarState } from '../reboot/windows/calendar-states.ts';
import { type Clock, day, type Instant, minute, toTimestamp } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { exponential } from '../reboot/time/exponential.ts';
import type { Expand } from './ical/expand-in-worker.ts';
import type { Validators } from './ical/read.ts';
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
  refresh(signal: AbortSignal): Promise<void>;
}

/** The last good copy. */
interface Kept {
  readonly text: string;
  readonly validators: Validators;
  readonly expandedAt: Instant;
}

/**
 * A text whose expansion failed. It is not tried again every few seconds: it may have been made to cost CPU
 * time.
 */
interface Refused {
  readonly text: string;
  readonly problem: string;
  /** When the next attempt is due, and how many have failed. */
  readonly until: Instant;
  readonly failures: number;
}

/** The past must cover windows that are still open, the future what is shown to people. */
const [before, after] = [10 * day, 380 * day];

/** After a failure the next attempt comes sooner than the regular refresh. */
const retryAfter = minute;

/**
 * Backoff after a failed expansion. A busy machine may have caused it, so the first retry comes soon; a
 * hostile calendar must not take the CPU again and again.
 */
const expansionDelays = { first: 5 * minute, most: day, factor: 2 };

export function calendarReader(source: CalendarSource, deps: ReaderDeps): CalendarReader {
  const { clock, logger } = deps;
  const published = publishedState(source.name, deps);
  const refreshNow = refresher(source, published, deps);
  let nextRefresh = Number.NEGATIVE_INFINITY;
  let busy = false;
  let again = false;
  const readOnce = async (signal: AbortSignal): Promise<void> => {
    try {
      await refreshNow(signal);
    } catch (error) {
      logger.error('calendar reader failed', { calendar: source.name, err: error });
      published.failed('an unexpected failure; the log has it');
    }
    const every = source.from.kind === 'file' ? 0 : source.every;
    nextRefresh =
      clock.now() + (published.state().problem === undefined ? every : Math.min(every, retryAfter));
  };
  return {
    name: source.name,
    isFor: (other) => isDeepStrictEqual(other, source),
    state: published.state,
    async refresh(signal) {
      again = busy;
      if (busy) return;
      busy = true;
      do {
        again = false;
        if (!signal.aborted && clock.now() >= nextRefresh) await readOnce(signal);
      } while (again);
      busy = false;
    },
  };
}

interface PublishedState {
  readonly state: () => CalendarState;
  readonly change: (next: CalendarState) => void;
  readonly failed: (problem: string) => void;
}

/** The calendar's state, with a notification at each change. */
function publishedState(name: string, { logger, onChange }: ReaderDeps): PublishedState {
  let state: CalendarState = { name };
  const logLeftOut = (before: CalendarState, { copy }: CalendarState): void => {
    const leftOut = copy?.leftOut ?? [];
    if (!copy || isDeepStrictEqual(before.copy?.leftOut ?? [], leftOut)) return;
    if (leftOut.length === 0) logger.info('calendar read as a whole again', { calendar: name });
    else logger.warn('calendar read in part', { calendar: name, left_out: leftOut });
  };
  const change = (next: CalendarState): void => {
    const before = state;
    const { copy, problem } = before;
    state = next;
    const problemChanged = problem !== next.problem;
    const eventsChanged = !isDeepStrictEqual(copy?.events, next.copy?.events);
    if (problemChanged && next.problem !== undefined)
      logger.warn('calendar cannot be read', {
        calendar: name,
        problem: next.problem,
        ...(next.copy ? { last_read: toTimestamp(next.copy.readAt) } : {}),
      });
    logLeftOut(before, next);
    if (next.copy && (eventsChanged || (problemChanged && next.problem === undefined)))
      logger.info('calendar read', {
        calendar: name,
        days: next.copy.events.days.length,
        events: next.copy.events.spans.length,
      });
    onChange({ matters: eventsChanged || problemChanged });
  };
  return { state: () => state, change, failed: (problem) => change({ ...state, problem }) };
}

function refresher(
  source: CalendarSource,
  published: PublishedState,
  { read, expand, clock }: ReaderDeps,
): (signal: AbortSignal) => Promise<void> {
  const { name, timeZone } = source;
  let kept: Kept | undefined;
  let refused: Refused | undefined;

  async function use(
    text: string,
    validators: Validators,
    readAt: Instant,
    signal: AbortSignal,
  ): Promise<void> {
    const now = clock.now();
    const again = refused?.text === text ? refused : undefined;
    if (again && now < again.until) {
      published.failed(again.problem);
      return;
    }
    const expanded = await expand({ text, from: now - before, to: now + after, timeZone }, signal);
    if (signal.aborted) return;
    if (!expanded.ok) {
      const failures = (again?.failures ?? 0) + 1;
      const until = now + exponential(expansionDelays, failures);
      refused = { text, problem: expanded.problem, until, failures };
      published.failed(expanded.problem);
      return;
    }
    refused = undefined;
    kept = { text, validators, expandedAt: now };
    published.change({ name, copy: { readAt, events: expanded.events, leftOut: expanded.leftOut } });
  }

  return async function refresh(signal) {
    const found = await read(source, kept?.validators, signal);
    if (signal.aborted) return;
    const now = clock.now();
    if (found.kind === 'text') {
      await use(found.text, found.validators, now, signal);
      return;
    }
    // The expanded span moves on with time, if need be with the old copy.
    const readAt = found.kind === 'same' ? now : published.state().copy?.readAt;
    if (kept && readAt !== undefined && now - kept.expandedAt >= day)
      await use(kept.text, kept.validators, readAt, signal);
    const { copy } = published.state();
    if (found.kind === 'problem') published.failed(found.problem);
    else if (copy) published.change({ name, copy: { ...copy, readAt: now } });
  };
}
