import type { Timers } from './timers.ts';

/** Limits how often the report is written while the host's files flap. */
export interface ReportBackoff {
  /** Milliseconds until the next report may be written; 0 after a quiet time. */
  wait(): number;
  wrote(): void;
}

/** Reports in a row without any wait: a reboot and an upgrade need fewer. */
const burst = 8;
const first = 1_000;
const longest = 30_000;
/** So long without a report, or four times the last pause, ends a row. */
const quiet = 10_000;

/**
 * The first change is written at once. In a row that does not end the pauses double, and what changes
 * meanwhile is one report.
 */
export function createReportBackoff({ now }: Pick<Timers, 'now'>): ReportBackoff {
  let row = 0;
  let pause = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    wait: () => Math.max(0, last + pause - now()),
    wrote() {
      if (now() - last >= Math.max(quiet, 4 * pause)) row = 0;
      row += 1;
      last = now();
      pause = row < burst ? 0 : Math.min(longest, first * 2 ** (row - burst));
    },
  };
}
