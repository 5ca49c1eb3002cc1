/** What real Redis servers do to the queues: they come late, fail over, refuse, and go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { freePort } from '../../src/demo/house/queue-server.ts';
import { openBackend } from '../../src/jobs/open-backend.ts';
import type { Backend } from '../../src/jobs/backend.ts';
import { openQueues, type Queues } from '../../src/jobs/queues.ts';
import { reconnecting } from '../../src/jobs/redis-backend.ts';
import { redisTrouble } from '../../src/jobs/redis-trouble.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import type { LogFields, Logger } from '../../src/reboot/ports.ts';
import type { Work } from '../../src/reboot/service/service.ts';
import { privateQueue } from './redis.ts';
import { failOver, movingAddress, redisOn, redisPair } from './redis-pair.ts';

const soon = { timeout: 60_000, interval: 50 };
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});
const cleaned = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

interface Running {
  readonly backend: Backend;
  readonly queues: Queues;
  /** Reboots that were advanced. */
  readonly done: string[];
  readonly log: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  stop(): Promise<void>;
}

function start(url: string): Running {
  const log: Running['log'] = [];
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
  const done: string[] = [];
  const work: Work = {
    look: async () => undefined,
    advance: async (id) => void done.push(id),
    drain: async () => undefined,
    render: async () => undefined,
    scan: async () => undefined,
  };
  const backend = openBackend({
    url,
    prefix: '{test}',
    logger,
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
  });
  const queues = openQueues(backend, () => Date.now());
  const workers = createWorkers({
    backend,
    queues,
    work: new Map([['prod', work]]),
    logger,
    random: () => 0.5,
  });
  workers.start();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      await workers.stop(AbortSignal.timeout(2000));
      await queues.close();
      await backend.close();
    })());
  cleanups.push(stop);
  return { backend, queues, done, log, stop };
}

/** Adds until it is taken, as every wake-up and every scan does. */
async function advance({ queues }: Running, id: string): Promise<void> {
  await expect
    .poll(
      () =>
        queues
          .of('prod')
          .advance(id)
          .then(
            () => 'taken',
            (error: unknown) => String(error),
          ),
      soon,
    )
    .toBe('taken');
}

describeWith(
  'after a failover, in which the old primary keeps its connections',
  { lack: lackOf('redis-server') },
  () => {
    it('work goes on at the new one when the address moves', async () => {
      const [first, second] = await redisPair();
      cleaned(first);
      cleaned(second);
      const address = await movingAddress(first);
      cleanups.push(() => address.close());
      const running = start(address.url);
      await running.backend.ready();
      await advance(running, 'before');
      await expect.poll(() => running.done, soon).toContain('before');
      address.moveTo(second);
      await failOver(first, second);
      await advance(running, 'after');
      await expect.poll(() => running.done, soon).toContain('after');
      expect(running.backend.health()).toEqual({ ok: true });
      expect(await second.admin.keys('*reboots*')).not.toEqual([]);
    });

    it('a server that stays a replica is an outage with a sentence, asked with growing pauses, until it takes writes', async () => {
      const [first, second] = await redisPair();
      cleaned(first);
      cleaned(second);
      const running = start(first.url);
      await running.backend.ready();
      await advance(running, 'before');
      await failOver(first, second);
      await running.queues
        .of('prod')
        .advance('refused')
        .catch(() => undefined);
      await expect
        .poll(() => running.backend.health().why, soon)
        .toMatch(/is a replica and takes no writes. Point REDIS_URL at the primary/);
      await expect(running.queues.of('prod').advance('refused')).rejects.toMatchObject({
        code: 'queue-unreachable',
      });
      await first.admin.replicaof('NO', 'ONE');
      await advance(running, 'again');
      await expect.poll(() => running.done, soon).toContain('again');
      expect(running.backend.health()).toEqual({ ok: true });
    });
  },
);

