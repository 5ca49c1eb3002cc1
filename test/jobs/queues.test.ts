import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../src/jobs/backend.ts';
import { openBackend } from '../../src/jobs/open-backend.ts';
import { openQueues, type Queues } from '../../src/jobs/queues.ts';
import { createWorkers, type Workers } from '../../src/jobs/workers.ts';
import { PortError } from '../../src/reboot/ports/port-error.ts';
import { hour } from '../../src/reboot/time/time.ts';
import type { LogFields, Logger } from '../../src/reboot/ports/logger.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { type TestWork, workOf } from './idle-work.ts';
import { type PrivateQueue, privateQueue } from './redis.ts';

const wait = (ms: number, signal?: AbortSignal): Promise<void> =>
  sleep(ms, undefined, signal ? { signal } : {});

interface Setup {
  readonly queues: Queues;
  readonly workers: Workers;
  readonly backend: Backend;
  readonly log: { level: string; message: string; fields: LogFields }[];
}

/** The backends that the queues run on: whichever holds for one holds for the other. */
const backends = [
  { name: 'Redis', env: { PATH: process.env['PATH'] }, lack: lackOf('redis-server') },
  // Nothing on PATH: the environment falls back to the PostgreSQL that npm brought.
  { name: 'PostgreSQL', env: { PATH: '' }, lack: undefined },
] as const;

let server: PrivateQueue;
const setups: Setup[] = [];
let round = 0;
/** Ids of a test are its own: what an earlier one left behind does not meet them. */
const r = (n: number): string => `r${round}-${n}`;
afterEach(async () => {
  round += 1;
  for (const { workers, queues, backend } of setups.splice(0)) {
    await workers.stop(AbortSignal.timeout(2000));
    await queues.close();
    await backend.close();
  }
});

function recorder(log: Setup['log']): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void log.push({ level, message, fields });
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}

async function setup(work: TestWork, { url = server.url, ready = true } = {}): Promise<Setup> {
  const log: Setup['log'] = [];
  const logger = recorder(log);
  const backend = openBackend({ url, prefix: '{test}', logger, sleep: wait });
  const queues = openQueues(backend, () => Date.now());
  const workers = createWorkers({
    backend,
    queues,
    work: new Map([['prod', workOf(work)]]),
    logger,
    random: () => 0.5,
    clock: { now: () => Date.now() },
  });
  const made = { queues, workers, backend, log };
  setups.push(made);
  if (ready) await backend.ready();
  return made;
}

/** Resolves when it has been called often enough. */
function counter(): {
  hit: (value?: string) => void;
  times(n: number): Promise<readonly string[]>;
  seen: string[];
} {
  const seen: string[] = [];
  let check: () => void = () => undefined;
  return {
    seen,
    hit: (value = '') => {
      seen.push(value);
      check();
    },
    times: (n) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`seen ${seen.length} of ${n}`)), 120_000);
        check = () => {
          if (seen.length < n) return;
          clearTimeout(timer);
          resolve(seen);
        };
        check();
      }),
  };
}

