/**
 * A queue with one rate limit. A job replaces a queued one with the same key, so that queued content is never
 * stale; jobs with the same key never run at the same time. A job to be retried goes back into the queue and
 * does not block it.
 */
import type { Clock, Instant, Millis } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { createTimer, type Timer } from '../../timing/timer.ts';
import { createRateLimiter, type RateLimiter, type Rate } from './rate-limiter.ts';

export interface SendQueueOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly rate: Rate;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Whether and when a failed job is retried. */
  readonly retry: (error: unknown, attempt: number, repeatable: boolean) => Retry | undefined;
  /** The error for jobs that are rejected because the queue stops. */
  readonly stopped: () => Error;
}

export interface Retry {
  readonly after: Millis;
  /** Delay the whole queue, not only this job. */
  readonly all: boolean;
}

export interface Job<T> {
  readonly key: string;
  /** How long later jobs of a higher priority may overtake it; 0 for the highest priority. */
  readonly maxDelay: Millis;
  /** Idempotent: may be retried. */
  readonly repeatable: boolean;
  run(): Promise<T>;
}

/** `done: false`: replaced by a newer job with the same key. */
export type SendOutcome<T> = { readonly done: true; readonly value: T } | { readonly done: false };

export interface SendQueue {
  submit<T>(job: Job<T>): Promise<SendOutcome<T>>;
}

interface Entry {
  readonly job: Job<unknown>;
  /** Deadline of its delay: jobs run in this order. */
  readonly due: Instant;
  notBefore: Instant;
  attempts: number;
  readonly settle: (outcome: SendOutcome<unknown>) => void;
  readonly fail: (error: unknown) => void;
}

interface State {
  readonly options: SendQueueOptions;
  readonly limiter: RateLimiter;
  readonly waiting: Map<string, Entry>;
  readonly running: Set<string>;
  readonly timer: Timer;
}

export function createSendQueue(options: SendQueueOptions): SendQueue {
  const limiter = createRateLimiter(options.rate);
  const timer = createTimer(options, () => pump(state));
  const state: State = { options, limiter, waiting: new Map(), running: new Set(), timer };
  const { signal, stopped } = options;
  signal.addEventListener('abort', () => {
    timer.stop();
    for (const entry of state.waiting.values()) entry.fail(stopped());
    state.waiting.clear();
  });
  return {
    submit: <T>(job: Job<T>) =>
      new Promise<SendOutcome<T>>((resolve, reject) => {
        if (signal.aborted) reject(stopped());
        else enqueue(state, job, { settle: (outcome) => resolve(outcome as SendOutcome<T>), fail: reject });
      }),
  };
}

function enqueue(state: State, job: Job<unknown>, callbacks: Pick<Entry, 'settle' | 'fail'>): void {
  const older = state.waiting.get(job.key);
  const due = state.options.clock.now() + job.maxDelay;
  state.waiting.set(job.key, {
    job,
    // Keeps the earlier deadline: repeated replacement must not delay a message indefinitely.
    due: Math.min(due, older?.due ?? due),
    notBefore: older?.notBefore ?? 0,
    attempts: 0,
    ...callbacks,
  });
  older?.settle({ done: false });
  pump(state);
}

function pump(state: State): void {
  const { options, waiting, running, limiter } = state;
  while (running.size < options.concurrency && !options.signal.aborted) {
    const now = options.clock.now();
    const ready = [...waiting.values()].filter((entry) => !running.has(entry.job.key));
    const available = ready.filter((entry) => earliest(state, entry, now) <= now);
    const next = available.toSorted((one, other) => one.due - other.due)[0];
    if (next === undefined) {
      state.timer.set(Math.min(...ready.map((entry) => earliest(state, entry, now))));
      return;
    }
    limiter.take(now);
    waiting.delete(next.job.key);
    void start(state, next);
  }
}

/** Until its deadline a job of low priority leaves part of the burst to urgent jobs. */
function earliest({ limiter }: State, { job, due, notBefore }: Entry, now: Instant): Instant {
  return Math.max(notBefore, limiter.availableAt(job.maxDelay === 0 || now >= due));
}

async function start(state: State, entry: Entry): Promise<void> {
  const { key } = entry.job;
  state.running.add(key);
  try {
    const value = await entry.job.run();
    entry.settle({ done: true, value });
  } catch (error) {
    requeue(state, entry, error);
  } finally {
    state.running.delete(key);
    pump(state);
  }
}

/** Requeues the job if it may be retried and no newer job has its key. */
function requeue({ options, waiting, limiter }: State, entry: Entry, error: unknown): void {
  entry.attempts += 1;
  const retry = options.signal.aborted
    ? undefined
    : options.retry(error, entry.attempts, entry.job.repeatable);
  if (retry === undefined) {
    entry.fail(error);
    return;
  }
  const at = options.clock.now() + retry.after;
  if (retry.all) limiter.pause(at);
  else entry.notBefore = at;
  const newer = waiting.get(entry.job.key);
  if (newer === undefined) waiting.set(entry.job.key, entry);
  else {
    newer.notBefore = Math.max(newer.notBefore, entry.notBefore);
    entry.settle({ done: false });
  }
}
