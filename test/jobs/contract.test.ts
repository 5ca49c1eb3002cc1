/** The contract of Queue, on real servers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { openBackend } from '../../src/jobs/open-backend.ts';
import { openQueues } from '../../src/jobs/queues.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import { type Handle, queueContract } from '../contracts/queue-contract.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { until } from '../k8s/world/until.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { workOf } from './idle-work.ts';
import { leastRights } from './least-rights.ts';
import { type PrivateQueue, privateQueue } from './redis.ts';

/** The same server for a user who may do nothing else. */
async function asUserOfLeastRights(server: PrivateQueue): Promise<PrivateQueue> {
  const admin = new Redis(server.url);
  await admin.call('ACL', 'SETUSER', 'tugboot', ...leastRights);
  await admin.quit();
  const url = new URL(server.url);
  Object.assign(url, { username: 'tugboot', password: 'of-least-rights' });
  return { ...server, url: url.toString() };
}

interface Server {
  readonly name: string;
  readonly env: { readonly PATH: string | undefined };
  readonly lack: string | undefined;
  readonly as?: (server: PrivateQueue) => Promise<PrivateQueue>;
}

const servers: readonly Server[] = [
  { name: 'Redis', env: { PATH: process.env['PATH'] }, lack: lackOf('redis-server') },
  {
    name: 'Redis for a user of least rights',
    env: { PATH: process.env['PATH'] },
    lack: lackOf('redis-server'),
    as: asUserOfLeastRights,
  },
  // Without programs the embedded PostgreSQL is taken.
  { name: 'PostgreSQL', env: { PATH: '' }, lack: undefined },
];

for (const { name, env, lack, as = async (server: PrivateQueue) => server } of servers)
  describeWith(`the queues on ${name}`, { lack }, () => {
    let server: PrivateQueue;
    let round = 0;
    beforeAll(async () => {
      server = await as(await privateQueue(env));
    });
    afterAll(() => server.close());

    queueContract(name, async () => {
      round += 1;
      // What an earlier test left behind is of another cluster.
      const cluster = `prod-${round}`;
      const cleanups: (() => Promise<unknown>)[] = [];
      const open = async ({ url }: Pick<PrivateQueue, 'url'>) => {
        const backend = openBackend({
          url,
          prefix: '{test}',
          logger: silentLogger,
          sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
        });
        await backend.ready();
        const queues = openQueues(backend, () => Date.now());
        cleanups.push(
          () => backend.close(),
          () => queues.close(),
        );
        return { backend, queues };
      };
      const [one, two] = [await open(server), await open(server)];
      return {
        queue: one.queues.of(cluster),
        other: two.queues.of(cluster),
        now: () => Date.now(),
        start(handle: Handle) {
          const work = workOf({
            reconcileNode: (id: string) => handle('reconcileNode', id),
            reconcile: (id: string) => handle('reconcile', id),
            plan: () => handle('plan', 'all'),
            start: (id: string) => handle('start', id),
            drain: (id: string) => handle('drain', id),
            render: (id: string) => handle('render', id),
            updateDigest: (id: string) => handle('updateDigest', id),
            spread: (id: string) => handle('spread', id),
          });
          for (const process of [one, two]) {
            const workers = createWorkers({
              ...process,
              work: new Map([[cluster, work]]),
              logger: silentLogger,
              random: () => 0.5,
              clock: { now: () => Date.now() },
            });
            workers.start();
            cleanups.push(() => workers.stop(AbortSignal.timeout(2000)));
          }
        },
        until,
        async unreachable() {
          const lost = await privateQueue(env);
          const { queues } = await open(lost);
          await lost.close();
          return queues.of(cluster);
        },
        async close() {
          for (const cleanup of cleanups.toReversed()) await cleanup();
        },
      };
    });
  });
