import type { JobsOptions } from 'bullmq';
import type { Queue } from '../reboot/ports/queue.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Instant } from '../reboot/ports/time.ts';
import type { Backend, Payload, WorkQueue } from './backend.ts';

export const queueNames = ['watch', 'reboots', 'drains', 'chat'] as const;
export type QueueName = (typeof queueNames)[number];

/**
 * Jobs of each queue. `wake` is a delayed job that adds `advance` when it is due, so that an immediate step
 * is never deduplicated against a delayed one.
 */
export type JobName = 'look' | 'scan' | 'advance' | 'wake' | 'drain' | 'render';

export interface Queues {
  /** The Queue port of one cluster. */
  of(cluster: string): Queue;
  resync(cluster: string): Promise<void>;
  /** Adds a failed job again, with a delay in milliseconds. */
  retry(name: JobName, payload: Payload, delay: number): Promise<void>;
  close(): Promise<void>;
}

export const queueOf: Record<JobName, QueueName> = {
  look: 'watch',
  scan: 'watch',
  advance: 'reboots',
  wake: 'reboots',
  drain: 'drains',
  render: 'chat',
};

/**
 * Deduplication id of a retry. At most one retry waits, for a moment two: otherwise every failed wake-up
 * would retry on its own, and an hour's outage would leave hundreds of jobs. A job keeps its id until it
 * ends, so that consecutive retries alternate between two ids.
 */
const retryId = (name: JobName, { cluster, id, failures }: Payload): string =>
  `${cluster}.${name}-${failures % 2 === 0 ? 'even' : 'odd'}.${id}`;

export function openQueues(backend: Backend, now: () => Instant): Queues {
  const queues = new Map<QueueName, WorkQueue>(queueNames.map((name) => [name, backend.queue(name)]));
  const add = async (name: JobName, payload: Payload, options: JobsOptions): Promise<void> => {
    const queue = queues.get(queueOf[name]);
    if (!queue) throw new Error(`no queue for ${name}`);
    try {
      await queue.add(name, payload, { attempts: 1, ...options });
    } catch (error) {
      if (error instanceof PortError) throw error;
      throw new PortError('queue-unreachable', 'The queue cannot be reached.', {
        retryable: true,
        cause: error,
      });
    }
  };

  /** Deduplicated: at most one active and one waiting. An add during an active job makes it run once more. */
  const addOnce = (name: JobName, cluster: string, id: string): Promise<void> =>
    add(
      name,
      { cluster, id, failures: 0 },
      { deduplication: { id: `${cluster}.${name}.${id}`, keepLastIfActive: true } },
    );

  const addDelayed = (payload: Payload, name: JobName, at: Instant): Promise<void> =>
    add(name, payload, {
      delay: Math.max(0, at - now()),
      jobId: `${payload.cluster}.${name}.${payload.id}.${at}`,
    });

  return {
    of: (cluster) => ({
      reconcileNode: (node) => addOnce('look', cluster, node),
      reconcile: (reboot, at) =>
        at === undefined || at <= now()
          ? addOnce('advance', cluster, reboot)
          : addDelayed({ cluster, id: reboot, failures: 0 }, 'wake', Math.ceil(at)),
      drain: (reboot) => addOnce('drain', cluster, reboot),
      render: (reboot) => addOnce('render', cluster, reboot),
    }),
    resync: (cluster) => addOnce('scan', cluster, 'all'),
    retry: (name, payload, delay) =>
      add(name, payload, { delay: Math.ceil(delay), deduplication: { id: retryId(name, payload) } }),
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
