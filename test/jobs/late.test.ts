/**
 * Queues and workers that are made when their backend can be used: what is told of their failures, and what
 * is left at the end.
 */
import { describe, expect, it } from 'vitest';
import { createAvailability } from '../../src/jobs/availability.ts';
import { lateQueue, lateWorker, type MadeQueue, type MadeWorker } from '../../src/jobs/late.ts';
import { silentLogger } from '../fakes/silent-logger.ts';

const payload = { cluster: 'prod', id: 'n1', failures: 0 };

function bench() {
  const available = createAvailability(silentLogger);
  available.markUsable();
  const closed: string[] = [];
  const state: { refusal: Error | undefined } = { refusal: undefined };
  const made = (what: string) => ({
    waitUntilReady: async () => undefined,
    close: async () => void closed.push(what),
    on: () => undefined,
  });
  const over = Promise.withResolvers<void>();
  const queue: MadeQueue = {
    ...made('queue'),
    add: async () => {
      if (state.refusal) throw state.refusal;
    },
    getJobCounts: async () => ({}),
    getWaiting: async () => [],
    getPrioritized: async () => [],
  };
  const worker: MadeWorker = { ...made('worker'), run: () => over.promise, cancelJob: () => false };
  const deps = { available, trouble: () => 'It refuses.', sleep: async () => undefined };
  return {
    available,
    closed,
    state,
    queue: lateQueue(deps, () => queue),
    worker: lateWorker(deps, () => worker),
    end: over.resolve,
  };
}

describe('a queue that is made late', () => {
  it('is closed when it was made', async () => {
    const { queue, closed } = bench();
    await queue.add('look', payload, {});
    await queue.close();
    expect(closed).toEqual(['queue']);
  });

  it('tells what was refused until something is taken again', async () => {
    const { queue, available, state } = bench();
    state.refusal = new Error('no');
    await expect(queue.add('look', payload, {})).rejects.toMatchObject({
      code: 'queue-unreachable',
      message: 'It refuses.',
    });
    expect(available.health()).toEqual({ ok: false, why: 'It refuses.' });
    state.refusal = undefined;
    await queue.add('look', payload, {});
    expect(available.health()).toEqual({ ok: true });
  });

  it('tells nothing of what fails since it was closed', async () => {
    const { queue, available, state } = bench();
    await queue.add('look', payload, {});
    await queue.close();
    state.refusal = new Error('Connection is closed.');
    await expect(queue.add('look', payload, {})).rejects.toMatchObject({ code: 'queue-unreachable' });
    expect(available.health()).toEqual({ ok: true });
  });
});

describe('a worker that is made late', () => {
  it('is closed when it runs', async () => {
    const { worker, closed, end } = bench();
    const running = worker.run();
    await expect.poll(() => worker.close().then(() => closed)).toContain('worker');
    end();
    await running;
  });
});
