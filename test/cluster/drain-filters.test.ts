/** Which pods a drain moves, leaves and refuses: the filters of `kubectl drain`, on a real API server. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { aDrainPolicy } from '../fakes/builders.ts';
import { second } from '../../src/reboot/time/time.ts';
import { failureOf, first, openRulesWorld, type RulesWorld } from './drain-world.ts';
import { installation, installChart } from './harness/install-chart.ts';
import { onCluster } from './harness/on-cluster.ts';

const needs = {
  // Neither a garbage collector, which would take pods whose owner is gone, nor anybody else who counts
  // budgets.
  controllers: ['serviceaccount-controller'],
  scheduler: false,
  notOnGiven: 'it wants a cluster without nodes and workload controllers, which only one of our own is',
};

const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy' };

onCluster('the filters of a drain, on a real API server', needs, (cluster) => {
  let world: RulesWorld;
  beforeAll(() => installChart(cluster()));
  beforeEach(async () => {
    world = await openRulesWorld(cluster());
  });
  afterEach(() => world.close());

  const left = async (): Promise<readonly string[]> => (await world.hand.podsOn('n1')).toSorted();
  const gone = (): object => ({ ...daemonSet, uid: randomUUID() });
  const remove = (name: string): Promise<unknown> =>
    world.hand.ask({ method: 'DELETE', path: `/api/v1/namespaces/default/pods/${name}` });

  it('long in deletion: a pod that does not end is waited for, and given up when it is over the limit', async () => {
    await world.hand.addPod('n1', 'web-0');
    world.controllers.stuck.add('default/web-0');
    const waiting = await world.drain({}, undefined, { deadline: world.now() + 3 * second });
    expect(failureOf(waiting).sentence).toContain('default/web-0 (is terminating)');
    expect((await world.drain({ skipPodsDeletingLongerThan: second })).at(-1)).toMatchObject({
      kind: 'drained',
    });
    expect(await left()).toEqual(['web-0']);
  });

  it('DaemonSet: its pods stay, with emptyDir data or without; the pods of a DaemonSet of another group go', async () => {
    await world.hand.addPod('n1', 'proxy-1', { controller: daemonSet });
    await world.hand.addPod('n1', 'proxy-2', { controller: daemonSet, emptyDir: true });
    await world.addPodOf({ ...gone(), apiVersion: 'apps.kruise.io/v1' }, 'kruise-1');
    const events = await world.drain({ deleteEmptyDirData: false });
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(await left()).toEqual(['proxy-1', 'proxy-2']);
  });

  it('orphan of a DaemonSet: refused before anything is disturbed, and evicted where pods without a controller are', async () => {
    await world.addPodOf(gone(), 'lost-1');
    await world.hand.addPod('n1', 'proxy-1', { controller: daemonSet });
    await world.hand.addPod('n1', 'web-0');
    const refused = failureOf(await world.drain());
    expect(refused.code).toBe('drain-refused');
    expect(refused.sentence).toContain('default/lost-1 is of DaemonSet proxy, which is gone');
    expect(await left()).toEqual(['lost-1', 'proxy-1', 'web-0']);
    expect((await world.drain({ podsWithoutController: 'evict' })).at(-1)).toEqual({
      kind: 'drained',
      pods: 2,
    });
    expect(await left()).toEqual(['proxy-1']);
  });

  it('orphan of a DaemonSet: the DaemonSets are listed once, however many pods and drains of theirs there are', async () => {
    await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        world.hand.addPod('n1', `proxy-${index}`, { controller: daemonSet }),
      ),
    );
    await world.hand.addPod('n1', 'web-0');
    await world.drain();
    // The bot watches the DaemonSet of its agents in its own namespace besides.
    const asked = world.door.passed.filter(
      ({ path }) => path.includes('/daemonsets') && !path.includes(`/namespaces/${installation}/`),
    );
    expect(asked).toHaveLength(1);
  });

  it('orphan of a DaemonSet that turns up in mid-drain: the drain stops, and says why', async () => {
    await world.hand.addPod('n1', 'web-0', { labels: { app: 'web' } });
    await world.hand.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
    const events = await world.drain(
      {},
      first(
        (event) => event.kind === 'progress',
        () => world.addPodOf(gone(), 'lost-1'),
      ),
    );
    expect(failureOf(events).sentence).toMatch(/had begun, and stopped at this: default\/lost-1/);
  });

  it('mirror pods stay, without a word of their missing controller and their emptyDir data', async () => {
    await world.hand.addPod('n1', 'static-1', { controller: 'none', mirror: true, emptyDir: true });
    expect(await world.drain({ deleteEmptyDirData: false })).toEqual([{ kind: 'drained', pods: 0 }]);
    expect(await left()).toEqual(['static-1']);
  });

  it('emptyDir: refused, unless the policy gives the data up', async () => {
    await world.hand.addPod('n1', 'cache', { emptyDir: true });
    expect(failureOf(await world.drain({ deleteEmptyDirData: false })).sentence).toContain(
      'default/cache has emptyDir data',
    );
    expect((await world.drain({ deleteEmptyDirData: true })).at(-1)).toEqual({ kind: 'drained', pods: 1 });
  });

  it('no controller: refused, unless the policy gives such pods up', async () => {
    await world.hand.addPod('n1', 'debug', { controller: 'none' });
    expect(failureOf(await world.drain()).sentence).toContain('default/debug has no controller');
    expect((await world.drain({ podsWithoutController: 'evict' })).at(-1)).toEqual({
      kind: 'drained',
      pods: 1,
    });
  });

  it('finished pods go, whatever they are of and whatever they hold', async () => {
    await world.hand.addPod('n1', 'job-1', { controller: 'none', emptyDir: true, phase: 'Succeeded' });
    await world.hand.addPod('n1', 'job-2', { controller: daemonSet, phase: 'Failed' });
    expect((await world.drain({ deleteEmptyDirData: false })).at(-1)).toEqual({ kind: 'drained', pods: 2 });
    expect(await left()).toEqual([]);
  });

  it('in order: a pod that somebody deletes already is waited for, not refused', async () => {
    await world.hand.addPod('n1', 'debug', { controller: 'none', emptyDir: true });
    world.controllers.stuck.add('default/debug');
    await remove('debug');
    const end = first(
      (event) => event.kind === 'progress',
      async () => {
        const body = { gracePeriodSeconds: 0 };
        await world.hand.ask({ method: 'DELETE', path: '/api/v1/namespaces/default/pods/debug', body });
      },
    );
    expect((await world.drain({ deleteEmptyDirData: false }, end)).at(-1)).toEqual({
      kind: 'drained',
      pods: 1,
    });
  });

  it('pod selector: only matching pods are moved, judged and waited for', async () => {
    await world.hand.addPod('n1', 'web-0', { labels: { app: 'web' } });
    await world.hand.addPod('n1', 'debug', { controller: 'none', labels: { app: 'debug' } });
    expect((await world.drain({ podSelector: 'app in (web)' })).at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(await left()).toEqual(['debug']);
  });

  it.each([
    ['the policy’s', { gracePeriodSeconds: 7 }, 7],
    ['the pod’s own', {}, 41],
  ])('grace period: %s', async (_whose, policy, seconds) => {
    await world.hand.addPod('n1', 'web-0', { graceSeconds: 41 });
    world.controllers.stuck.add('default/web-0');
    const path = '/api/v1/namespaces/default/pods/web-0';
    let pod: unknown;
    await world.drain(
      policy,
      first(
        (event) => event.kind === 'progress' && event.progress.leaving.length > 0,
        async (stop) => {
          pod = await world.hand.ask({ method: 'GET', path });
          stop();
        },
      ),
    );
    expect(pod).toMatchObject({ metadata: { deletionGracePeriodSeconds: seconds } });
  });

  it('timeout: names what is left, and what each of it waits for', async () => {
    await world.hand.addPod('n1', 'web-0', { labels: { app: 'web' } });
    await world.hand.addPod('n1', 'slow-0');
    world.controllers.stuck.add('default/slow-0');
    await world.hand.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
    const events = await world.drain({}, undefined, { deadline: world.now() + 2 * second });
    const { code, sentence } = failureOf(events);
    expect(code).toBe('drain-timeout');
    expect(sentence).toContain('default/slow-0 (is terminating)');
    expect(sentence).toMatch(
      /default\/web-0 \(waits for budget default\/web, which never allows it as it is written/,
    );
  });

  it('dry-run: tells what the server itself would answer to each eviction, and changes nothing', async () => {
    const pods = [
      ['web-0', { labels: { app: 'web' } }],
      ['web-1', { labels: { app: 'web' }, ready: false }],
      ['db-0', { labels: { app: 'db' } }],
      ['free-0', {}],
      ['done-0', { labels: { app: 'web' }, ready: false, phase: 'Succeeded' }],
    ] as const;
    for (const [name, wish] of pods) await world.hand.addPod('n1', name, wish);
    await world.hand.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
    await world.hand.addBudget('db', { matchLabels: { app: 'db' }, needed: 0 });
    const answers = async (): Promise<readonly string[]> => {
      const refused: string[] = [];
      for (const [name] of pods) {
        const answer = await cluster().admin.send({
          method: 'POST',
          path: `/api/v1/namespaces/default/pods/${name}/eviction`,
          query: { dryRun: 'All' },
          body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
          tooManyIsAnAnswer: true,
        });
        if (!answer.ok) refused.push(`default/${name}`);
      }
      return refused;
    };
    await expect.poll(answers).toEqual(['default/web-0']);
    const impact = await world.kube.cluster.assess('n1', aDrainPolicy());
    expect(impact.blockedBy.map(({ pod }) => pod)).toEqual(await answers());
    expect(impact).toMatchObject({ podsToMove: 5, podsStaying: 0, refusals: [] });
    expect(await left()).toHaveLength(5);
    expect(world.evictions()).toEqual([]);
  });
});
