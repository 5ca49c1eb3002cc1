import type { JobsOptions } from 'bullmq';
import type { Queue } from '../reboot/ports/queue.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Instant } from '../reboot/ports/time.ts';
import type { Backend, Payload, WorkQueue } from './backend.ts';

export const queueNames = ['watch', 'reboots', 'drains', 'chat'] as const;
export type QueueName = (typeof queueNames)[number];

/**
 * What may stand in each queue. `wake` only puts `advance` back at its time, so that an immediate step never
 * waits behind it.
 */
export type JobName = 'look' | 'scan' | 'advance' | 'wake' | 'drain' | 'render';

export interface Queues {
  /** The Queue port of one cluster. */
  of(cluster: string): Queue;
  scan(cluster: string): Promise<void>;
  /** Puts work back for a later try, after it failed. */
  again(name: JobName, payload: Payload, delay: number): Promise<void>;
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
 * One try waits, or, for a moment, two: every wake-up that fails would otherwise go on trying by itself, and
 * an outage of an hour would leave hundreds. A job holds its own id until it ends, so that the next try must
 * go by another.
 */
const tryOf = (name: JobName, { cluster, id, failures }: Payload): string =>
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

  /** One at work and one waiting, never more: what wakes a job that is at work makes it run once more. */
  const once = (name: JobName, cluster: string, id: string): Promise<void> =>
    add(
      name,
      { cluster, id, failures: 0 },
      { deduplication: { id: `${cluster}.${name}.${id}`, keepLastIfActive: true } },
    );

  const later = (payload: Payload, name: JobName, at: Instant): Promise<void> =>
    add(name, payload, {
      delay: Math.max(0, at - now()),
      jobId: `${payload.cluster}.${name}.${payload.id}.${at}`,
    });

  return {
    of: (cluster) => ({
      reconcileNode: (node) => once('look', cluster, node),
      reconcile: (reboot, at) =>
        at === undefined || at <= now()
          ? once('advance', cluster, reboot)
          : later({ cluster, id: reboot, failures: 0 }, 'wake', Math.ceil(at)),
      drain: (reboot) => once('drain', cluster, reboot),
      render: (reboot) => once('render', cluster, reboot),
    }),
    scan: (cluster) => once('scan', cluster, 'all'),
    again: (name, payload, delay) =>
      add(name, payload, { delay: Math.ceil(delay), deduplication: { id: tryOf(name, payload) } }),
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
