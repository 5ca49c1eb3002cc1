/**
 * Where the queues live: Redis, or, for a demo or a house that has no Redis, PostgreSQL through BullMQ's own second backend.
 * All construction of queues is here, so that both are used in the same way.
 */
import {
  createPostgresBackend,
  type JobsOptions,
  type Processor,
  Queue,
  type QueueOptions,
  withBackend,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from '../reboot/ports.ts';
import { PortError } from '../reboot/port-error.ts';

export interface Payload {
  readonly cluster: string;
  readonly id: string;
  /** How often this has failed in a row. */
  readonly failures: number;
}

/** What we use of BullMQ's Queue and Worker, whichever backend they run on. */
export interface WorkQueue {
  add(name: string, payload: Payload, options: JobsOptions): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
export interface WorkWorker {
  run(): Promise<void>;
  close(force?: boolean): Promise<void>;
  cancelJob(id: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (ids: string[]) => void): unknown;
  on(event: 'stalled', listener: (id: string) => void): unknown;
}

export interface Backend {
  queue(name: string): WorkQueue;
  worker(name: string, processor: Processor<Payload>, options: WorkerTuning): WorkWorker;
  /** Calls back whenever the backend can be used again after it could not: what it held may be lost. */
  onReconnect(callback: () => void): void;
  /** Resolves when the backend answers; rejects with a PortError that says what is wrong. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface WorkerTuning {
  readonly concurrency: number;
}

/**
 * BullMQ's defaults take up to 60 s to notice that the holder of a job died; with these it takes 6 to 8 s. A worker that was only
 * slow meets its successor at the compare-and-swap, so a short lock costs nothing. A stall is no failure of the job: it may be taken up any
 * number of times.
 */
const recovery = { lockDuration: 6_000, stalledInterval: 2_000, maxStalledCount: 1_000 } as const;

const kept = { removeOnComplete: { count: 0 }, removeOnFail: { count: 100 } } as const;

export function openBackend(options: { url: string; prefix: string; logger: Logger }): Backend {
  return /^postgres(ql)?:/.test(options.url) ? openPostgres(options) : openRedis(options);
}

/** No reply for this long is an outage, not a slow answer: a click must not wait for it. */
const commandTimeout = 2_000;

const reconnectEvery = (attempt: number): number => Math.min(attempt * 100, 1_000);

function openRedis({ url, prefix, logger }: { url: string; prefix: string; logger: Logger }): Backend {
  const connection = { retryStrategy: reconnectEvery, connectTimeout: 5_000 };
  // Adding work fails at once while Redis is away: what is not added now is found by the next scan.
  const producer = new Redis(url, {
    ...connection,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout,
  });
  const reconnected: (() => void)[] = [];
  watchConnection(producer, logger, () => reconnected.forEach((callback) => callback()));
  const workerConnection = new Redis(url, { ...connection, maxRetriesPerRequest: null });
  workerConnection.on('error', () => undefined); // told once, by the producer
  const queueOptions: QueueOptions = {
    connection: producer,
    prefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    defaultJobOptions: kept,
  };
  return {
    queue: (name) => new Queue<Payload>(name, queueOptions),
    worker: (name, processor, tuning) => {
      const workerOptions: WorkerOptions = {
        connection: workerConnection,
        prefix,
        autorun: false,
        ...recovery,
        ...kept,
        ...tuning,
      };
      return new Worker<Payload>(name, processor, workerOptions);
    },
    onReconnect: (callback) => reconnected.push(callback),
    ready: () => redisReady(producer),
    close: async () => {
      producer.disconnect();
      workerConnection.disconnect();
    },
  };
}

function watchConnection(redis: Redis, logger: Logger, reconnected: () => void): void {
  let away = false;
  let connected = false;
  const lost = (error?: Error): void => {
    if (away) return;
    away = true;
    logger.warn('queue backend cannot be reached', error ? { err: error } : {});
  };
  redis.on('error', lost);
  redis.on('close', () => lost());
  redis.on('ready', () => {
    if (away && connected) logger.info('queue backend is back');
    if (connected) reconnected();
    away = false;
    connected = true;
  });
}

async function redisReady(redis: Redis): Promise<void> {
  try {
    if (redis.status !== 'ready') await once(redis, 10_000);
    const info = await redis.info('memory');
    const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new PortError(
        'queue-unreachable',
        `Redis has maxmemory-policy ${policy}, which throws jobs away. Set it to noeviction.`,
        { retryable: false },
      );
    }
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError('queue-unreachable', 'Redis cannot be reached (REDIS_URL).', {
      retryable: true,
      cause: error,
    });
  }
}

function once(redis: Redis, limit: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no connection within ${limit} ms`)), limit);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function openPostgres({ url }: { url: string }): Backend {
  const connection = { connectionString: url, migrate: true, max: 10 };
  const postgres = withBackend(createPostgresBackend);
  const probe = new postgres.Queue('probe', { connection });
  probe.on('error', () => undefined); // told by whoever uses the backend
  return {
    queue: (name) => new postgres.Queue<Payload>(name, { connection, defaultJobOptions: kept }),
    worker: (name, processor, tuning) =>
      new postgres.Worker<Payload>(name, processor, {
        connection,
        autorun: false,
        ...recovery,
        ...kept,
        ...tuning,
      }),
    onReconnect: () => undefined,
    ready: async () => {
      try {
        await probe.waitUntilReady();
      } catch (error) {
        throw new PortError('queue-unreachable', 'PostgreSQL cannot be reached (REDIS_URL).', {
          retryable: true,
          cause: error,
        });
      }
    },
    close: () => probe.close(),
  };
}
