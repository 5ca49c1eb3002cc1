import { exponential } from '../timing/backoff.ts';
import type { Sleep } from '../timing/sleep.ts';
import type { Clock } from '../reboot/time/time.ts';

export interface DamperDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

export interface DampingPace {
  /** Consecutive calls that pass without a delay. */
  readonly burst: number;
  /** Delay after the burst; each next one doubles, up to `longest`. In milliseconds. */
  readonly first: number;
  readonly longest: number;
  /** A burst ends after this time without a call, or after four times the last delay if that is longer. */
  readonly quiet: number;
}

interface Burst {
  calls: number;
  delay: number;
  last: number;
  waiting: boolean;
}

/** Number of keys above which idle ones are evicted. */
const keptKeys = 256;

/**
 * A leading-edge debounce per key. The first calls pass at once. While calls for a key continue, they are
 * coalesced into one at the end of a delay that doubles. The last call is never dropped.
 */
export function damper(
  deps: DamperDeps,
  pace: DampingPace,
  work: (key: string) => void,
): (key: string) => void {
  const { clock, sleep, signal } = deps;
  const bursts = new Map<string, Burst>();
  let sweepAt = keptKeys;
  const isOver = (current: Burst): boolean =>
    !current.waiting && clock.now() - current.last >= Math.max(pace.quiet, 4 * current.delay);
  const burstOf = (key: string): Burst => {
    const known = bursts.get(key);
    if (known !== undefined && !isOver(known)) return known;
    if (bursts.size >= sweepAt) {
      for (const [each, current] of bursts) if (isOver(current)) bursts.delete(each);
      sweepAt = Math.max(keptKeys, 2 * bursts.size);
    }
    const current = { calls: 0, delay: 0, last: Number.NEGATIVE_INFINITY, waiting: false };
    bursts.set(key, current);
    return current;
  };
  const pass = (key: string, current: Burst): void => {
    current.calls += 1;
    current.last = clock.now();
    current.delay = exponential(
      { first: pace.first, most: pace.longest, factor: 2 },
      current.calls - pace.burst + 1,
    );
    work(key);
  };
  const passLater = async (key: string, current: Burst, wait: number): Promise<void> => {
    current.waiting = true;
    await sleep(wait, signal).catch(() => undefined);
    current.waiting = false;
    if (!signal.aborted) pass(key, current);
  };
  return (key) => {
    const current = burstOf(key);
    if (current.waiting) return;
    const wait = current.last + current.delay - clock.now();
    if (wait > 0) void passLater(key, current, wait);
    else pass(key, current);
  };
}
