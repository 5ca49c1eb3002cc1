/** Queues on a primary behind real Sentinels, and on a real Redis Cluster. */
import { expect, it } from 'vitest';
import { redisProbe } from '../../src/jobs/redis-probe.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { leastRights, leastRightsInCluster, leastRightsOfSentinels } from './least-rights.ts';
import { redisCluster } from './redis-nodes.ts';
import { redisBehindSentinels } from './redis-sentinels.ts';
import { cleaned, reconcileOnce, soon, start } from './running.ts';

const clock = { now: () => Date.now() };
const lack = lackOf('redis-server');

const asUser = (url: string): string => url.replace('://', '://tugboot:of-least-rights@');

describeWith('a primary behind Sentinels', { lack }, () => {
  it('is found, and the new one after a failover in which the old one keeps its connections; a wrong name is told', async () => {
    const login = { username: 'tugboot', password: 'of-the-sentinels' };
    const servers = cleaned(await redisBehindSentinels());
    await Promise.all([
      ...servers.sentinels.map((admin) => admin.acl('SETUSER', 'tugboot', ...leastRightsOfSentinels)),
      ...[servers.primary, servers.replica].map(({ admin }) =>
        admin.acl('SETUSER', 'tugboot', ...leastRights),
      ),
    ]);
    const url = asUser(servers.url);
    const running = start(url, { sentinel: login });
    await running.backend.ready();
    await reconcileOnce(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    await servers.sentinels[0]?.call('SENTINEL', 'FAILOVER', 'queues');
    await expect.poll(() => servers.replica.admin.info('replication'), soon).toContain('role:master');
    await reconcileOnce(running, 'after');
    await expect.poll(() => running.done, soon).toEqual(['before', 'after']);
    expect(running.backend.health()).toEqual({ ok: true });
    expect(await servers.replica.admin.keys('*reboots*')).not.toEqual([]);
    expect(JSON.stringify(running.log)).not.toContain(login.password);
    const right = redisProbe({ url, sentinel: login }, clock);
    expect(await right.info()).toContain('role:master');
    right.close();

    const unknown = { url: url.replace(/queues$/, 'others'), sentinel: login };
    const lost = start(unknown.url, unknown);
    await expect
      .poll(() => lost.backend.health().why, soon)
      .toMatch(/^No Sentinel of REDIS_URL names the primary\. Check their addresses/);
    const stranger = redisProbe({ url, sentinel: { ...login, password: 'wrong' } }, clock);
    await expect(stranger.info()).rejects.toThrow(/^The Sentinels of REDIS_URL refuse to answer\./);
    stranger.close();
    const probe = redisProbe(unknown, clock);
    await expect(probe.info()).rejects.toThrow(/^No Sentinel of REDIS_URL names the primary\./);
    probe.close();
  });
});

describeWith('a Redis Cluster', { lack }, () => {
  it('keeps the queues of a prefix on one primary, and work goes on when its replica takes over; one node alone is told', async () => {
    const servers = cleaned(await redisCluster('{test}'));
    await Promise.all(
      servers.nodes.map(({ admin }) => admin.acl('SETUSER', 'tugboot', ...leastRightsInCluster)),
    );
    const url = asUser(servers.url);
    const running = start(url);
    await running.backend.ready();
    let usable = 0;
    running.backend.onUsable(() => void (usable += 1));
    await reconcileOnce(running, 'before');
    await expect.poll(() => running.done, soon).toEqual(['before']);
    const probe = redisProbe({ url }, clock);
    expect(await probe.info()).toContain('role:master');
    expect(await probe.latency()).toBeGreaterThanOrEqual(0);
    probe.close();
    expect(await servers.owner.admin.keys('*reboots*')).not.toEqual([]);
    await servers.owner.stop();
    await reconcileOnce(running, 'after');
    await expect.poll(() => running.done, soon).toEqual(['before', 'after']);
    // The replica may lack the last jobs, so that a resync follows.
    await expect.poll(() => usable, soon).toBeGreaterThan(0);
    expect(await servers.replica.admin.keys('*reboots*')).not.toEqual([]);
    expect(running.backend.health()).toEqual({ ok: true });

    const single = start(servers.other.url);
    await single.backend.ready();
    await expect(single.queues.of('prod').reconcile('elsewhere')).rejects.toThrow(
      'REDIS_URL names one node of a Redis Cluster. Write redis+cluster:// and the addresses of its nodes.',
    );
  });
});
