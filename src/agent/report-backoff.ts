import { Burst, type BurstShape } from '../timing/burst.ts';
import type { Timers } from './timers.ts';

/** Rate limit of the report while the host's files change repeatedly. */
export interface ReportBackoff {
  /** Milliseconds until the next report may be written; 0 if it may be written now. */
  wait(): number;
  wrote(): void;
}

/** A reboot and an upgrade need fewer reports than the burst. */
const reportBurst: BurstShape = { burst: 8, first: 1_000, longest: 30_000, quiet: 10_000 };

/**
 * The first change is written at once. In a lasting burst the delays double, and changes during a delay
 * become one report.
 */
export function createReportBackoff({ now }: Pick<Timers, 'now'>): ReportBackoff {
  const reports = new Burst(reportBurst);
  return { wait: () => reports.wait(now()), wrote: () => reports.passed(now()) };
}
