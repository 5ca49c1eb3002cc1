import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../reboot/ports.ts';
import type { DrainProgress } from '../../reboot/reboot.ts';
import { second, type Instant, type Millis } from '../../reboot/time.ts';

/** Between two progress events: a person sees no more than that, and each one is stored. */
const every: Millis = 0.25 * second;

/** Lets through progress that says something new, four times a second at most; the newest wins. */
export interface ProgressTeller {
  readonly news: (progress: DrainProgress) => DrainProgress | undefined;
  /** When progress that was held back may be told. */
  readonly nextAt: () => Instant | undefined;
}

export function progressTeller(clock: Clock): ProgressTeller {
  let told: { readonly at: Instant; readonly progress: DrainProgress } | undefined;
  let held = false;
  return {
    news(progress) {
      const now = clock.now();
      held = false;
      if (told && isDeepStrictEqual({ ...progress, at: '' }, { ...told.progress, at: '' })) return undefined;
      held = told !== undefined && now - told.at < every;
      if (held) return undefined;
      told = { at: now, progress };
      return progress;
    },
    nextAt: () => (told && held ? told.at + every : undefined),
  };
}