describe('the pauses between reconnects', () => {
  it('grow while the same replica answers, and start anew when a server takes writes', () => {
    const { options, accepted } = reconnecting();
    const pauses = Array.from({ length: 8 }, () => {
      expect(options.reconnectOnError(new Error('READONLY You cannot'))).toBe(true);
      return options.retryStrategy(1);
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(options.reconnectOnError(new Error('ERR wrong number of arguments'))).toBe(false);
    accepted();
    expect(options.retryStrategy(1)).toBe(100);
    expect(options.retryStrategy(50)).toBe(1000);
  });
});

describeWith('a Redis that is not there at the start', { lack: lackOf('redis-server') }, () => {
  it('is waited for: what is added fails at once, and work begins by itself when it comes', async () => {
    const port = await freePort();
    const running = start(`redis://127.0.0.1:${port}`);
    let usable = 0;
    running.backend.onUsable(() => {
      usable += 1;
    });
    await expect(running.queues.of('prod').advance('early')).rejects.toMatchObject({
      code: 'queue-unreachable',
    });
    await expect.poll(() => running.backend.health().why, soon).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    const first = cleaned(await redisOn(port));
    await expect.poll(() => usable, soon).toBe(1);
    await advance(running, 'late');
    await expect.poll(() => running.done, soon).toEqual(['late']);
    await first.stop();
    await expect.poll(() => running.backend.health().ok, soon).toBe(false);
    cleaned(await redisOn(port));
    await expect.poll(() => usable, soon).toBeGreaterThanOrEqual(2);
    await advance(running, 'later');
    await expect.poll(() => running.done, soon).toEqual(['late', 'later']);
  });

  it('leaves no warning when it is closed on purpose', async () => {
    const running = start(cleaned(await redisOn(await freePort())).url);
    await running.backend.ready();
    await advance(running, 'one');
    await expect.poll(() => running.done, soon).toEqual(['one']);
    await running.stop();
    expect(running.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});

describeWith('a Redis that refuses', { lack: lackOf('redis-server') }, () => {
  it('the password is one sentence', async () => {
    const server = cleaned(await redisOn(await freePort()));
    await server.admin.config('SET', 'requirepass', 'right');
    const running = start(`redis://:wrong@127.0.0.1:${server.port}`);
    await expect
      .poll(() => running.backend.health().why, soon)
      .toBe('Redis refuses the password or the user of REDIS_URL.');
    expect(JSON.stringify(running.log)).not.toContain('wrong@');
    await server.admin.config('SET', 'requirepass', 'wrong');
    await advance(running, 'mended');
    await expect.poll(() => running.done, soon).toEqual(['mended']);
  });

  it('a command is another, which names the command', async () => {
    const server = cleaned(await redisOn(await freePort()));
    await server.admin.acl('SETUSER', 'bot', 'on', '>pass', '~*', '&*', '+@all', '-info');
    const running = start(`redis://bot:pass@127.0.0.1:${server.port}`);
    await expect
      .poll(() => running.backend.health().why, soon)
      .toBe('The Redis user of REDIS_URL lacks a right: it may not run INFO. Grant it to that user.');
    await server.admin.acl('SETUSER', 'bot', '+info');
    await advance(running, 'granted');
    await expect.poll(() => running.done, soon).toEqual(['granted']);
  });

  it('is told from one that is away, wherever the word stands', () => {
    const wrapped = new Error(
      "ReplyError: READONLY You can't write against a read only replica. script: 5f2c, on @user_script:1.",
    );
    expect(redisTrouble(wrapped)).toMatch(/is a replica/);
    expect(redisTrouble(new Error('LOADING Redis is loading the dataset in memory'))).toMatch(
      /is loading its data/,
    );
    expect(redisTrouble(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))).toMatch(
      /cannot be reached \(ENOTFOUND\)/,
    );
  });
});

describe('a PostgreSQL that ends', () => {
  it('is an outage with a sentence, and ends nothing else', async () => {
    const server = await privateQueue({ PATH: '' });
    let closed = false;
    cleanups.push(async () => {
      if (!closed) await server.close();
    });
    const running = start(server.url);
    await running.backend.ready();
    await advance(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    await server.close();
    closed = true;
    await expect.poll(() => running.backend.health().why, soon).toMatch(/^PostgreSQL cannot be reached/);
    await expect(running.queues.of('prod').advance('lost')).rejects.toMatchObject({
      code: 'queue-unreachable',
    });
  });
});
