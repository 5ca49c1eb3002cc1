/** A real Redis Cluster of three primaries, and a replica of the one that has the slots of a key. */
import type { Redis } from 'ioredis';
import { freePort } from '../../demo/environment/queue-server.ts';
import { until } from '../k8s/world/until.ts';
import { inStep, type RedisOnPort, redisOn } from './redis-pair.ts';

export interface RedisNodes {
  readonly url: string;
  /** The primary of the key's slot, and its replica. */
  readonly owner: RedisOnPort;
  readonly replica: RedisOnPort;
  /** A primary without that slot. */
  readonly other: RedisOnPort;
  readonly nodes: readonly RedisOnPort[];
  stop(): Promise<void>;
}

interface ClusterNode extends RedisOnPort {
  readonly busPort: number;
}

const slots = 16_384;

export async function redisCluster(key: string): Promise<RedisNodes> {
  const nodes = await Promise.all([1, 2, 3, 4].map(() => nodeOf()));
  const primaries = nodes.slice(0, 3);
  const [first] = primaries;
  const replica = nodes[3];
  if (first === undefined || replica === undefined) throw new Error('too few nodes');
  const share = Math.ceil(slots / primaries.length);
  await Promise.all(
    primaries.map(({ admin }, index) =>
      admin.call(
        'CLUSTER',
        'ADDSLOTSRANGE',
        String(index * share),
        String(Math.min((index + 1) * share, slots) - 1),
      ),
    ),
  );
  for (const { port, busPort } of nodes.slice(1))
    await first.admin.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
  await until('the nodes are one cluster', async () =>
    (await Promise.all(nodes.map(isWhole))).every(Boolean),
  );
  const slot = Number(await first.admin.call('CLUSTER', 'KEYSLOT', key));
  const owner = primaries[Math.floor(slot / share)];
  const other = primaries.find((one) => one !== owner);
  if (owner === undefined || other === undefined) throw new Error(`nobody has slot ${slot}`);
  const id = String(await owner.admin.call('CLUSTER', 'MYID'));
  await until('the replica knows its primary', async () =>
    String(await replica.admin.call('CLUSTER', 'NODES')).includes(id),
  );
  await replica.admin.call('CLUSTER', 'REPLICATE', id);
  await inStep(replica);
  // A failover is voted by primaries that know the replica as one.
  await until('the primaries know the replica', async () =>
    (await Promise.all(primaries.map(({ admin }) => knows(admin, replica)))).every(Boolean),
  );
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    owner,
    replica,
    other,
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

async function nodeOf(): Promise<ClusterNode> {
  const [port, busPort] = [await freePort(), await freePort()];
  const more = [
    ['--cluster-enabled', 'yes'],
    ['--cluster-port', String(busPort)],
    ['--cluster-node-timeout', '1000'],
    ['--cluster-announce-ip', '127.0.0.1'],
  ];
  return { ...(await redisOn(port, more.flat())), busPort };
}

const isWhole = async ({ admin }: RedisOnPort): Promise<boolean> => {
  const info = String(await admin.call('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4');
};

const knows = async (admin: Redis, { port }: RedisOnPort): Promise<boolean> =>
  new RegExp(`127\\.0\\.0\\.1:${port}@\\S+ \\S*slave`).test(String(await admin.call('CLUSTER', 'NODES')));
