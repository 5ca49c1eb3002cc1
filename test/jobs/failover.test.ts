/** What real Redis servers do to the queues: they come late, fail over, refuse, and go. */
import { describe, expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { freePort } from '../../demo/environment/queue-server.ts';
import { reconnecting } from '../../src/jobs/redis-backend.ts';
import { redisTrouble } from '../../src/jobs/redis-trouble.ts';
import { failOver, movingAddress, redisOn, redisPair } from './redis-pair.ts';
import { reconcileOnce, cleaned, cleanups, complaints, soon, start } from './running.ts';

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
      await reconcileOnce(running, 'before');
      await expect.poll(() => running.done, soon).toContain('before');
      address.moveTo(second);
      await failOver(first, second);
      await reconcileOnce(running, 'after');
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
      await reconcileOnce(running, 'before');
      await failOver(first, second);
      await running.queues
        .of('prod')
        .reconcile('refused')
        .catch(() => undefined);
      await expect
        .poll(() => running.backend.health().why, soon)
        .toMatch(/is a replica and takes no writes. Point REDIS_URL at the primary/);
      await expect(running.queues.of('prod').reconcile('refused')).rejects.toMatchObject({
        code: 'queue-unreachable',
      });
      await first.admin.replicaof('NO', 'ONE');
      await reconcileOnce(running, 'again');
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
    await expect(running.queues.of('prod').reconcile('early')).rejects.toMatchObject({
      code: 'queue-unreachable',
    });
    await expect.poll(() => running.backend.health().why, soon).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    const first = cleaned(await redisOn(port));
    await expect.poll(() => usable, soon).toBe(1);
    await reconcileOnce(running, 'late');
    await expect.poll(() => running.done, soon).toEqual(['late']);
    await first.stop();
    await expect.poll(() => running.backend.health().ok, soon).toBe(false);
    cleaned(await redisOn(port));
    await expect.poll(() => usable, soon).toBeGreaterThanOrEqual(2);
    await reconcileOnce(running, 'later');
    await expect.poll(() => running.done, soon).toEqual(['late', 'later']);
  });

  it('leaves no warning when it is closed on purpose', async () => {
    const running = start(cleaned(await redisOn(await freePort())).url);
    await running.backend.ready();
    await reconcileOnce(running, 'one');
    await expect.poll(() => running.done, soon).toEqual(['one']);
    await running.stop();
    expect(complaints(running)).toEqual([]);
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
    await reconcileOnce(running, 'mended');
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
    await reconcileOnce(running, 'granted');
    await expect.poll(() => running.done, soon).toEqual(['granted']);
  });

  it('a command that only work needs is another, and told when work is refused', async () => {
    const server = cleaned(await redisOn(await freePort()));
    await server.admin.acl('SETUSER', 'bot', 'on', '>pass', '~*', '&*', '+@all', '-evalsha', '-eval');
    const running = start(`redis://bot:pass@127.0.0.1:${server.port}`);
    await running.backend.ready();
    const refused = running.queues.of('prod').reconcile('refused');
    await expect(refused).rejects.toMatchObject({ code: 'queue-unreachable' });
    await expect(refused).rejects.toThrow(
      /^The Redis user of REDIS_URL lacks a right: it may not run EVAL(SHA)?\. Grant it to that user\.$/,
    );
    await expect(refused).rejects.toThrow(running.backend.health().why);
    expect(complaints(running)).toHaveLength(1);
    await server.admin.acl('SETUSER', 'bot', '+evalsha', '+eval');
    await reconcileOnce(running, 'granted');
    await expect.poll(() => running.done, soon).toEqual(['granted']);
    expect(running.backend.health()).toEqual({ ok: true });
  });

  it('writes, since it is full, is a sentence of its own', async () => {
    const server = cleaned(await redisOn(await freePort()));
    const running = start(server.url);
    await running.backend.ready();
    await reconcileOnce(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    await server.admin.config('SET', 'maxmemory', '1');
    await expect(running.queues.of('prod').reconcile('full')).rejects.toMatchObject({
      message: expect.stringMatching(/^Redis is full \(maxmemory\) and takes no writes\./) as string,
    });
    expect(running.backend.health()).toMatchObject({ ok: false });
    await server.admin.config('SET', 'maxmemory', '0');
    await reconcileOnce(running, 'after');
    await expect.poll(() => running.backend.health(), soon).toEqual({ ok: true });
  });

  it('to answer, with its connections left open, is an outage', async () => {
    const server = cleaned(await redisOn(await freePort()));
    const running = start(server.url);
    await running.backend.ready();
    await reconcileOnce(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    await server.admin.client('PAUSE', 20_000, 'ALL');
    await expect(running.queues.of('prod').reconcile('lost')).rejects.toMatchObject({
      code: 'queue-unreachable',
    });
    expect(running.backend.health().why).toMatch(/^Redis does not answer in time\./);
  });

  it('is told from one that is away, wherever the word stands', () => {
    const wrapped = new Error(
      "ReplyError: READONLY You can't write against a read only replica. script: 5f2c, on @user_script:1.",
    );
    expect(redisTrouble(wrapped)).toMatch(/is a replica/);
    expect(redisTrouble(new Error('LOADING Redis is loading the dataset in memory'))).toMatch(
      /is loading its data/,
    );
    expect(redisTrouble(new Error('MISCONF Redis is configured to save RDB snapshots'))).toMatch(
      /^Redis takes no writes, since it cannot save its data/,
    );
    expect(redisTrouble(Object.assign(new Error('ERR unknown command'), { name: 'ReplyError' }))).toBe(
      'Redis refuses: ERR unknown command.',
    );
    const cluster = Object.assign(new Error('Failed to refresh slots cache.'), {
      lastNodeError: new Error("NOPERM this user has no permissions to run the 'cluster|slots' command"),
    });
    expect(redisTrouble(cluster)).toMatch(/lacks a right: it may not run CLUSTER\|SLOTS\./);
    expect(redisTrouble(new Error('CLUSTERDOWN The cluster is down'))).toMatch(/no primary for a part/);
    expect(redisTrouble(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))).toMatch(
      /cannot be reached \(ENOTFOUND\)/,
    );
  });
});
