/** The plan is one job for all bots. When the bot that carries it out is gone, another one does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openBackend } from '../../src/jobs/open-backend.ts';
import { openQueues } from '../../src/jobs/queues.ts';
import { recovery } from '../../src/jobs/tuning.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import { nothingDone } from '../../src/reboot/ports/job-report.ts';
import { second } from '../../src/reboot/time/time.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { workOf } from './idle-work.ts';
import { privateQueue } from './redis.ts';
import { cleanups, soon } from './running.ts';

/** A bot whose plans are carried out by `plan`. */
async function bot(url: string, plan: () => Promise<void>) {
  const backend = openBackend({
    url,
    prefix: '{test}',
    logger: silentLogger,
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
  });
  await backend.ready();
  const queues = openQueues(backend, () => Date.now());
  const work = workOf({
    plan: async () => {
      await plan();
      return nothingDone;
    },
  });
  const workers = createWorkers({
    backend,
    queues,
    work: new Map([['prod', work]]),
    logger: silentLogger,
    random: () => 0.5,
    clock: { now: () => Date.now() },
  });
  cleanups.push(
    () => backend.close(),
    () => queues.close(),
    () => workers.stop(AbortSignal.timeout(1000)),
  );
  return { backend, workers, queue: queues.of('prod') };
}

it('a job is taken over from a bot that is gone within 10 s', () => {
  // The lock was renewed just before its end, and the look for such jobs has just been.
  expect(recovery.lockDuration + 2 * recovery.stalledInterval).toBeLessThanOrEqual(10 * second);
});

describeWith('of two bots', { lack: lackOf('redis-server') }, () => {
  it('one plans at a time, and the other when that one is gone, also for what was asked for meanwhile', async () => {
    const server = await privateQueue({ PATH: process.env['PATH'] });
    cleanups.push(() => server.close());
    const plans: string[] = [];
    const begun = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    const one = await bot(server.url, async () => {
      plans.push('one');
      begun.resolve();
      await never.promise;
    });
    const other = await bot(server.url, async () => void plans.push('other'));
    one.workers.start();
    await one.queue.plan();
    await begun.promise;
    other.workers.start();
    for (const asked of [one, other, one]) await asked.queue.plan();
    expect(plans).toEqual(['one']);
    // It neither ends its job nor renews the lock any more.
    await one.backend.close();
    await expect.poll(() => plans, soon).toEqual(['one', 'other', 'other']);
    never.resolve();
  });
});
