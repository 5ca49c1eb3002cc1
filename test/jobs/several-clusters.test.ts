/** Queues and workers of two clusters on one server: what hangs in one takes no worker from the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBackend } from '../../src/jobs/open-backend.ts';
import { openQueues, type Queues } from '../../src/jobs/queues.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { workOf } from './idle-work.ts';
import { type PrivateQueue, privateQueue } from './redis.ts';
import { cleanups, soon } from './running.ts';

const servers = [
  { name: 'Redis', env: { PATH: process.env['PATH'] }, lack: lackOf('redis-server') },
  // Without programs the embedded PostgreSQL is taken.
  { name: 'PostgreSQL', env: { PATH: '' }, lack: undefined },
] as const;

/** More than the workers of one cluster run at once. */
const many = 60;

/** As the bot builds them for each cluster. */
async function cluster(url: string, name: string, render: (id: string) => Promise<void>): Promise<Queues> {
  const backend = openBackend({
    url,
    prefix: `{tugboot.test.${name}}`,
    logger: silentLogger,
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
  });
  await backend.ready();
  const queues = openQueues(backend, () => Date.now());
  const workers = createWorkers({
    backend,
    queues,
    work: new Map([[name, workOf({ render })]]),
    logger: silentLogger,
    random: () => 0.5,
    clock: { now: () => Date.now() },
  });
  workers.start();
  cleanups.push(async () => {
    await workers.stop(AbortSignal.timeout(500));
    await queues.close();
    await backend.close();
  });
  return queues;
}

for (const { name, env, lack } of servers)
  describeWith(`two clusters on one ${name}`, { lack }, () => {
    let server: PrivateQueue;
    beforeAll(async () => {
      server = await privateQueue(env);
    });
    afterAll(() => server.close());

    it('a hundred jobs of one are done while all workers of the other hang', async () => {
      const over = Promise.withResolvers<void>();
      const hung: string[] = [];
      const done: string[] = [];
      const away = await cluster(server.url, 'away', (id) => {
        hung.push(id);
        return over.promise;
      });
      const well = await cluster(server.url, 'well', async (id) => void done.push(id));
      // First of the clean-ups, which run backwards.
      cleanups.push(async () => over.resolve());
      for (let job = 0; job < many; job += 1) await away.of('away').render(`away-${job}`);
      await expect.poll(() => hung.length, soon).toBeGreaterThan(5);
      for (let job = 0; job < 100; job += 1) await well.of('well').render(`well-${job}`);
      await expect.poll(() => done.length, soon).toBe(100);
      expect(new Set(done).size).toBe(100);
      expect(done.every((id) => id.startsWith('well-'))).toBe(true);
      expect(hung.length).toBeLessThan(many);
      const waiting = (await away.counts()).get('chat')?.jobs;
      expect((waiting?.waiting ?? 0) + (waiting?.active ?? 0)).toBe(many);
    });
  });