for (const { name, env, lack } of backends)
  describeWith(`the queues, on a real ${name}`, { lack }, () => {
    beforeAll(async () => {
      server = await privateQueue(env);
    });
    afterAll(() => server.close());

    it('carry each kind of work to its worker, with the id alone', async () => {
      const done = counter();
      const { queues, workers } = await setup({
        reconcileNode: async (id) => done.hit(`look ${id}`),
        reconcile: async (id) => done.hit(`reconcile ${id}`),
        drain: async (id) => done.hit(`drain ${id}`),
        render: async (id) => done.hit(`render ${id}`),
        resync: async () => done.hit('scan'),
      });
      workers.start();
      const queue = queues.of('prod');
      await Promise.all([
        queue.reconcileNode('n1'),
        queue.reconcile(r(1)),
        queue.drain(r(1)),
        queue.render(r(1)),
        queues.resync('prod'),
      ]);
      expect([...(await done.times(5))].sort()).toEqual([
        `drain ${r(1)}`,
        'look n1',
        `reconcile ${r(1)}`,
        `render ${r(1)}`,
        'scan',
      ]);
    });

    it('make one of many wake-ups that come before the work begins', async () => {
      const done = counter();
      const { queues, workers } = await setup({ reconcile: async (id) => done.hit(id) });
      await Promise.all(Array.from({ length: 20 }, () => queues.of('prod').reconcile(r(1))));
      await queues.of('prod').reconcile(r(2));
      workers.start();
      expect(await done.times(2)).toHaveLength(2);
    });

    it('do work once more for what wakes it while it is done, and never two at once', async () => {
      const begun = counter();
      const gate = Promise.withResolvers<void>();
      let atOnce = 0;
      let most = 0;
      const { queues, workers } = await setup({
        reconcile: async () => {
          atOnce += 1;
          most = Math.max(most, atOnce);
          begun.hit();
          await gate.promise;
          atOnce -= 1;
        },
      });
      workers.start();
      await queues.of('prod').reconcile(r(1));
      await begun.times(1);
      for (let time = 0; time < 5; time += 1) await queues.of('prod').reconcile(r(1));
      gate.resolve();
      await begun.times(2);
      expect(most).toBe(1);
    });

    it('wake at a time, and a wake-up that waits does not hold up one that comes now', async () => {
      const done = counter();
      const { queues, workers } = await setup({ reconcile: async () => done.hit(String(Date.now())) });
      workers.start();
      const queue = queues.of('prod');
      await queue.reconcile(r(1), Date.now() + hour);
      await queue.reconcile(r(1));
      await done.times(1);
      const due = Date.now() + 500;
      await queue.reconcile(r(2), due);
      await queue.reconcile(r(2), due);
      await queue.reconcile(r(2));
      const [, , later] = (await done.times(3)).map(Number);
      expect(later).toBeGreaterThanOrEqual(due);
    });

    it('try again what failed, with a pause, while a wake-up that comes meanwhile is done at once', async () => {
      const tries = counter();
      const { queues, workers, log } = await setup({
        reconcile: async () => {
          tries.hit();
          if (tries.seen.length === 1)
            throw new PortError('cluster-unreachable', 'connection refused', { retryable: true });
        },
      });
      workers.start();
      await queues.of('prod').reconcile(r(1));
      await tries.times(1);
      await queues.of('prod').reconcile(r(1));
      await tries.times(3);
      expect(log.find(({ message }) => message.includes('tried again'))).toMatchObject({
        level: 'warn',
        fields: { reboot: r(1), failures: 1 },
      });
    });

    it('wait for one more try of what fails again and again, however often it was woken meanwhile', async () => {
      const done = counter();
      let away = true;
      const { queues, workers } = await setup({
        reconcile: async (id) => {
          done.hit(id);
          if (away) throw new PortError('cluster-unreachable', 'away', { retryable: true });
        },
      });
      workers.start();
      const queue = queues.of('prod');
      for (let woken = 1; woken <= 6; woken += 1) {
        await queue.reconcile(r(1));
        await done.times(woken);
      }
      away = false;
      // Runs after every waiting retry was due.
      await queue.reconcile(r(2), Date.now() + 3000);
      await done.times(8);
      expect(done.seen).toEqual([...Array.from({ length: 7 }, () => r(1)), r(2)]);
    });

    it('do not try again what cannot work, and say so', async () => {
      const tries = counter();
      const { queues, workers, log } = await setup({
        reconcileNode: async (id) => {
          tries.hit(id);
          if (id === 'bad') throw new PortError('cluster-invalid', 'no such thing', { retryable: false });
        },
      });
      workers.start();
      await queues.of('prod').reconcileNode('bad');
      await tries.times(1);
      await queues.of('prod').reconcileNode('good');
      await tries.times(2);
      expect(tries.seen).toEqual(['bad', 'good']);
      expect(log.find(({ level }) => level === 'error')?.message).toContain('for good');
    });

    it('drop content that nobody understands, naming the field, and go on', async () => {
      const done = counter();
      const { queues, workers, log } = await setup({ reconcile: async (id) => done.hit(id) });
      workers.start();
      await queues.of('elsewhere').reconcile(r(1));
      await queues.retry('reconcile', { cluster: 'prod', id: '', failures: 0 }, 0);
      await queues.of('prod').reconcile(r(2));
      expect(await done.times(1)).toEqual([r(2)]);
      const problems = (): string[] =>
        log.filter(({ message }) => message === 'job dropped').map(({ fields }) => String(fields['problem']));
      await expect.poll(problems).toHaveLength(2);
      expect(problems().join()).toMatch(/payload\.cluster/);
    });

    it('tell the drain to stop when the workers stop, and wait for it', async () => {
      const begun = counter();
      const { queues, workers } = await setup({
        drain: async (id, signal) => {
          begun.hit(id);
          await new Promise<void>((resolve) =>
            signal.addEventListener('abort', () => resolve(), { once: true }),
          );
          begun.hit('stopped');
        },
      });
      workers.start();
      await queues.of('prod').drain(r(1));
      await begun.times(1);
      await workers.stop(AbortSignal.timeout(5000));
      expect(begun.seen).toEqual([r(1), 'stopped']);
    });
  });

describeWith('the queues, when Redis fails them', { lack: lackOf('redis-server') }, () => {
  beforeAll(async () => {
    server = await privateQueue();
  });
  afterAll(() => server.close());

  it('fail at once and not later when the backend is away', async () => {
    const lost = await privateQueue();
    const { queues } = await setup({}, { url: lost.url });
    await lost.close();
    await expect(queues.of('prod').reconcile(r(1))).rejects.toMatchObject({
      code: 'queue-unreachable',
      retryable: true,
    });
  });

  it('survive a flush: what is added afterwards is done', async () => {
    const done = counter();
    const { queues, workers } = await setup({ reconcile: async (id) => done.hit(id) });
    workers.start();
    await queues.of('prod').reconcile(r(1));
    await done.times(1);
    const redis = new Redis(server.url);
    await redis.flushall();
    redis.disconnect();
    await queues.of('prod').reconcile(r(2));
    expect(await done.times(2)).toEqual([r(1), r(2)]);
  });

  it('say so when Redis throws jobs away', async () => {
    const redis = new Redis(server.url);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { backend, log } = await setup({});
    expect(backend.health()).toEqual({
      ok: false,
      flaw: true,
      why: expect.stringContaining('noeviction') as string,
    });
    expect(log).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'queue backend cannot be used' }),
    );
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    redis.disconnect();
  });
});
