/**
 * What Tugboot uses of BullMQ, whichever backend it runs on: Redis, or PostgreSQL where there is no Redis.
 */
import type { JobsOptions, Processor } from 'bullmq';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Millis } from '../reboot/ports/time.ts';

export interface Payload {
  readonly cluster: string;
  readonly id: string;
  /** How often this has failed in a row. */
  readonly failures: number;
}

/** What we use of BullMQ's Queue and Worker. */
export interface WorkQueue {
  /** Rejects when the backend cannot be used now; nothing is kept for later. */
  add(name: string, payload: Payload, options: JobsOptions): Promise<unknown>;
  close(): Promise<void>;
}
export interface WorkWorker {
  /** Waits for the backend, works, and resolves when it was closed. */
  run(): Promise<void>;
  close(force?: boolean): Promise<void>;
  cancelJob(id: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (ids: string[]) => void): unknown;
  on(event: 'stalled', listener: (id: string) => void): unknown;
}

export interface BackendHealth {
  readonly ok: boolean;
  /** For people: what is the matter, and what to do about it. */
  readonly why?: string;
  /** It works all the same: something to mend, and no outage. */
  readonly flaw?: true;
}

export interface Backend {
  queue(name: string): WorkQueue;
  worker(name: string, processor: Processor<Payload>, options: WorkerTuning): WorkWorker;
  /** Calls back whenever the backend can be used, the first time included: what it held may be lost. */
  onUsable(callback: () => void): void;
  /** Resolves when the backend can be used for the first time. */
  ready(): Promise<void>;
  health(): BackendHealth;
  close(): Promise<void>;
}

export interface WorkerTuning {
  readonly concurrency: number;
}

export interface BackendOptions {
  readonly url: string;
  readonly prefix: string;
  readonly logger: Logger;
  readonly sleep: (span: Millis, signal?: AbortSignal) => Promise<void>;
}
