import { Queue, type QueueOptions, Worker, type WorkerOptions } from 'bullmq';
import { Cluster } from 'ioredis';
import { createAvailability, type Availability } from './availability.ts';
import type { Backend, BackendOptions, Payload } from './backend.ts';
import { type LateDeps, lateQueue, lateWorker } from './late.ts';
import { exponential } from '../reboot/time/exponential.ts';
import { connectRedis, type RedisClient } from './redis-client.ts';
import { asksToReconnect, redisTrouble, replica } from './redis-trouble.ts';
import { keepLogs, retention, recovery } from './tuning.ts';

/**
 * A command without a reply for this long counts as an outage, because a click must not wait longer. In
 * milliseconds.
 */
const commandTimeout = 2_000;

/** Interval between checks of a Redis that answers but cannot be used, in milliseconds. */
const recheckInterval = 5_000;

export function openRedis({ prefix, logger, sleep, tracing, ...access }: BackendOptions): Backend {
  const available = createAvailability(logger);
  const closing = new AbortController();
  const { options, accepted } = reconnecting();
  // Adding a job fails at once while Redis is unreachable: the next resync finds its work.
  const producer = connectRedis(access, {
    ...options,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout,
  });
  const workerConnection = connectRedis(access, { ...options, maxRetriesPerRequest: null });
  workerConnection.on('error', () => undefined); // logged once, by the producer's handler
  const queueOptions: QueueOptions = {
    connection: producer,
    prefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    defaultJobOptions: { ...retention, keepLogs },
    ...telemetryOf(tracing),
  };
  const workerOptions: WorkerOptions = {
    connection: workerConnection,
    prefix,
    autorun: false,
    skipVersionCheck: true,
    ...recovery,
    ...retention,
    ...telemetryOf(tracing),
  };
  watchConnection(
    producer,
    available,
    () => void checkServer({ producer, available, accepted, sleep, signal: closing.signal }),
  );
  const deps: LateDeps = { available, trouble: redisTrouble };
  return {
    queue: (name) => lateQueue(deps, () => new Queue<Payload>(name, queueOptions)),
    worker: (name, processor, tuning) =>
      lateWorker(
        { ...deps, sleep },
        () => new Worker<Payload>(name, processor, { ...workerOptions, ...tuning }),
      ),
    onUsable: (callback) => available.onUsable(callback),
    ready: () => available.ready(),
    health: () => available.health(),
    close: async () => {
      available.stop();
      closing.abort();
      producer.disconnect();
      workerConnection.disconnect();
    },
  };
}

export const telemetryOf = (tracing: BackendOptions['tracing']): Pick<QueueOptions, 'telemetry'> =>
  tracing === undefined ? {} : { telemetry: tracing.telemetry };

interface CheckDeps {
  readonly producer: RedisClient;
  readonly available: Availability;
  readonly accepted: () => void;
  readonly sleep: BackendOptions['sleep'];
  readonly signal: AbortSignal;
}

/**
 * Checks whether a server that has just connected can be used. If not, the connection is closed after a
 * while: the same address may lead to another server by then.
 */
async function checkServer({ producer, available, accepted, sleep, signal }: CheckDeps): Promise<void> {
  const found = await inspect(producer);
  if (signal.aborted) return;
  if (found.usable) {
    accepted();
    available.markUsable(found.flaw);
    return;
  }
  available.markUnusable(found.why);
  await sleep(recheckInterval, signal).catch(() => undefined);
  if (!signal.aborted && producer.status === 'ready') producer.disconnect(true);
}

interface Reconnecting {
  readonly options: {
    readonly connectTimeout: number;
    readonly retryStrategy: (attempt: number) => number;
    readonly reconnectOnError: (error: Error) => boolean;
  };
  /** A server that accepts writes was found. */
  readonly accepted: () => void;
}

const refusalDelays = { first: 100, most: recheckInterval, factor: 2 };

/**
 * After a failover the old primary keeps its connections and refuses every write (bullmq#1928, ioredis#144).
 * Reconnecting finds the new primary if the address follows it. Otherwise it finds the same replica: ioredis
 * resets its backoff at each `ready`, so that the delays between such rounds are counted here.
 */
export function reconnecting(): Reconnecting {
  let refusals = 0;
  const pause = (): number => exponential(refusalDelays, refusals);
  return {
    options: {
      connectTimeout: 5_000,
      retryStrategy: (attempt) => Math.max(Math.min(attempt * 100, 1_000), pause()),
      reconnectOnError: (error) => {
        if (!asksToReconnect(error)) return false;
        refusals += 1;
        return true;
      },
    },
    accepted: () => {
      refusals = 0;
    },
  };
}

function watchConnection(redis: RedisClient, available: Availability, onReady: () => void): void {
  redis.on('error', (error: Error) => available.markUnusable(redisTrouble(error), error));
  redis.on('close', () => {
    if (available.usable) available.markUnusable('The connection to Redis (REDIS_URL) was lost.');
  });
  redis.on('ready', onReady);
  // The replica of a node that is gone may lack its last jobs.
  if (redis instanceof Cluster) redis.on('-node', () => available.usable && onReady());
}

type Found =
  | { readonly usable: true; readonly flaw?: string }
  | { readonly usable: false; readonly why: string };

/** BullMQ needs INFO too: without the right to it nothing works. */
async function inspect(redis: RedisClient): Promise<Found> {
  try {
    const info = await redis.info();
    if (/^role:(slave|replica)/m.test(info)) return { usable: false, why: replica };
    const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'noeviction';
    if (policy === 'noeviction') return { usable: true };
    return {
      usable: true,
      flaw: `Redis has maxmemory-policy ${policy}, which throws jobs away. Set it to noeviction.`,
    };
  } catch (error) {
    return { usable: false, why: redisTrouble(error) };
  }
}
