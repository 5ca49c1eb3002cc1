/** A primary, its replica, and three real Sentinels that watch them. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../demo/environment/queue-server.ts';
import { until } from '../k8s/world/until.ts';
import { ownServer, type RedisOnPort, redisPair } from './redis-pair.ts';

export interface Sentinelled {
  readonly url: string;
  readonly primary: RedisOnPort;
  readonly replica: RedisOnPort;
  /** For the test's own commands. */
  readonly sentinels: readonly Redis[];
  stop(): Promise<void>;
}

interface Sentinel {
  readonly port: number;
  readonly admin: Redis;
  stop(): Promise<void>;
}

const name = 'queues';

export async function redisBehindSentinels(): Promise<Sentinelled> {
  const [primary, replica] = await redisPair();
  const sentinels = await Promise.all([1, 2, 3].map(() => sentinelOf(primary)));
  // They find each other, and the replica, through the primary.
  await until('the Sentinels know each other and the replica', async () => {
    const ready = await Promise.all(sentinels.map(({ admin }) => knowsAll(admin)));
    return ready.every(Boolean);
  });
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${name}`,
    primary,
    replica,
    sentinels: sentinels.map(({ admin }) => admin),
    stop: async () => {
      await Promise.all(sentinels.map((one) => one.stop()));
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}

async function knowsAll(admin: Redis): Promise<boolean> {
  const quorum = await admin.call('SENTINEL', 'CKQUORUM', name).catch(() => '');
  const replicas = (await admin.call('SENTINEL', 'REPLICAS', name)) as string[][];
  return String(quorum).startsWith('OK 3 ') && replicas.some((facts) => facts.includes('ok'));
}

async function sentinelOf(primary: RedisOnPort): Promise<Sentinel> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-sentinel-'));
  const file = join(directory, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor ${name} 127.0.0.1 ${primary.port} 2`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  writeFileSync(file, lines.join('\n'));
  const server = ownServer(directory, [file, '--sentinel']);
  const admin = new Redis({ port, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on('error', () => undefined);
  await admin.ping();
  return {
    port,
    admin,
    stop: async () => {
      admin.disconnect();
      await server.stop();
    },
  };
}
