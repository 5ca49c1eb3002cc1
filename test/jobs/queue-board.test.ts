/** The page that shows the queues, over HTTP, on a real Redis. */
import { request as ask } from 'node:http';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type QueueBoard, openQueueBoard } from '../../src/jobs/board/queue-board.ts';
import { queueNames } from '../../src/jobs/job-names.ts';
import { type HealthServer, startHealth } from '../../src/ops/health.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { soon, start } from './running.ts';
import { type PrivateQueue, privateQueue } from './redis.ts';

describeWith('the page of the queues', { lack: lackOf('redis-server') }, () => {
  let server: PrivateQueue;
  let board: QueueBoard;
  let health: HealthServer;
  let redis: Redis;
  let clusters = [{ cluster: 'prod', prefix: '{test}' }];

  beforeAll(async () => {
    server = await privateQueue();
    redis = new Redis(server.url);
    board = openQueueBoard({ access: { url: server.url }, path: '/queues', clusters: () => clusters });
    health = await startHealth(0, () => [], { page: board });
  });
  afterAll(async () => {
    await health.close();
    await board.close();
    redis.disconnect();
    await server.close();
  });
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${health.port}${path}`, init);
  const shown = async (query = ''): Promise<ShownQueues> =>
    (await (await get(`/queues/api/queues${query}`)).json()) as ShownQueues;

  it('shows the jobs of each queue by the names of their steps, and writes nothing', async () => {
    const running = start(server.url);
    await running.backend.ready();
    await running.queues.of('prod').reconcile('worker-03-4f1c', undefined, 'cordon');
    await expect.poll(() => running.done, soon).toEqual(['worker-03-4f1c']);
    await running.queues.of('prod').reconcile('worker-04-1a2b', Date.now() + 3_600_000, 'wait');
    await running.stop();
    const before = await contentOf(redis);
    await expect.poll(async () => (await shown()).queues?.map(({ name }) => name), soon).toEqual(queueNames);
    const { queues } = await shown('?activeQueue=reboots&status=delayed&page=1&jobsPerPage=10');
    const reboots = queues.find(({ name }) => name === 'reboots');
    expect(reboots).toMatchObject({ readOnlyMode: true, allowRetries: false, counts: { delayed: 1 } });
    expect(reboots?.jobs.map(({ name, data }) => [name, data.id])).toEqual([['wait', 'worker-04-1a2b']]);
    expect(await contentOf(redis)).toEqual(before);
  });

  it('is one page that loads nothing from elsewhere', async () => {
    const answer = await get('/queues/queue/reboots?status=failed');
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).not.toMatch(/https?:\/\/|\/\/fonts/);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
    const parts = [...page.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path);
    expect(parts.length).toBeGreaterThan(4);
    for (const part of parts) {
      const file = await get(`/queues/${part}`);
      expect([part, file.status]).toEqual([part, 200]);
      expect(file.headers.get('content-type')).not.toMatch(/octet/);
    }
  });

  it.each(['PUT', 'POST', 'PATCH', 'DELETE', 'HEAD'])('refuses %s, whatever is asked', async (method) => {
    for (const path of ['/queues/api/queues/pause', '/queues/api/queues/reboots/add', '/queues/'])
      expect((await get(path, { method })).status).toBe(405);
    expect((await shown()).queues.map(({ isPaused }) => isPaused)).toEqual(queueNames.map(() => false));
  });

  it.each(['/queues/static/../../package.json', '/queues/static/%2e%2e/%2e%2e/package.json', '/queues/x/y'])(
    'has nothing at %s',
    async (path) => {
      // fetch would take the dots out.
      const status = await new Promise((resolve, reject) =>
        ask({ port: health.port, host: '127.0.0.1', path }, ({ statusCode }) => resolve(statusCode))
          .on('error', reject)
          .end(),
      );
      expect(status).toBe(404);
      expect((await get('/queuesx')).status).toBe(404);
    },
  );

  it('names the cluster of each queue where there are several, as the configuration changes', async () => {
    clusters = [...clusters, { cluster: 'staging', prefix: '{other}' }];
    const { queues } = await shown();
    expect(queues.map(({ name }) => name)).toEqual(
      ['prod', 'staging'].flatMap((cluster) => queueNames.map((name) => `${cluster}/${name}`)),
    );
    clusters = clusters.slice(0, 1);
    expect((await shown()).queues).toHaveLength(queueNames.length);
  });

  it('stays a page when Redis is away', async () => {
    await server.stop();
    await expect.poll(async () => (await get('/queues/api/queues')).status, soon).toBe(500);
    expect((await get('/queues/')).status).toBe(200);
  });
});

interface ShownQueues {
  readonly queues: readonly {
    readonly name: string;
    readonly isPaused: boolean;
    readonly jobs: readonly { readonly name: string; readonly data: { readonly id: string } }[];
  }[];
}

/** Everything in Redis, by key. */
async function contentOf(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const keys = (await redis.keys('*')).toSorted();
  return new Map(await Promise.all(keys.map(async (key) => [key, await redis.dump(key)] as const)));
}
