import { second, type Clock, type Instant, type Millis } from '../../reboot/time/time.ts';
import { textAt } from '../api/json-value.ts';

export interface RecentObject<O> {
  readonly object: O;
  /** When the request was sent that returned the object. */
  readonly at: Instant;
}

/** Objects as the API server returned them last, for the first attempt of a conditional write. */
export interface RecentObjects<O> {
  remember(object: O, at: Instant): void;
  /** Undefined once the object is too old, or when the watch has another version of it. */
  get(name: string): RecentObject<O> | undefined;
}

/** The version in a write's precondition makes an older object harmless; this bounds wasted attempts. */
const recentFor: Millis = 5 * second;

/**
 * Bound of the objects, for a wave of writes to thousands of nodes: more steps than that are not under way at
 * once, and an object that is missing costs one read.
 */
const mostKept = 256;

/** `watchedVersion`: the resource version in the watch cache, which our own reads and writes update, too. */
export function recentObjects<O>(
  clock: Clock,
  watchedVersion: (name: string) => string | undefined,
): RecentObjects<O> {
  const kept = new Map<string, RecentObject<O>>();
  const isOld = ({ at }: RecentObject<O>): boolean => clock.now() - at >= recentFor;
  return {
    remember(object, at) {
      const name = textAt(object, 'metadata', 'name') ?? '';
      // Moves the name to the end: the map's order is by age.
      kept.delete(name);
      kept.set(name, { object, at });
      for (const [old, entry] of kept) {
        if (!isOld(entry) && kept.size <= mostKept) break;
        kept.delete(old);
      }
    },
    get(name) {
      const entry = kept.get(name);
      if (entry === undefined || isOld(entry)) return undefined;
      const version = textAt(entry.object, 'metadata', 'resourceVersion');
      return version !== undefined && version === watchedVersion(name) ? entry : undefined;
    },
  };
}
