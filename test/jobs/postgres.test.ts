/** What a real PostgreSQL does to the queues: it goes, comes back, refuses, and is left. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../demo/environment/queue-server.ts';
import { privateQueue } from './redis.ts';
import { movingAddress } from './redis-pair.ts';
import { reconcileOnce, cleanups, complaints, type Running, soon, start } from './running.ts';

interface Server {
  readonly url: string;
  readonly port: number;
  /** The address with another user. */
  readonly as: (user: string) => string;
  /** What the test itself asks, as the owner of the server. */
  readonly sql: (text: string) => Promise<readonly Record<string, unknown>[]>;
  readonly end: () => Promise<void>;
}

async function postgres(): Promise<Server> {
  const server = await privateQueue({ PATH: '' });
  const admin = new pg.Client({ connectionString: server.url });
  admin.on('error', () => undefined);
  await admin.connect();
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> =>
    (ended ??= (async () => {
      await admin.end().catch(() => undefined);
      await server.close();
    })());
  cleanups.push(end);
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    as: (user) => server.url.replace('tugboot:tugboot', user),
    sql: async (text) => (await admin.query(text)).rows,
    end,
  };
}

/** How many connections others than the test have. */
const connections = async ({ sql }: Server): Promise<unknown> => {
  const [row] = await sql(
    'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()',
  );
  return row?.['n'];
};

const why = ({ backend }: Running): string | undefined => backend.health().why;

describe('a PostgreSQL', () => {
  it('that ends is an outage with a sentence, and ends nothing else', async () => {
    const server = await postgres();
    const running = start(server.url);
    await running.backend.ready();
    await reconcileOnce(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    await server.end();
    await expect.poll(() => why(running), soon).toMatch(/^PostgreSQL cannot be reached/);
    await expect(running.queues.of('prod').reconcile('lost')).rejects.toMatchObject({
      code: 'queue-unreachable',
    });
  });

  it('that comes back is found by itself, and work goes on', async () => {
    const server = await postgres();
    const address = await movingAddress(server);
    cleanups.push(() => address.close());
    const running = start(server.url.replace(`:${server.port}/`, `:${new URL(address.url).port}/`));
    let usable = 0;
    running.backend.onUsable(() => {
      usable += 1;
    });
    await running.backend.ready();
    await reconcileOnce(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    address.moveTo({ port: await freePort() });
    await server.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
    await expect.poll(() => running.backend.health().ok, soon).toBe(false);
    address.moveTo(server);
    await expect.poll(() => usable, soon).toBeGreaterThanOrEqual(2);
    await reconcileOnce(running, 'after');
    await expect.poll(() => running.done, soon).toEqual(['before', 'after']);
    expect(running.backend.health()).toEqual({ ok: true });
  });

  it('is left without a warning and without a connection when it is closed on purpose', async () => {
    const server = await postgres();
    const running = start(server.url);
    await running.backend.ready();
    await reconcileOnce(running, 'one');
    await expect.poll(() => running.done, soon).toEqual(['one']);
    expect(await connections(server)).toBeGreaterThan(0);
    await running.stop();
    await expect.poll(() => connections(server), soon).toBe(0);
    expect(complaints(running)).toEqual([]);
  });
});

describe('a PostgreSQL that refuses', () => {
  it('the password is one sentence, which holds no secret, and a database that is not there another', async () => {
    const server = await postgres();
    const wrong = start(server.as('tugboot:wrong'));
    await expect
      .poll(() => why(wrong), soon)
      .toBe('PostgreSQL refuses the user or the password of REDIS_URL.');
    expect(JSON.stringify(wrong.log)).not.toContain('wrong');
    const nowhere = start(server.url.replace(/\/postgres$/, '/nowhere'));
    await expect
      .poll(() => why(nowhere), soon)
      .toBe('PostgreSQL has no database of the name that REDIS_URL gives.');
  });

  it('a right is another, and it is told although the server answers', async () => {
    const server = await postgres();
    await server.sql("CREATE USER bot PASSWORD 'pass'");
    const running = start(server.as('bot:pass'));
    await running.backend.ready();
    await expect
      .poll(() => why(running), soon)
      .toBe(
        'The PostgreSQL user of REDIS_URL lacks a right (permission denied for database postgres). Grant it CREATE on the database.',
      );
    await expect(running.queues.of('prod').reconcile('refused')).rejects.toMatchObject({
      code: 'queue-unreachable',
      message: why(running),
    });
    expect(complaints(running)).toHaveLength(1);
    await server.sql('GRANT CREATE ON DATABASE postgres TO bot');
    await reconcileOnce(running, 'granted');
    await expect.poll(() => running.done, soon).toEqual(['granted']);
    expect(running.backend.health()).toEqual({ ok: true });
  });

  it('writes, as a standby does, is asked again until it takes them', async () => {
    const server = await postgres();
    await server.sql('ALTER DATABASE postgres SET default_transaction_read_only = on');
    const running = start(server.url);
    await expect.poll(() => why(running), soon).toMatch(/^The PostgreSQL of REDIS_URL takes no writes/);
    await server.sql('SET default_transaction_read_only = off');
    await server.sql('ALTER DATABASE postgres SET default_transaction_read_only = off');
    await reconcileOnce(running, 'promoted');
    await expect.poll(() => running.done, soon).toEqual(['promoted']);
    expect(running.backend.health()).toEqual({ ok: true });
  });
});
