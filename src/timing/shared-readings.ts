import type { Clock, Instant, Millis } from '../reboot/time/time.ts';

/** A cache with a lifetime that also shares the reads in flight. */
export interface SharedReadings<V> {
  read(key: string, make: () => Promise<V>): Promise<V>;
  /** Bypasses the cache, and stores the new result for later reads. */
  readAfresh(key: string, make: () => Promise<V>): Promise<V>;
  /** The next call reads again. False if nothing was cached. */
  forget(key: string): boolean;
}

interface Kept<V> {
  readonly until: Instant;
  readonly reading: Promise<V>;
}

/**
 * A failed read is not cached. Expired entries are evicted on the next read, so that the size is bounded by
 * the reads of one lifetime.
 */
export function sharedReadings<V>(clock: Clock, lifetime: Millis): SharedReadings<V> {
  const kept = new Map<string, Kept<V>>();
  const readAfresh = (key: string, make: () => Promise<V>): Promise<V> => {
    const reading = make();
    const entry = { until: clock.now() + lifetime, reading };
    // Moves the key to the end: the map's order is by expiry.
    kept.delete(key);
    kept.set(key, entry);
    reading.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return reading;
  };
  return {
    readAfresh,
    forget: (key) => kept.delete(key),
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
