import { exponential } from '../timing/backoff.ts';
import type { Timers } from './timers.ts';

/** Rate limit of the report while the host's files change repeatedly. */
export interface ReportBackoff {
  /** Milliseconds until the next report may be written; 0 if it may be written now. */
  wait(): number;
  wrote(): void;
}

/** Reports in a burst that are not delayed: a reboot and an upgrade need fewer. */
const burst = 8;
const burstDelays = { first: 1_000, most: 30_000, factor: 2 };
/** A burst ends after this time without a report, or after four times the last delay if that is longer. */
const burstGap = 10_000;

/**
 * The first change is written at once. In a lasting burst the delays double, and changes during a delay
 * become one report.
 */
export function createReportBackoff({ now }: Pick<Timers, 'now'>): ReportBackoff {
  let inBurst = 0;
  let delay = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    wait: () => Math.max(0, last + delay - now()),
    wrote() {
      if (now() - last >= Math.max(burstGap, 4 * delay)) inBurst = 0;
      inBurst += 1;
      last = now();
      delay = exponential(burstDelays, inBurst - burst + 1);
    },
  };
}
