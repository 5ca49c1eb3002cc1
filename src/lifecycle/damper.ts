import type { Clock } from '../reboot/ports/time.ts';

export interface DamperDeps {
  readonly clock: Clock;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface DampingPace {
  /** Calls in a row that pass without a wait. */
  readonly burst: number;
  /** The first pause after the burst; each next one is twice as long, up to `longest`. In milliseconds. */
  readonly first: number;
  readonly longest: number;
  /** So long without a call, or four times the last pause, ends a row. */
  readonly quiet: number;
}

interface Row {
  calls: number;
  pause: number;
  last: number;
  waiting: boolean;
}

/** Keys that are kept before those that have been quiet are forgotten. */
const keptKeys = 256;

/**
 * A debounce per key, with the edge first: the first calls pass at once. While calls keep coming for a key,
 * they are coalesced into one at the end of a pause that doubles. The last call is never dropped.
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
