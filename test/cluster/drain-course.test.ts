/**
 * What happens while a drain runs: it is stopped anywhere and taken up again, and it is large. On a real API
 * server.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { minute } from '../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import { until } from '../k8s/world/until.ts';
import type { Passing } from './drain-door.ts';
import { openRulesWorld, type RulesWorld } from './drain-world.ts';
import { installChart, installation } from './harness/install-chart.ts';
import { onCluster } from './harness/on-cluster.ts';

const needs = {
  controllers: ['serviceaccount-controller'],
  scheduler: false,
  notOnGiven: 'it wants a cluster without nodes and workload controllers, which only one of our own is',
};

onCluster('the course of a drain, on a real API server', needs, (cluster) => {
  let world: RulesWorld;
  beforeAll(() => installChart(cluster()));
  beforeEach(async () => {
    world = await openRulesWorld(cluster());
  });
  afterEach(() => world.close());

  it('stopped at any request, it ends without a word, and the next drain goes on from there', async () => {
    const names = ['web-0', 'web-1', 'web-2'];
    let points = 0;
    for (let point = 1; point <= 40; point += 1) {
      const uids = await Promise.all(names.map((name) => world.hand.addPod('n1', name)));
      /**
       * The pods evicted by both drains together. No name is reused here, so that a name stands for one UID.
       */
      const evicted: string[] = [];
      const note = ({ path, isEviction }: Passing): void => {
        if (isEviction) evicted.push(uids[names.indexOf(path.split('/').at(-2) ?? '')] ?? path);
      };
      const over = new AbortController();
      let asked = 0;
      world.door.onRequest((passing) => {
        note(passing);
        const { path } = passing;
        // The watches of the whole bot go on.
        if (path.startsWith('/apis/tugboot.dev') || /\/api\/v1\/nodes\?/.test(path)) return 'through';
        asked += 1;
        if (asked === point) over.abort();
        return 'through';
      });
      const wanted = {
        target: world.n1,
        policy: aDrainPolicy({ parallelism: 2 }),
        startedAt: world.now(),
        deadline: world.now() + minute,
        last: [],
        force: false,
      };
      const events = [];
      for await (const event of world.kube.cluster.drain(wanted, over.signal)) events.push(event);
      const isThrough = events.at(-1)?.kind === 'drained';
      world.door.onRequest((passing) => {
        note(passing);
        return 'through';
      });
      expect(isThrough).toBe(!over.signal.aborted);
      if (isThrough) break;
      points += 1;
      expect(events.every(({ kind }) => kind === 'progress')).toBe(true);
      expect((await world.drain()).at(-1)?.kind).toBe('drained');
      expect(await world.hand.podsOn('n1')).toEqual([]);
      // What was under way when it was stopped may be asked for twice; nothing is asked for a third time.
      const times = uids.map((uid) => evicted.filter((each) => each === uid).length);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...times)).toBeLessThanOrEqual(2);
      expect(new Set(evicted)).toEqual(new Set(uids));
    }
    // Reads of the node, lists, watches, evictions and the final list.
    expect(points).toBeGreaterThanOrEqual(8);
  });

  it('never has more evictions under way than the policy allows', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => world.hand.addPod('n1', `web-${index}`)));
    let begun = 0;
    let most = 0;
    world.door.onRequest(({ isEviction }) => {
      if (isEviction) {
        begun += 1;
        most = Math.max(most, begun - world.evictions().length);
      }
      return 'through';
    });
    expect((await world.drain({ parallelism: 4 })).at(-1)).toEqual({ kind: 'drained', pods: 30 });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('leaves the pods of its own installation for the end: the bot, and the Redis of its queues', async () => {
    const labels = { 'app.kubernetes.io/part-of': 'tugboot' };
    await world.hand.addNode('n2');
    // The server taints every new node; without a place to go, pods of ours would stay.
    const untainted = { spec: { taints: null } };
    await world.hand.ask({ method: 'PATCH', path: '/api/v1/nodes/n2', patch: 'merge', body: untainted });
    await world.hand.addPod('n1', 'tugboot-redis-0', { namespace: installation, labels });
    await world.hand.addPod('n1', 'impostor', { labels });
    await Promise.all(Array.from({ length: 3 }, (_, index) => world.hand.addPod('n1', `web-${index}`)));
    await world.hand.addPod('n1', 'tugboot-bot-1', { namespace: installation });
    const last = [`${installation}/tugboot-bot-1`];
    expect((await world.drain({}, undefined, { last })).at(-1)).toEqual({ kind: 'drained', pods: 6 });
    const asked = world.evictions().map(({ path }) => path.split('/').at(-2));
    expect(asked.slice(-2).toSorted((one = '', two = '') => one.localeCompare(two))).toEqual([
      'tugboot-bot-1',
      'tugboot-redis-0',
    ]);
    expect(asked).toHaveLength(6);
  });

  it('1,200 pods: listed in pages, each asked for once', async () => {
    const many = 1200;
    const names = Array.from({ length: many }, (_, index) => `many-${index}`);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'many', uid: randomUUID() };
    const makers = Array.from({ length: 16 }, async (_, maker) => {
      for (const name of names.filter((_name, index) => index % 16 === maker))
        await world.addPodOf(owner, name);
    });
    await Promise.all(makers);
    const before = world.door.passed.length;
    expect(
      (await world.drain({ parallelism: 32 }, undefined, { deadline: world.now() + 2 * minute })).at(-1),
    ).toEqual({ kind: 'drained', pods: many });
    const during = world.door.passed.slice(before);
    const lists = during.filter(
      ({ path }) => path.startsWith('/api/v1/pods?') && !path.includes('watch=true'),
    );
    expect(lists.filter(({ path }) => path.includes('continue=')).length).toBeGreaterThanOrEqual(2);
    expect(lists.length).toBeLessThanOrEqual(5);
    const asked = during.filter(({ isEviction }) => isEviction);
    expect(new Set(asked.map(({ path }) => path)).size).toBe(many);
    expect(asked.length).toBe(many);
    await until('the node is empty', async () => (await world.hand.podsOn('n1')).length === 0);
  }, 180_000);
});
