import type { Job } from 'bullmq';
import type { Backend, Payload, WorkWorker } from './backend.ts';
import { type QueueName, queueNames } from './job-names.ts';
import { type RunDeps, runJob } from './run-job.ts';

/**
 * Many drains wait for budgets at the same time. The gateway limits the rate of chat, and each message has
 * one writer.
 */
const concurrency: Record<QueueName, number> = { watch: 10, plan: 20, reboots: 20, drains: 100, chat: 10 };

export interface Workers {
  start(): void;
  /** Waits for active jobs until `deadline` aborts; an interrupted job is taken over by another worker. */
  stop(deadline: AbortSignal): Promise<void>;
}

export interface WorkersDeps extends RunDeps {
  readonly backend: Backend;
}

export function createWorkers(deps: WorkersDeps): Workers {
  const stopping = new AbortController();
  // BullMQ passes an AbortSignal only to a function with three declared parameters.
  const process = (job: Job<Payload>, _token?: string, signal?: AbortSignal): Promise<string | undefined> => {
    const signals = signal ? [signal, stopping.signal] : [stopping.signal];
    return runJob(deps, job, AbortSignal.any(signals));
  };
  const workers = queueNames.map((name) =>
    withListeners(deps, deps.backend.worker(name, process, { concurrency: concurrency[name] })),
  );
  return {
    start: () => {
      for (const worker of workers)
        void worker.run().catch((error: unknown) => deps.logger.error('worker ended', { err: error }));
    },
    stop: async (deadline) => {
      stopping.abort();
      const closed = Promise.all(workers.map((worker) => worker.close()));
      const cut = new Promise<void>((resolve) =>
        deadline.addEventListener('abort', () => resolve(), { once: true }),
      );
      await Promise.race([closed, cut]);
      if (deadline.aborted) await Promise.all(workers.map((worker) => worker.close(true)));
    },
  };
}

function withListeners(deps: WorkersDeps, worker: WorkWorker): WorkWorker {
  worker.on('error', (error) => deps.logger.debug('worker lost its backend', { err: error }));
  // Without its lock another worker may hold the job: stop at the next await, and let a resync derive the
  // remaining work from the cluster.
  worker.on('lockRenewalFailed', (ids) => {
    deps.logger.warn('job locks lost', { jobs: ids });
    for (const id of ids) worker.cancelJob(id);
    for (const cluster of deps.work.keys()) void deps.queues.resync(cluster).catch(() => undefined);
  });
  worker.on('stalled', (id) =>
    deps.logger.warn('job taken over from a worker that went silent', { job: id }),
  );
  return worker;
}
