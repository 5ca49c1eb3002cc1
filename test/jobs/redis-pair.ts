/**
 * Redis servers of a test: on ports that the test chooses, to be stopped, started again and turned into each
 * other's replicas.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../demo/environment/queue-server.ts';
import { createSupervisor } from '../../demo/environment/supervisor.ts';

export interface RedisOnPort {
  readonly port: number;
  readonly url: string;
  /** For the test's own commands; never for what is tested. */
  readonly admin: Redis;
  stop(): Promise<void>;
}

export async function redisOn(port: number, more: readonly string[] = []): Promise<RedisOnPort> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  const server = ownServer(directory, [...args, '--repl-diskless-sync-delay', '0', ...more]);
  const url = `redis://127.0.0.1:${port}`;
  const admin = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on('error', () => undefined);
  await admin.ping();
  return {
    port,
    url,
    admin,
    stop: async () => {
      admin.disconnect();
      await server.stop();
    },
  };
}

/** Stopped as by a crash; ended, and its directory removed, when this process ends otherwise. */
export function ownServer(directory: string, args: readonly string[]): { stop(): Promise<void> } {
  const supervisor = createSupervisor(directory);
  const child = supervisor.adopt(spawn('redis-server', args, { stdio: 'ignore' }));
  let stopped: Promise<void> | undefined;
  return {
    stop: () => {
      child.kill('SIGKILL');
      return (stopped ??= supervisor.close());
    },
  };
}

/** Two servers, the second a replica of the first, in step with it. */
export async function redisPair(): Promise<readonly [RedisOnPort, RedisOnPort]> {
  const first = await redisOn(await freePort());
  const second = await redisOn(await freePort());
  await second.admin.replicaof('127.0.0.1', first.port);
  await inStep(second);
  return [first, second];
}

/**
 * As a controller does it: the replica is promoted, and the old primary follows it, with its connections left
 * open.
 */
export async function failOver(primary: RedisOnPort, replica: RedisOnPort): Promise<void> {
  await replica.admin.replicaof('NO', 'ONE');
  await primary.admin.replicaof('127.0.0.1', replica.port);
  await inStep(primary);
}

export async function inStep({ admin }: RedisOnPort): Promise<void> {
  while (!/master_link_status:up/.test(await admin.info('replication')));
}

/** An address that stays while the server behind it changes: open connections keep theirs. */
export async function movingAddress(target: Pick<RedisOnPort, 'port'>): Promise<{
  readonly url: string;
  moveTo(next: Pick<RedisOnPort, 'port'>): void;
  close(): Promise<void>;
}> {
  let { port } = target;
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  const listening = await freePort();
  await new Promise<void>((resolve) => server.listen(listening, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${listening}`,
    moveTo: (next) => {
      port = next.port;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
