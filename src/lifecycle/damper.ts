import type { Clock } from '../reboot/ports/time.ts';

export interface DamperDeps {
  readonly clock: Clock;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
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

interface Row {
  calls: number;
  pause: number;
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
  const rows = new Map<string, Row>();
  let sweepAt = keptKeys;
  const isOver = (row: Row): boolean =>
    !row.waiting && clock.now() - row.last >= Math.max(pace.quiet, 4 * row.pause);
  const rowOf = (key: string): Row => {
    const known = rows.get(key);
    if (known !== undefined && !isOver(known)) return known;
    if (rows.size >= sweepAt) {
      for (const [each, row] of rows) if (isOver(row)) rows.delete(each);
      sweepAt = Math.max(keptKeys, 2 * rows.size);
    }
    const row = { calls: 0, pause: 0, last: Number.NEGATIVE_INFINITY, waiting: false };
    rows.set(key, row);
    return row;
  };
  const pass = (key: string, row: Row): void => {
    row.calls += 1;
    row.last = clock.now();
    row.pause =
      row.calls < pace.burst ? 0 : Math.min(pace.longest, pace.first * 2 ** (row.calls - pace.burst));
    work(key);
  };
  const passLater = async (key: string, row: Row, wait: number): Promise<void> => {
    row.waiting = true;
    await sleep(wait, signal).catch(() => undefined);
    row.waiting = false;
    if (!signal.aborted) pass(key, row);
  };
  return (key) => {
    const row = rowOf(key);
    if (row.waiting) return;
    const wait = row.last + row.pause - clock.now();
    if (wait > 0) void passLater(key, row, wait);
    else pass(key, row);
  };
}
