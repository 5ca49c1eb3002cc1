/**
 * The queues, and what people see in them: a job for each step of a Reboot under the name of the step, and
 * jobs for nodes, drains, cards and the resync. A job holds the name of its Reboot or node, and no state.
 *
 * The queues do not bound what is out of service: the ledger in the cluster does. They keep two steps of one
 * Reboot from running at once as long as they work, which saves requests. A job that runs twice, late, or
 * beside another reads what is true, and finds nothing to do.
 */
import { randomUUID } from 'node:crypto';
import type { JobsOptions } from 'bullmq';
import type { Queue } from '../reboot/ports/queue.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Instant, Millis } from '../reboot/time/time.ts';
import type { Backend, JobTracing, Payload, QueueCounts, WorkQueue } from './backend.ts';
import {
  isAtRest,
  isOfReboot,
  type JobName,
  kindOf,
  type QueueName,
  queueNames,
  queueOf,
} from './job-names.ts';

export interface Queues {
  /** The Queue port of one cluster. */
  of(cluster: string): Queue;
  resync(cluster: string): Promise<void>;
  /** Adds the job that a waiting one stands for. */
  addDue(name: JobName, payload: Payload): Promise<void>;
  /** Adds a failed job again, with a delay. */
  retry(name: JobName, payload: Payload, delay: Millis): Promise<void>;
  /** By queue. Rejects if the backend cannot be used. */
  counts(): Promise<ReadonlyMap<QueueName, QueueCounts>>;
  close(): Promise<void>;
}

/**
 * Each run has an id of its own: BullMQ drops a job that is added with the id of one that is kept. It begins
 * with the name of the Reboot or node, by which people find it.
 */
const runId = (name: JobName, { id }: Payload): string => `${id}.${name}.${randomUUID().slice(0, 8)}`;

/**
 * The same for all steps of a Reboot that is under way, so that they run one after the other. A Reboot at
 * rest has another one: a step must not be dropped for a job that waits behind hundreds.
 */
const workId = (name: JobName, { cluster, id }: Payload): string =>
  `${cluster}.${isAtRest(name) ? 'rest' : kindOf(name)}.${id}`;

/** BullMQ takes jobs without a priority first, then those with the lowest number. */
const priorityAtRest = 10;

export function openQueues(
  backend: Backend,
  now: () => Instant,
  inTraceOf: JobTracing['inTraceOf'] = (_cluster, _reboot, run) => run(),
): Queues {
  const queues = new Map<QueueName, WorkQueue>(queueNames.map((name) => [name, backend.queue(name)]));
  const add = adderTo(queues, inTraceOf);

  /**
   * Deduplicated: at most one active and one waiting. A job that is added while one waits is dropped, and the
   * waiting one keeps its name. One that is added while one is active runs after it, the last one of several.
   */
  const addOnce = (name: JobName, payload: Payload): Promise<void> =>
    add(name, payload, {
      deduplication: { id: workId(name, payload), keepLastIfActive: true },
      ...(isAtRest(name) ? { priority: priorityAtRest } : {}),
    });

  /**
   * A job with a delay adds the real one when it is due, so that an immediate job is never deduplicated
   * against a delayed one. `waitId` keeps equal delayed jobs from adding up.
   */
  const addWaiting = (name: JobName, payload: Payload, wait: { delay: Millis; id: string }): Promise<void> =>
    add(
      name,
      { ...payload, waits: true },
      {
        delay: Math.max(0, Math.ceil(wait.delay)),
        deduplication: { id: `${workId(name, payload)}.${wait.id}` },
        removeOnComplete: true,
      },
    );

  const addAt = (name: JobName, payload: Payload, at: Instant = now(), id = `at-${Math.ceil(at)}`) =>
    at <= now() ? addOnce(name, payload) : addWaiting(name, payload, { delay: at - now(), id });

  return {
    of: (cluster) => {
      const payload = (id: string): Payload => ({ cluster, id, failures: 0 });
      return {
        reconcileNode: (node) => addOnce('reconcile-node', payload(node)),
        reconcile: (reboot, at, step) => addAt(step ?? 'reconcile', payload(reboot), at),
        plan: (at) => addAt('plan', payload('all'), at),
        start: (reboot) => addOnce('start', payload(reboot)),
        drain: (reboot) => addOnce('drain', payload(reboot)),
        render: (reboot) => addOnce('render', payload(reboot)),
        updateDigest: (pool, at) => addAt('digest', payload(pool), at, 'later'),
        spread: (pool) => addOnce('spread', payload(pool)),
      };
    },
    resync: (cluster) => addOnce('resync', { cluster, id: 'all', failures: 0 }),
    addDue: (name, { cluster, id, failures }) => addOnce(name, { cluster, id, failures }),
    // At most one retry waits: otherwise every failed wake-up would retry on its own, and an hour's outage
    // would leave hundreds of jobs.
    retry: (name, payload, delay) => addWaiting(name, payload, { delay, id: 'retry' }),
    counts: async () =>
      new Map(
        await Promise.all([...queues].map(async ([name, queue]) => [name, await queue.counts()] as const)),
      ),
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

type Add = (name: JobName, payload: Payload, options: JobsOptions) => Promise<void>;

function adderTo(queues: ReadonlyMap<QueueName, WorkQueue>, inTraceOf: JobTracing['inTraceOf']): Add {
  return async (name: JobName, payload: Payload, options: JobsOptions): Promise<void> => {
    const queue = queues.get(queueOf[kindOf(name)]);
    if (!queue) throw new Error(`no queue for ${name}`);
    try {
      const adding = (): Promise<unknown> =>
        queue.add(name, payload, { attempts: 1, jobId: runId(name, payload), ...options });
      await (isOfReboot(name) ? inTraceOf(payload.cluster, payload.id, adding) : adding());
    } catch (error) {
      if (error instanceof PortError) throw error;
      throw new PortError('queue-unreachable', 'The queue cannot be reached.', {
        retryable: true,
        cause: error,
      });
    }
  };
}
