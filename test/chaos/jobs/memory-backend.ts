/**
 * The queue server in memory: what the bots use of BullMQ, deterministic. It passes the contract that Redis
 * and PostgreSQL pass.
 */
import type { Job, Processor } from 'bullmq';
import type { Backend, Payload, WorkQueue, WorkWorker } from '../../../src/jobs/backend.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Process } from '../time/process.ts';
import type { VirtualTime } from '../time/virtual-time.ts';

interface Stored {
  readonly queue: string;
  readonly name: string;
  readonly id: string;
  readonly data: Payload;
  readonly priority: number;
  readonly nth: number;
  readonly addedAt: number;
  readonly dedup: string | undefined;
}

type AddOptions = Parameters<WorkQueue['add']>[2];

interface Worker {
  readonly queue: string;
  readonly process: Process;
  readonly concurrency: number;
  readonly run: (job: Stored, signal: AbortSignal) => Promise<unknown>;
  isRunning: boolean;
  readonly active: Map<string, AbortController>;
}

export interface QueueServer {
  /** The backend of one process. `mayUse`: whether it reaches the server now. */
  connect(client: QueueClient): Backend;
  /** The process has died: its jobs are taken up by others when their locks have expired. */
  lost(process: Process): void;
  /** The process stands still: its locks expire, and its jobs are given to others as well. */
  stalls(process: Process): void;
  flush(): void;
  /** Jobs that are waiting or active are delivered once more. */
  repeat(): void;
}

export interface QueueClient {
  readonly process: Process;
  readonly mayUse: () => boolean;
  /** An effect: a job is added, or begins. False: the process died at it. */
  readonly passes?: (point: string) => boolean;
}

/** Between the death of a worker and the return of its job, as src/jobs/tuning.ts has it for BullMQ. */
const stalled = 7_000;

interface Server {
  readonly time: VirtualTime;
  readonly workers: Set<Worker>;
  waiting: Stored[];
  /** Keys of deduplication that are taken: by a job that waits or is delayed, or by an active one. */
  readonly held: Map<string, 'waiting' | 'active'>;
  readonly next: Map<string, Stored>;
  readonly active: Map<string, Stored>;
  readonly delayed: Set<Stored>;
  epoch: number;
  nth: number;
  pumping: boolean;
}

export function queueServer(time: VirtualTime): QueueServer {
  const server: Server = {
    time,
    workers: new Set(),
    waiting: [],
    held: new Map(),
    next: new Map(),
    active: new Map(),
    delayed: new Set(),
    epoch: 0,
    nth: 0,
    pumping: false,
  };
  return {
    connect: (client) => backendOf(server, client),
    lost(process) {
      for (const worker of server.workers) {
        if (worker.process !== process) continue;
        server.workers.delete(worker);
        for (const id of worker.active.keys()) giveBack(server, id, stalled);
      }
    },
    stalls(process) {
      for (const worker of server.workers) {
        if (worker.process !== process) continue;
        for (const id of worker.active.keys())
          time.after(stalled, () => {
            if (process.state() === 'frozen') giveBack(server, id, 0);
          });
      }
    },
    flush() {
      server.epoch += 1;
      server.waiting = [];
      server.delayed.clear();
      server.held.clear();
      server.next.clear();
      server.active.clear();
    },
    repeat() {
      for (const job of [...server.waiting, ...server.active.values()]) {
        server.nth += 1;
        server.waiting.push({
          ...job,
          id: `${job.id}-again-${server.nth}`,
          nth: server.nth,
          dedup: undefined,
        });
      }
      pump(server);
    },
  };
}

function backendOf(server: Server, client: QueueClient): Backend {
  const { process } = client;
  const reach = (): void => {
    if (!client.mayUse())
      throw new PortError('queue-unreachable', 'The queue cannot be reached.', { retryable: true });
  };
  const roundTrip = (): Promise<void> => process.sleep(1);
  return {
    queue: (queue) => ({
      async add(name, data, options) {
        await roundTrip();
        reach();
        if (client.passes?.(`add ${name}`) === false) return new Promise(() => undefined);
        addJob(server, { queue, name, data }, options);
        await roundTrip();
        return undefined;
      },
      counts: async () => ({ jobs: { waiting: 0, active: 0, delayed: 0, failed: 0 } }),
      close: async () => undefined,
    }),
    worker: (queue, processor, { concurrency }) =>
      workerOf(server, client, { queue, processor, concurrency }),
    onUsable: (callback) => void process.after(1, callback),
    ready: roundTrip,
    health: () => (client.mayUse() ? { ok: true } : { ok: false, why: 'The queue cannot be reached.' }),
    close: async () => undefined,
  };
}

