/** What is watched for Reboots that are held back, on the demo's API. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Blocker, BlockerCode } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { mostWatches } from '../../../src/k8s/gates/gate-watches.ts';
import type { Kube } from '../../../src/k8s/kube.ts';
import type { GatesPolicy } from '../../../src/reboot/policy/pool-gates.ts';
import type { DrainRetry } from '../../../src/reboot/state/undo-facts.ts';
import type { StartQuestion } from '../../../src/reboot/ports/outside.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { aDecision, aNode, aPool, aReboot, at } from '../../fakes/builders.ts';
import { resting as restingState, stored } from '../../fakes/states.ts';
import { type ApiWorld, startApiWorld, systemClock } from '../world/api.ts';
import { fastTime } from '../world/fast-time.ts';
import { type Hand, handOf } from '../world/hand.ts';
import { until } from '../world/until.ts';

const blocker = (code: BlockerCode): Blocker => ({ code, sentence: code, clears: '' });

describe('while a Reboot is held back', () => {
  let world: ApiWorld;
  let hand: Hand;
  let kube: Kube;
  let cleared: string[];
  /** When, by the clock of the watches. */
  let clearedAt: number[];
  let over: AbortController;
  /** Watches that are open while nobody is held. */
  let idle: number;
  const begin = async (time?: ReturnType<typeof fastTime>): Promise<void> => {
    kube = world.connect(time);
    await kube.start((change) => {
      if (change.kind !== 'cleared') return;
      cleared.push(...change.reboots);
      clearedAt.push((time?.clock ?? systemClock).now());
    }, over.signal);
    // Each collection is listed once, and then watched.
    idle = world.api.requests().filter(({ verb, user }) => verb === 'list' && user === 'bot').length;
    await until('all watches stand', () => world.api.watchCount() === idle);
  };
  beforeEach(async () => {
    world = await startApiWorld();
    hand = handOf(world.admin);
    cleared = [];
    clearedAt = [];
    over = new AbortController();
  });
  afterEach(async () => {
    over.abort();
    await world.close();
  });

  const held = (
    name: string,
    gates: Partial<GatesPolicy>,
    codes: readonly BlockerCode[],
    node = 'w1',
  ): StartQuestion => ({
    pool: aPool({ gates: { ...aPool().gates, ...gates } }),
    node: aNode({ name: node }),
    reboot: aReboot({
      name,
      state: {
        phase: 'Approved',
        since: new Date().toISOString(),
        decision: aDecision(),
        blockers: stored(codes.map(blocker), 'gatekeeper', new Date().toISOString()),
      },
    }),
  });
  const podWatches = (): number =>
    world.api
      .requests()
      .filter(({ verb, path, user }) => verb === 'watch' && path === '/api/v1/pods' && user === 'bot').length;
  const ci = { blockingPods: ['app=ci'] };
  const remove = (name: string) =>
    hand.ask({
      method: 'DELETE',
      path: `/api/v1/namespaces/default/pods/${name}`,
      body: { gracePeriodSeconds: 0 },
    });

  it('one watch is open for all that ask the same, and none for nobody', async () => {
    await begin();
    await hand.addPod('w1', 'build', { labels: { app: 'ci' } });
    kube.follow([]);
    expect(podWatches()).toBe(0);
    const two = [held('r1', ci, ['pods-in-the-way']), held('r2', ci, ['pods-in-the-way'])];
    kube.follow(two);
    await until('it watches', () => podWatches() === 1);
    kube.follow(two);
    kube.follow([held('r1', ci, ['pods-in-the-way'])]);
    expect(world.api.watchCount()).toBe(idle + 1);
    kube.follow([]);
    await until('it watches no longer', () => world.api.watchCount() === idle);
    expect(podWatches()).toBe(1);
    expect(cleared).toEqual([]);
  });

  it('nothing is watched for what no watch can tell of, nor for a gate that holds nothing back', async () => {
    await begin();
    kube.follow([held('r1', ci, ['alerts-firing', 'webhook-refused'])]);
    kube.follow([held('r1', ci, ['pods-unhealthy'])]);
    expect(world.api.watchCount()).toBe(idle);
    expect(cleared).toEqual([]);
  });

  it('it is told when the last pod in the way has gone, once, to all that it held back', async () => {
    await begin();
    await hand.addPod('w1', 'a', { labels: { app: 'ci' } });
    await hand.addPod('w1', 'b', { labels: { app: 'ci' } });
    kube.follow([held('r1', ci, ['pods-in-the-way']), held('r2', ci, ['pods-in-the-way'])]);
    await until('it watches', () => podWatches() === 1);
    await remove('a');
    await remove('b');
    await until('it is told', () => cleared.length > 0);
    expect(cleared).toEqual(['r1', 'r2']);
  });

  it('it is told when enough pods are ready, anywhere', async () => {
    await begin();
    const healthyPods = [{ selector: 'app=pg', namespace: 'default', mostNotReady: 1 }];
    for (const name of ['pg-0', 'pg-1', 'pg-2'])
      await hand.addPod('elsewhere', name, { labels: { app: 'pg' }, ready: false });
    kube.follow([held('r1', { healthyPods }, ['pods-unhealthy'])]);
    await until('it watches', () => podWatches() === 1);
    await hand.setPodReady('default', 'pg-0', true);
    await hand.setPodReady('default', 'pg-1', true);
    await until('it is told', () => cleared.length > 0);
    expect(cleared).toEqual(['r1']);
  });

  it('it is told when the last Job on the node has finished', async () => {
    await begin();
    await hand.ask({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: 'nightly-x',
          ownerReferences: [
            { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: 'u', controller: true },
          ],
        },
        spec: { nodeName: 'w1', containers: [{ name: 'main', image: 'main' }] },
      },
    });
    await hand.addPod('w1', 'web');
    kube.follow([held('r1', { waitForJobs: hour }, ['jobs-running'])]);
    await until('it watches', () => podWatches() === 1);
    expect(cleared).toEqual([]);
    await hand.ask({
      method: 'PATCH',
      path: '/api/v1/namespaces/default/pods/nightly-x/status',
      patch: 'merge',
      body: { status: { phase: 'Succeeded' } },
    });
    await until('it is told', () => cleared.length > 0);
  });

  it('it is told when the other control-plane nodes are Ready', async () => {
    const labels = { 'node-role.kubernetes.io/control-plane': '' };
    for (const name of ['cp-1', 'cp-2']) await hand.addNode(name, labels);
    await hand.setReady('cp-2', false);
    await begin();
    kube.follow([held('r1', {}, ['control-plane-unhealthy'], 'cp-1')]);
    await hand.setReady('cp-1', false);
    await hand.setReady('cp-2', true);
    await until('it is told', () => cleared.length > 0);
    expect(cleared).toEqual(['r1']);
  });

  it('it is told only when nothing of all that can be watched holds it back', async () => {
    await begin();
    const gates = { ...ci, healthyPods: [{ selector: 'app=pg', mostNotReady: 0 }] };
    await hand.addPod('w1', 'build', { labels: { app: 'ci' } });
    await hand.addPod('w2', 'pg-0', { labels: { app: 'pg' }, ready: false });
    kube.follow([
      held('both', gates, ['pods-in-the-way', 'pods-unhealthy']),
      held('one', gates, ['pods-in-the-way']),
    ]);
    await until('it watches', () => podWatches() === 2);
    await remove('build');
    await until('the one is told', () => cleared.length > 0);
    expect(cleared).toEqual(['one']);
    await hand.setPodReady('default', 'pg-0', true);
    await until('the other is told', () => cleared.length > 1);
    expect(cleared).toEqual(['one', 'both']);
  });

  it('what went between the asking and the watching is told as well', async () => {
    await begin();
    kube.follow([held('r1', ci, ['pods-in-the-way'])]);
    await until('it is told', () => cleared.length > 0);
    expect(cleared).toEqual(['r1']);
  });

  it('what went while the watch was broken and its position forgotten is told as well', async () => {
    await begin();
    await hand.addPod('w1', 'build', { labels: { app: 'ci' } });
    kube.follow([held('r1', ci, ['pods-in-the-way'])]);
    await until('it watches', () => podWatches() === 1);
    world.api.silenceWatches();
    await remove('build');
    world.api.compact();
    world.api.dropWatches('reset');
    await until('it is told', () => cleared.length > 0);
    expect(cleared).toEqual(['r1']);
  });

  it('a pod that comes and goes is asked about ever more rarely', async () => {
    const time = fastTime(2);
    await begin(time);
    const readiness = async (ready: boolean): Promise<void> => hand.setPodReady('default', 'pg-0', ready);
    await hand.addPod('w2', 'pg-0', { labels: { app: 'pg' }, ready: false });
    kube.follow([held('r1', { healthyPods: [{ selector: 'app=pg', mostNotReady: 0 }] }, ['pods-unhealthy'])]);
    await until('it watches', () => podWatches() === 1);
    for (const count of [1, 2, 3]) {
      await readiness(true);
      await until('it is told', () => cleared.length === count);
      await readiness(false);
    }
    const [first = 0, second = 0, third = 0] = clearedAt;
    expect(second - first).toBeGreaterThanOrEqual(250);
    expect(third - second).toBeGreaterThanOrEqual(500);
  });

  describe('by a pause, since its drain was undone', () => {
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/pg';
    const resting = (retry: Partial<DrainRetry>): StartQuestion => ({
      pool: aPool(),
      node: aNode({ name: 'w1' }),
      reboot: aReboot({ name: 'r1', state: restingState({ budgets: ['default/pg'], ...retry }) }),
    });
    const later = { notBefore: new Date(Date.now() + hour).toISOString() };
    const allows = (disruptionsAllowed: number) =>
      hand.ask({
        method: 'PATCH',
        path: `${path}/status`,
        patch: 'merge',
        body: { status: { observedGeneration: 9, disruptionsAllowed } },
      });
    const watching = (): Promise<void> => until('it watches', () => world.api.watchCount() === idle + 1);
    const beginWithBudget = async (): Promise<void> => {
      await begin();
      await hand.addBudget('pg', { matchLabels: { app: 'pg' }, needed: 2 });
      await allows(0);
    };

    it('it is told when the budget that held the drain has room', async () => {
      await beginWithBudget();
      kube.follow([resting(later)]);
      await watching();
      expect(cleared).toEqual([]);
      await allows(1);
      await until('it is told', () => cleared.length > 0);
      expect(cleared).toEqual(['r1']);
    });

    it('it is told when that budget is gone', async () => {
      await beginWithBudget();
      kube.follow([resting(later)]);
      await watching();
      await hand.ask({ method: 'DELETE', path });
      await until('it is told', () => cleared.length > 0);
    });

    it('nothing is told while another of its budgets has none', async () => {
      await beginWithBudget();
      await hand.addBudget('cart', { matchLabels: { app: 'cart' }, needed: 1 });
      kube.follow([resting({ ...later, budgets: ['default/pg', 'default/cart'] })]);
      await until('it watches', () => world.api.watchCount() === idle + 2);
      await allows(1);
      await hand.ask({ method: 'DELETE', path: path.replace('pg', 'cart') });
      await until('it is told', () => cleared.length > 0);
      expect(cleared).toEqual(['r1']);
    });

    it('nothing is watched where the pause is over, or where no budget held it', async () => {
      await beginWithBudget();
      kube.follow([resting({ notBefore: at(-hour) })]);
      kube.follow([resting({ ...later, budgets: [] })]);
      expect(world.api.watchCount()).toBe(idle);
    });
  });

  it('no more watches are open than is sensible, however many are held back', async () => {
    await begin();
    const many = Array.from({ length: mostWatches + 10 }, (_, nth) =>
      held(`r${nth}`, ci, ['pods-in-the-way'], `n${nth}`),
    );
    for (const { node } of many) await hand.addPod(node.name, `on-${node.name}`, { labels: { app: 'ci' } });
    kube.follow(many);
    await until('all that may be are open', () => world.api.watchCount() === idle + mostWatches);
    expect(podWatches()).toBe(mostWatches);
    await kube.stop();
    await until('none is left', () => world.api.watchCount() === 0);
    kube.follow(many);
    expect(world.api.watchCount()).toBe(0);
  });
});
