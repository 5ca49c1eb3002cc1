import type { Job } from 'bullmq';
import type { Logger } from '../reboot/ports/logger.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import { schedule } from '../reboot/loop/schedule.ts';
import type { Work } from '../reboot/loop/service.ts';
import type { Backend, Payload, WorkWorker } from './backend.ts';
import { type JobName, type QueueName, queueNames, type Queues } from './queues.ts';

/**
 * Many drains wait for budgets at the same time. The gateway limits the rate of chat, and each message has
 * one writer.
 */
const concurrency: Record<QueueName, number> = { watch: 10, reboots: 20, drains: 100, chat: 10 };

const maxBackoff = 30_000;

export interface Workers {
  start(): void;
  /** Waits for active jobs until `deadline` aborts; an interrupted job is taken over by another worker. */
  stop(deadline: AbortSignal): Promise<void>;
}

export interface WorkersDeps {
  readonly backend: Backend;
  readonly queues: Queues;
  readonly work: ReadonlyMap<string, Work>;
  readonly logger: Logger;
  readonly random: () => number;
}

export function createWorkers(deps: WorkersDeps): Workers {
  const stopping = new AbortController();
  // BullMQ passes an AbortSignal only to a function with three declared parameters.
  const process = async (job: Job<Payload>, _token?: string, signal?: AbortSignal): Promise<void> => {
    const signals = signal ? [signal, stopping.signal] : [stopping.signal];
    await attempt(deps, job, AbortSignal.any(signals));
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

async function attempt(deps: WorkersDeps, job: Job<Payload>, signal: AbortSignal): Promise<void> {
  const problem = payloadProblem(job.data, deps.work);
  if (problem !== undefined) {
    deps.logger.error('job dropped', { queue: job.queueName, job: job.name, problem });
    return;
  }
  try {
    await run(deps, job.name as JobName, job.data, signal);
  } catch (error) {
    if (signal.aborted) return;
    await failed(deps, job, error);
  }
}

/** Invalid or unknown jobs are logged and dropped. */
function payloadProblem(data: unknown, work: ReadonlyMap<string, Work>): string | undefined {
  if (typeof data !== 'object' || data === null) return 'the payload is no object';
  const { cluster, id } = data as Partial<Payload>;
  if (typeof id !== 'string' || id === '') return 'payload.id is missing';
  if (typeof cluster !== 'string' || !work.has(cluster))
    return `payload.cluster names no cluster of the configuration: ${String(cluster)}`;
  return undefined;
}

async function run(
  deps: WorkersDeps,
  name: JobName,
  { cluster, id }: Payload,
  signal: AbortSignal,
): Promise<void> {
  const work = deps.work.get(cluster);
  if (!work) return;
  switch (name) {
    case 'look':
      return work.reconcileNode(id);
    case 'scan':
      return work.resync();
    case 'advance':
      return schedule(deps.queues.of(cluster), id, await work.reconcile(id));
    case 'wake':
      return deps.queues.of(cluster).reconcile(id);
    case 'drain':
      return work.drain(id, signal);
    case 'render':
      return work.render(id);
  }
}

/**
 * The work of a failed job is still due, as the stored state shows. It is added again with backoff, under
 * another id, so that an immediate wake-up stays possible.
 */
async function failed(deps: WorkersDeps, job: Job<Payload>, error: unknown): Promise<void> {
  const failures = (job.data.failures ?? 0) + 1;
  const fields = { job: job.name, id: job.data.id, cluster: job.data.cluster, failures, err: error };
  if (error instanceof PortError && !error.retryable) {
    deps.logger.error('step failed for good; the next scan tries again', fields);
    return;
  }
  const retryable = error instanceof PortError;
  deps.logger[retryable ? 'warn' : 'error'](
    retryable ? 'step failed and is tried again' : 'step failed unexpectedly and is tried again',
    fields,
  );
  const pause = Math.min(maxBackoff, 500 * 2 ** Math.min(failures, 8)) * (0.75 + deps.random() / 2);
  await deps.queues.retry(job.name as JobName, { ...job.data, failures }, pause);
}
