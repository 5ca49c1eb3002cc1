import { type Instant, second } from '../../reboot/time/time.ts';
import type { Sample } from './table.ts';

/** What is in one queue now. */
interface QueueState {
  readonly jobs: Readonly<Record<string, number>>;
  /** Absent where no job waits. */
  readonly oldestWaiting?: Instant;
}

export const queueSamples = (queues: ReadonlyMap<string, QueueState>): readonly Sample[] =>
  [...queues].flatMap(([queue, { jobs, oldestWaiting }]): readonly Sample[] => [
    ...Object.entries(jobs).map(([state, value]): Sample => ({
      name: 'tugboot_queue_jobs',
      labels: { queue, state },
      value,
    })),
    ...(oldestWaiting === undefined
      ? []
      : [
          {
            name: 'tugboot_queue_oldest_waiting_timestamp_seconds',
            labels: { queue },
            value: oldestWaiting / second,
          } as const,
        ]),
  ]);
