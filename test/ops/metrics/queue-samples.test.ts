import { expect, it } from 'vitest';
import { queueSamples } from '../../../src/ops/metrics/queue-samples.ts';

it('the queues have a gauge for each state, and one for the oldest job that waits', () => {
  const samples = queueSamples(
    new Map([
      ['chat', { jobs: { waiting: 2, failed: 1 }, oldestWaiting: 90_000 }],
      ['drains', { jobs: { waiting: 0 } }],
    ]),
  );
  expect(samples).toEqual([
    { name: 'tugboot_queue_jobs', labels: { queue: 'chat', state: 'waiting' }, value: 2 },
    { name: 'tugboot_queue_jobs', labels: { queue: 'chat', state: 'failed' }, value: 1 },
    { name: 'tugboot_queue_oldest_waiting_timestamp_seconds', labels: { queue: 'chat' }, value: 90 },
    { name: 'tugboot_queue_jobs', labels: { queue: 'drains', state: 'waiting' }, value: 0 },
  ]);
});