function addJob(server: Server, job: Pick<Stored, 'queue' | 'name' | 'data'>, options: AddOptions): void {
  const { deduplication, delay = 0, priority = 0, jobId = '' } = options;
  const dedup = deduplication?.id === undefined ? undefined : `${job.queue} ${deduplication.id}`;
  server.nth += 1;
  const stored: Stored = {
    ...job,
    data: JSON.parse(JSON.stringify(job.data)) as Payload,
    id: jobId,
    priority,
    nth: server.nth,
    addedAt: server.time.now(),
    dedup,
  };
  const held = dedup === undefined ? undefined : server.held.get(dedup);
  if (dedup !== undefined && held !== undefined) {
    if (held === 'active' && deduplication?.keepLastIfActive) server.next.set(dedup, stored);
    return;
  }
  if (dedup !== undefined) server.held.set(dedup, 'waiting');
  if (delay > 0) later(server, stored, delay);
  else enqueue(server, stored);
}

function later(server: Server, job: Stored, delay: number): void {
  const { epoch } = server;
  server.delayed.add(job);
  server.time.after(delay, () => {
    if (server.epoch !== epoch || !server.delayed.delete(job)) return;
    enqueue(server, job);
  });
}

function enqueue(server: Server, job: Stored): void {
  server.waiting.push(job);
  pump(server);
}

/** Hands jobs to the workers that are free: those without a priority first, then in the order of arrival. */
function pump(server: Server): void {
  if (server.pumping) return;
  server.pumping = true;
  server.time.after(1, () => {
    server.pumping = false;
    const ordered = server.waiting.toSorted(
      (one, other) => one.priority - other.priority || one.nth - other.nth,
    );
    for (const job of ordered) {
      const worker = freest(server, job.queue);
      if (worker === undefined) continue;
      server.waiting.splice(server.waiting.indexOf(job), 1);
      begin(server, worker, job);
    }
  });
}

function freest(server: Server, queue: string): Worker | undefined {
  let best: Worker | undefined;
  for (const worker of server.workers) {
    const isFree =
      worker.queue === queue &&
      worker.isRunning &&
      worker.active.size < worker.concurrency &&
      worker.process.state() === 'running';
    if (isFree && (best === undefined || worker.active.size < best.active.size)) best = worker;
  }
  return best;
}

function begin(server: Server, worker: Worker, job: Stored): void {
  const { epoch } = server;
  const stop = new AbortController();
  worker.active.set(job.id, stop);
  server.active.set(job.id, job);
  if (job.dedup !== undefined) server.held.set(job.dedup, 'active');
  const over = (): void => {
    worker.active.delete(job.id);
    if (server.epoch !== epoch || !server.active.delete(job.id)) return pump(server);
    release(server, job);
  };
  worker.process.deliver(() => void worker.run(job, stop.signal).then(over, over));
}

function release(server: Server, job: Stored): void {
  if (job.dedup !== undefined) {
    const next = server.next.get(job.dedup);
    server.next.delete(job.dedup);
    if (next === undefined) server.held.delete(job.dedup);
    else {
      server.held.set(job.dedup, 'waiting');
      server.waiting.push(next);
    }
  }
  pump(server);
}

/** A job whose worker is gone, or is taken to be: it waits again after a while. */
function giveBack(server: Server, id: string, after: number): void {
  const { epoch } = server;
  server.time.after(after, () => {
    const job = server.active.get(id);
    if (server.epoch !== epoch || job === undefined) return;
    server.active.delete(id);
    if (job.dedup !== undefined) server.held.set(job.dedup, 'waiting');
    enqueue(server, job);
  });
}

interface WorkerParts {
  readonly queue: string;
  readonly processor: Processor<Payload>;
  readonly concurrency: number;
}

function workerOf(server: Server, client: QueueClient, parts: WorkerParts): WorkWorker {
  const worker: Worker = {
    ...parts,
    process: client.process,
    isRunning: false,
    active: new Map(),
    run: async (job, signal) => {
      if (client.passes?.(`begin ${job.name}`) === false) return new Promise(() => undefined);
      return parts.processor(jobOf(job), 'token', signal);
    },
  };
  return {
    async run() {
      worker.isRunning = true;
      server.workers.add(worker);
      pump(server);
    },
    async close() {
      worker.isRunning = false;
      server.workers.delete(worker);
    },
    cancelJob(id) {
      worker.active.get(id)?.abort();
      return worker.active.has(id);
    },
    on: () => undefined,
  };
}

const jobOf = (job: Stored): Job<Payload> =>
  ({
    id: job.id,
    name: job.name,
    queueName: job.queue,
    data: job.data,
    opts: {},
    timestamp: job.addedAt,
    log: async () => 0,
    updateProgress: async () => undefined,
  }) as unknown as Job<Payload>;
