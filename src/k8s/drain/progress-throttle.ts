import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../reboot/ports/time.ts';
import type { DrainProgress } from '../../reboot/state/drain-facts.ts';
import { second, type Instant, type Millis } from '../../reboot/ports/time.ts';

/**
 * Each progress event is a write to the store and may be a message to Slack, and many drains may run at once.
 */
const shortest: Millis = 0.5 * second;
const longest: Millis = 5 * second;
/** The longer a drain takes, the less a second matters to those who watch it. */
const share = 0.1;

/** How long nothing is told after news that came `elapsed` into the drain. */
export const pauseAfter = (elapsed: Millis): Millis => Math.min(longest, Math.max(shortest, elapsed * share));

/** Lets through progress that says something new, at intervals that grow with the drain; the newest wins. */
export interface ProgressThrottle {
  readonly news: (progress: DrainProgress) => DrainProgress | undefined;
  /** When progress that was held back may be told. */
  readonly nextAt: () => Instant | undefined;
}

/**
 * `startedAt` is that of the drain and not of this process, so that a drain taken up late is not told like a
 * young one.
 */
export function progressThrottle(clock: Clock, startedAt: Instant): ProgressThrottle {
  let told: { readonly next: Instant; readonly progress: DrainProgress } | undefined;
  let held = false;
  return {
    news(progress) {
      const now = clock.now();
      held = false;
      if (told && isDeepStrictEqual({ ...progress, at: '' }, { ...told.progress, at: '' })) return undefined;
      held = told !== undefined && now < told.next;
      if (held) return undefined;
      told = { next: now + pauseAfter(now - startedAt), progress };
      return progress;
    },
    nextAt: () => (told && held ? told.next : undefined),
  };
}
