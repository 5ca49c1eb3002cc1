import type { Clock } from '../../reboot/ports/time.ts';
import type { Instant, Millis } from '../../reboot/ports/time.ts';

/** What was read of the cluster a moment ago, and what is being read, for all that ask at the same time. */
export interface SharedReadings<V> {
  read(key: string, make: () => Promise<V>): Promise<V>;
  /** Whatever is known: read anew, and known to those who ask next. */
  readAfresh(key: string, make: () => Promise<V>): Promise<V>;
}

interface Kept<V> {
  readonly until: Instant;
  readonly reading: Promise<V>;
}

/**
 * A reading that failed is not kept. What has grown old goes with the next one, so that no more is held than
 * is asked for in that time.
 */
export function sharedReadings<V>(clock: Clock, goodFor: Millis): SharedReadings<V> {
  const kept = new Map<string, Kept<V>>();
  const readAfresh = (key: string, make: () => Promise<V>): Promise<V> => {
    const reading = make();
    const entry = { until: clock.now() + goodFor, reading };
    // To the end of the order, which is that of time.
    kept.delete(key);
    kept.set(key, entry);
    reading.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return reading;
  };
  return {
    readAfresh,
    read(key, make) {
      const now = clock.now();
      for (const [old, { until }] of kept) {
        if (until > now) break;
        kept.delete(old);
      }
      return kept.get(key)?.reading ?? readAfresh(key, make);
    },
  };
}
