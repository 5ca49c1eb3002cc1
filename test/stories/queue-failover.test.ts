/** A drain is under way when the server of the queues is killed, and a replica takes its place. */
import { afterEach, expect, it, vi } from 'vitest';
import { redisCluster } from '../jobs/redis-nodes.ts';
import { redisBehindSentinels } from '../jobs/redis-sentinels.ts';
import type { RedisOnPort } from '../jobs/redis-pair.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { inDemoEnvironmentWith } from './demo-stage.ts';
import { budget, heldDrain, ordersGiven, patience, type StoryEnvironment } from './story-environment.ts';

vi.setConfig({ testTimeout: 2 * patience });

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Failover {
  readonly lost: RedisOnPort;
  readonly next: RedisOnPort;
  /** Decided on after the loss. */
  readonly later?: string;
}

/** Kills the primary in mid-drain, and lets the drain go on when the replica has taken over. */
async function goesOn(environment: StoryEnvironment, { lost, next, later }: Failover): Promise<void> {
  const { node } = await heldDrain(environment);
  const card = later === undefined ? undefined : await environment.upgrade(later);
  await lost.stop();
  // Stored in the cluster, whatever the queues do.
  if (card !== undefined) await environment.press('mia', card, 'Approve now');
  await environment.eventually('the replica is the primary', async () =>
    (await next.admin.info('replication')).includes('role:master'),
  );
  await budget(environment, 1);
  for (const name of [node, ...(later === undefined ? [] : [later])]) {
    await environment.card(name, /✓/);
    await environment.isFree(name);
    expect(await ordersGiven(environment, name)).toBe(1);
  }
  // A pod of a StatefulSet has the same name on the next node.
  const evicted = environment.evictions().filter((path) => !/-\d\/eviction$/.test(path));
  expect(evicted).toHaveLength(new Set(evicted).size);
  expect(await next.admin.keys('*reboots*')).not.toEqual([]);
}

describeWith('a failover of the queues in mid-drain', { lack: lackOf('redis-server') }, () => {
  it('by Sentinels loses no Reboot, and nothing is done twice', async () => {
    const servers = await redisBehindSentinels();
    cleanups.push(() => servers.stop());
    await inDemoEnvironmentWith({ REDIS_URL: servers.url })({}, (environment) =>
      goesOn(environment, { lost: servers.primary, next: servers.replica, later: 'worker-2' }),
    )();
  });

  it('in a Redis Cluster loses no Reboot, and nothing is done twice', async () => {
    const servers = await redisCluster('{tugboot.tugboot.story}');
    cleanups.push(() => servers.stop());
    await inDemoEnvironmentWith({ REDIS_URL: servers.url })({}, (environment) =>
      goesOn(environment, { lost: servers.owner, next: servers.replica }),
    )();
  });
});
