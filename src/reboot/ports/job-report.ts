/** What a job reports of itself, for people who look at the queues. */

export interface DrainedSoFar {
  readonly gone: number;
  readonly total: number;
  /** Budgets that block it now. */
  readonly budgets: readonly string[];
}

export interface JobReport {
  /** Adds a line to the job's log. */
  log(line: string): void;
  progress(progress: DrainedSoFar): void;
}

/** `nothing`: the job found nothing to do, and is not kept. `failed`: as expected outcomes go; no retry. */
export type JobResult =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'done'; readonly did: string }
  | { readonly kind: 'failed'; readonly why: string };

export const nothingDone: JobResult = { kind: 'nothing' };

export const silentReport: JobReport = { log: () => undefined, progress: () => undefined };
