/** What people see of a Reboot in the queues, read through BullMQ's own API as its dashboards do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend, type Job, Queue, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openBackend } from '../../src/jobs/open-backend.ts';
import { queueNames } from '../../src/jobs/job-names.ts';
import { openQueues } from '../../src/jobs/queues.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import { PortError } from '../../src/reboot/ports/port-error.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import type { LoopStep } from '../../src/reboot/machine/step.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { soon } from './running.ts';
import { atRest, type TestWork, workOf } from './idle-work.ts';
import { type PrivateQueue, privateQueue } from './redis.ts';

const backends = [
  { name: 'Redis', env: { PATH: process.env['PATH'] }, lack: lackOf('redis-server') },
  // Without programs the embedded PostgreSQL is taken.
  { name: 'PostgreSQL', env: { PATH: '' }, lack: undefined },
] as const;
const prefix = '{test}';

for (const { name, env, lack } of backends)
  describeWith(`who looks into the queues on ${name}`, { lack }, () => {
    let server: PrivateQueue;
    let board: ReadonlyMap<string, Queue>;
    let closeBoard: () => Promise<unknown>;
    let round = 0;
    const cleanups: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      server = await privateQueue(env);
      if (name === 'Redis') {
        const connection = new Redis(server.url, { maxRetriesPerRequest: null });
        board = new Map(queueNames.map((queue) => [queue, new Queue(queue, { connection, prefix })]));
        closeBoard = async () => connection.disconnect();
      } else {
        const postgres = withBackend(createPostgresBackend);
        const connection = { connectionString: server.url, migrate: true, max: 2 } as const;
        // Its queues have the prefix in their names, without braces.
        board = new Map(
          queueNames.map((queue) => [
            queue,
            new postgres.Queue(`test.${queue}`, { connection }) as unknown as Queue,
          ]),
        );
        closeBoard = async () => undefined;
      }
      for (const queue of board.values()) queue.on('error', () => undefined);
    });
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    });
    afterAll(async () => {
      for (const queue of board.values()) await queue.close();
      await closeBoard();
      await server.close();
    });

    const boardOf = (queue: string): Queue => {
      const found = board.get(queue);
      if (!found) throw new Error(`no queue ${queue}`);
      return found;
    };
    const jobs = async (queue: string, ...states: ('completed' | 'failed' | 'delayed' | 'wait')[]) =>
      (await boardOf(queue).getJobs(states, 0, 1000, true)).filter(
        (job) => (job.data as { cluster: string }).cluster === `prod-${round}`,
      );
    /** The names in alphabetical order: jobs that end in one millisecond are listed by their ids. */
    const named = (found: readonly Job[]): readonly string[] => found.map((job) => job.name).toSorted();

    async function bot(work: TestWork) {
      round += 1;
      const cluster = `prod-${round}`;
      const backend = openBackend({
        url: server.url,
        prefix,
        logger: silentLogger,
        sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
      });
      await backend.ready();
      const queues = openQueues(backend, () => Date.now());
      const dropped: unknown[] = [];
      const ended: string[] = [];
      const workers = createWorkers({
        backend,
        queues,
        work: new Map([[cluster, workOf(work)]]),
        logger: { ...silentLogger, error: (_message, fields) => void dropped.push(fields?.['problem']) },
        random: () => 0.5,
        clock: { now: () => Date.now() },
        meter: {
          jobEnded: (job, took, ok) => void ended.push(`${job} ${ok ? 'ok' : 'failed'} ${took >= 0}`),
        },
      });
      cleanups.push(
        () => backend.close(),
        () => queues.close(),
        () => workers.stop(AbortSignal.timeout(2000)),
      );
      return { queue: queues.of(cluster), queues, workers, dropped, ended, cluster };
    }

    it('sees each step by its name, with the Reboot in its id, its result in a line and its log', async () => {
      const steps: readonly LoopStep[] = ['wait', 'cordon', 'check-drain', 'reboot', 'verify', 'uncordon'];
      let at = 0;
      const { queue, workers, ended } = await bot({
        reconcile: async (reboot, report) => {
          report.log(`${reboot} is at ${steps[at] ?? 'its end'}`);
          const did = `${steps[at] ?? ''} is done`;
          at += 1;
          const next = steps[at];
          return {
            ...atRest,
            result: { kind: 'done', did },
            ...(next === undefined ? {} : { requeueAt: Date.now(), next }),
          };
        },
      });
      workers.start();
      await queue.reconcile('worker-03-4f1c', undefined, 'wait');
      await expect
        .poll(async () => named(await jobs('reboots', 'completed')), soon)
        .toEqual(steps.toSorted());
      await expect.poll(() => ended, soon).toEqual(steps.map((step) => `${step} ok true`));
      const start = (await jobs('reboots', 'completed')).find((job) => job.name === 'wait');
      expect(start?.id).toMatch(/^worker-03-4f1c\.wait\.[0-9a-f]{8}$/);
      expect(start).toMatchObject({ data: { id: 'worker-03-4f1c' }, returnvalue: 'wait is done' });
      expect((await boardOf('reboots').getJobLogs(start?.id ?? '')).logs).toEqual([
        'worker-03-4f1c is at wait',
      ]);
    });

    it('sees the progress of a drain while it runs, and how it ended', async () => {
      const over = Promise.withResolvers<void>();
      const { queue, workers } = await bot({
        drain: async (_reboot, _signal, report) => {
          report.progress({ gone: 9, total: 14, budgets: ['db/pg'] });
          await over.promise;
          return { kind: 'done', did: 'drained of 14 pods' };
        },
      });
      workers.start();
      await queue.drain('r1');
      const progress = async (): Promise<unknown> => (await boardOf('drains').getActive())[0]?.progress;
      await expect.poll(progress, soon).toEqual({ gone: 9, total: 14, budgets: ['db/pg'] });
      over.resolve();
      await expect
        .poll(async () => (await jobs('drains', 'completed'))[0]?.returnvalue, soon)
        .toBe('drained of 14 pods');
    });

    it('sees a step that failed with its reason, while its retry goes on to work', async () => {
      let tries = 0;
      const { queue, workers, ended } = await bot({
        reconcile: async () => {
          tries += 1;
          const error = new PortError('cluster-unreachable', 'connection refused', { retryable: true });
          if (tries === 1) return { ...atRest, failure: { error } };
          return { ...atRest, result: { kind: 'done', did: 'Draining → Rebooting' } };
        },
        stepOf: () => 'reboot',
      });
      workers.start();
      await queue.reconcile('r1', undefined, 'reboot');
      await expect.poll(async () => named(await jobs('reboots', 'completed')), soon).toEqual(['reboot']);
      const [failed] = await jobs('reboots', 'failed');
      expect(failed).toMatchObject({ name: 'reboot', failedReason: 'connection refused' });
      expect(ended).toEqual(['reboot failed true', 'reboot ok true']);
    });

    it('sees a Reboot that failed as a failed job, which is not tried again', async () => {
      const why = 'did-not-come-back: Nothing was heard of it for 10 min.';
      let tries = 0;
      const { queue, workers } = await bot({
        reconcile: async () => {
          tries += 1;
          return { ...atRest, result: { kind: 'failed', why } };
        },
      });
      workers.start();
      await queue.reconcile('r1', undefined, 'reboot');
      await expect.poll(async () => (await jobs('reboots', 'failed'))[0]?.failedReason, soon).toBe(why);
      expect(await jobs('reboots', 'delayed', 'wait')).toEqual([]);
      expect(tries).toBe(1);
    });

    it('counts what waits, since when, and what is due later', async () => {
      const before = Date.now();
      const { queue, queues } = await bot({});
      const counts = async () => (await queues.counts()).get('chat');
      const atRestBefore = (await queues.counts()).get('reboots')?.jobs.waiting ?? 0;
      await queue.reconcile('r1', undefined, 'wait');
      const steps = (await queues.counts()).get('reboots');
      expect(steps?.jobs.waiting).toBe(atRestBefore + 1);
      expect(steps?.oldestWaiting).toBeDefined();
      const { delayed = 0, failed = 0 } = (await counts())?.jobs ?? {};
      await queue.render('r1');
      await queue.render('r2');
      const found = await counts();
      expect(found?.jobs).toEqual({ waiting: 2, active: 0, delayed, failed });
      expect(found?.oldestWaiting).toBeGreaterThanOrEqual(before);
      expect((await queues.counts()).get('drains')?.oldestWaiting).toBeUndefined();
    });

    it('sees what waits for its time, and nothing of wake-ups that found nothing to do', async () => {
      let done = 0;
      const { queue, workers } = await bot({
        reconcile: async () => {
          done += 1;
        },
        reconcileNode: async () => {
          done += 1;
        },
      });
      await queue.reconcile('r1', Date.now() + 10 * minute, 'verify');
      await queue.reconcile('r2', Date.now() + second, 'verify');
      workers.start();
      await queue.reconcileNode('n1');
      await expect.poll(() => done, soon).toBe(2);
      await expect.poll(async () => named(await jobs('reboots', 'delayed')), soon).toEqual(['verify']);
      await expect
        .poll(
          async () => [...(await jobs('reboots', 'completed')), ...(await jobs('watch', 'completed'))],
          soon,
        )
        .toEqual([]);
    });

    it('sees the first name of a waiting job that others came after, and the last of those for a running one', async () => {
      const begun = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const { queue, workers } = await bot({
        reconcile: async () => {
          begun.resolve();
          await gate.promise;
          return { ...atRest, result: { kind: 'done', did: 'x' } };
        },
      });
      await queue.reconcile('r1', undefined, 'cordon');
      await queue.reconcile('r1', undefined, 'check-drain');
      workers.start();
      await begun.promise;
      await queue.reconcile('r1', undefined, 'verify');
      await queue.reconcile('r1', undefined, 'uncordon');
      gate.resolve();
      await expect
        .poll(async () => named(await jobs('reboots', 'completed')), soon)
        .toEqual(['cordon', 'uncordon']);
    });

    it('sees the step of a Reboot that has started since it was to be looked at, and not that it waits', async () => {
      const { queue, workers } = await bot({
        stepOf: () => 'cordon',
        reconcile: async () => ({ ...atRest, result: { kind: 'done', did: 'x' } }),
      });
      await queue.reconcile('r1', undefined, 'wait');
      workers.start();
      await expect.poll(async () => named(await jobs('reboots', 'completed')), soon).toEqual(['cordon']);
    });

    it('sees the last 500 that did something, and 500 that failed', async () => {
      const { queue, workers } = await bot({
        render: async (id) => ({ kind: id.startsWith('bad') ? 'failed' : 'done', did: id, why: id }) as never,
      });
      workers.start();
      for (let one = 0; one < 520; one += 1)
        await Promise.all([queue.render(`r${one}`), queue.render(`bad${one}`)]);
      const counts = async () => boardOf('chat').getJobCounts('wait', 'active', 'completed', 'failed');
      await expect.poll(async () => (await counts())['failed'], soon).toBeGreaterThanOrEqual(500);
      await expect.poll(counts, soon).toMatchObject({ wait: 0, active: 0 });
      // PostgreSQL keeps a few more where jobs end at the same time.
      const most = name === 'Redis' ? 500 : 510;
      for (const ended of ['completed', 'failed']) {
        const kept = (await counts())[ended] ?? 0;
        expect([ended, kept >= 500, kept <= most]).toEqual([ended, true, true]);
      }
    });

    it('may find jobs of an earlier version: they are carried out, and unknown ones dropped in a sentence', async () => {
      const done: string[] = [];
      const { workers, dropped, cluster } = await bot({
        reconcileNode: async (id) => void done.push(`node ${id}`),
        reconcile: async (id) => void done.push(`reboot ${id}`),
        resync: async () => void done.push('resync'),
      });
      const payload = (id: string) => ({ cluster, id, failures: 0 });
      await boardOf('watch').add('look', payload('n1'));
      await boardOf('watch').add('scan', payload('all'));
      await boardOf('reboots').add('advance', payload('r1'));
      await boardOf('reboots').add('wake', payload('r2'), { delay: 10 });
      await boardOf('reboots').add('levitate', payload('r3'));
      workers.start();
      await expect.poll(() => done.toSorted(), soon).toEqual(['node n1', 'reboot r1', 'reboot r2', 'resync']);
      await expect
        .poll(async () => (await jobs('reboots', 'completed')).map((job) => String(job.returnvalue)), soon)
        .toContain('dropped: no job is called "levitate": another version of Tugboot may have added it');
      expect(dropped).toHaveLength(1);
    });
  });
