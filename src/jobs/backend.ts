/**
 * The part of BullMQ that Tugboot uses, independent of the backend: Redis, or PostgreSQL where there is no
 * Redis.
 */
import type { JobsOptions, Processor, QueueOptions } from 'bullmq';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Sleep } from '../timing/sleep.ts';
import type { Instant } from '../reboot/time/time.ts';

export interface Payload {
  readonly cluster: string;
  /** The Reboot, or the node. */
  readonly id: string;
  /** Consecutive failures of this job. */
  readonly failures: number;
  /** The job was added to wait: when it is due, it adds the job that it stands for. */
  readonly waits?: true;
}

/** The part of BullMQ's Queue and Worker that is used. */
export interface WorkQueue {
  /** Rejects if the backend cannot be used; nothing is buffered. */
  add(name: string, payload: Payload, options: JobsOptions): Promise<unknown>;
  /** Rejects if the backend cannot be used. */
  counts(): Promise<QueueCounts>;
  close(): Promise<void>;
}

export interface QueueCounts {
  /** Number of jobs by state. */
  readonly jobs: Readonly<Record<(typeof countedStates)[number], number>>;
  /** When the oldest job that waits was added; absent where none waits. */
  readonly oldestWaiting?: Instant;
}

export const countedStates = ['waiting', 'active', 'delayed', 'failed'] as const;

export interface WorkWorker {
  /** Waits for the backend, processes jobs, and resolves after `close`. */
  run(): Promise<void>;
  close(force?: boolean): Promise<void>;
  cancelJob(id: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (ids: string[]) => void): unknown;
  on(event: 'stalled', listener: (id: string) => void): unknown;
}

export interface BackendHealth {
  readonly ok: boolean;
  /** For people: the cause and the remedy. */
  readonly why?: string;
  /** The backend works: a problem to fix, not an outage. */
  readonly flaw?: true;
}

export interface Backend {
  queue(name: string): WorkQueue;
  worker(name: string, processor: Processor<Payload>, options: WorkerTuning): WorkWorker;
  /** Called whenever the backend becomes usable, including the first time: its jobs may be lost. */
  onUsable(callback: () => void): void;
  /** Resolves when the backend is usable for the first time. */
  ready(): Promise<void>;
  health(): BackendHealth;
  close(): Promise<void>;
}

export interface WorkerTuning {
  readonly concurrency: number;
}

/** Where the queues are, and who asks. */
export interface QueueAccess {
  readonly url: string;
  /** Login of the Sentinels, which have users of their own. */
  readonly sentinel?: { readonly username?: string; readonly password?: string };
}

/** Where the jobs of a Reboot are traced. */
export interface JobTracing {
  /** What BullMQ calls for each job. */
  readonly telemetry: NonNullable<QueueOptions['telemetry']>;
  /** What is added in it belongs to the trace of that Reboot. */
  readonly inTraceOf: <T>(cluster: string, reboot: string, run: () => T) => T;
}

export interface BackendOptions extends QueueAccess {
  readonly tracing?: Pick<JobTracing, 'telemetry'> | undefined;
  readonly prefix: string;
  readonly logger: Logger;
  readonly sleep: Sleep;
}
