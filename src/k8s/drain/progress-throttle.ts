import { isDeepStrictEqual } from 'node:util';
import { type Clock, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { DrainEvent } from '../../reboot/ports/cluster/drains.ts';
import type { DrainProgress } from '../../reboot/state/drain-facts.ts';

/**
 * Each progress event is a write to the store and may update a Slack message, and many drains may run at
 * once.
 */
const shortest: Millis = 0.5 * second;
const longest: Millis = 5 * second;
/** The interval grows with the drain's age: a second matters less in a long drain. */
const growth = 0.1;

/** The minimum interval after an update that came `elapsed` into the drain. */
export const intervalAfter = (elapsed: Millis): Millis =>
  Math.min(longest, Math.max(shortest, elapsed * growth));

/** Emits progress that has changed, at intervals that grow with the drain. The latest value wins. */
export interface ProgressThrottle {
  /** The first progress, which is always emitted. */
  readonly begin: (progress: DrainProgress) => DrainProgress;
  readonly changed: (progress: DrainProgress) => DrainProgress | undefined;
  /** When suppressed progress may be emitted; undefined when none is. */
  readonly nextAt: () => Instant | undefined;
}

/**
 * `startedAt`: the start of the drain and not of this process, so that a drain that is taken over keeps its
 * interval.
 */
export function progressThrottle(clock: Clock, startedAt: Instant): ProgressThrottle {
  let emitted: { readonly next: Instant; readonly progress: DrainProgress } | undefined;
  let suppressed = false;
  const emit = (progress: DrainProgress, now: Instant): DrainProgress => {
    emitted = { next: now + intervalAfter(now - startedAt), progress };
    return progress;
  };
  return {
    begin: (progress) => emit(progress, clock.now()),
    changed(progress) {
      const now = clock.now();
      suppressed = false;
      if (emitted && isDeepStrictEqual({ ...progress, at: '' }, { ...emitted.progress, at: '' }))
        return undefined;
      suppressed = emitted !== undefined && now < emitted.next;
      if (suppressed) return undefined;
      return emit(progress, now);
    },
    nextAt: () => (emitted && suppressed ? emitted.next : undefined),
  };
}

/**
 * After the end, readers of the stored progress need the counts, and the budgets that blocked the last pods.
 */
export const isWorthStoring = (end: DrainEvent): boolean =>
  end.kind === 'failed' || (end.kind === 'drained' && end.pods > 0);
