/**
 * Every blocker whose end causes an event leads to the start by that event alone: there is no resync here,
 * and no timed wake-up.
 */
import { noMeter } from '../src/reboot/ports/meter.ts';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kube } from '../src/k8s/kube.ts';
import type { GatesPolicy } from '../src/reboot/policy/pool-gates.ts';
import type { Policy, PoolPolicy } from '../src/reboot/policy/policy.ts';
import type { Queue } from '../src/reboot/ports/queue.ts';
import { hour } from '../src/reboot/time/time.ts';
import { schedule } from '../src/reboot/service/schedule.ts';
import { createService, type RebootService } from '../src/reboot/service/service.ts';
import { wakeUps, type WakeUps } from '../src/lifecycle/wake-ups.ts';
import { aPerson, aPolicy, aPool, aReboot } from './fakes/builders.ts';
import { fakeSilences } from './fakes/ports/fake-silences.ts';
import { silentLogger } from './fakes/silent-logger.ts';
import { type ApiWorld, realSleep, startApiWorld, systemClock } from './k8s/world/api.ts';
import { type Hand, handOf } from './k8s/world/hand.ts';
import { until } from './k8s/world/until.ts';

describe('without a scan, and without a wake-up that has a time', () => {
  let world: ApiWorld;
  let hand: Hand;
  let kube: Kube;
  let service: RebootService;
  let wakes: WakeUps;
  let policy: Policy;
  let over: AbortController;
  let trouble: unknown[];
  /** What is still to be done, or about to be. */
  let unrest: number;

  /** Does what is to be done now, one after the other; what is to be done later is never done. */
  function promptQueue(): Queue {
    const waiting = new Set<string>();
    let done = Promise.resolve();
    const put = async (name: string, work: () => Promise<void>): Promise<void> => {
      if (waiting.has(name)) return;
      waiting.add(name);
      unrest += 1;
      done = done
        .then(() => {
          waiting.delete(name);
          return over.signal.aborted ? undefined : work();
        })
        .catch((error: unknown) => void trouble.push(error))
        .finally(() => (unrest -= 1));
    };
    const queue: Queue = {
      reconcileNode: (node) => put(`look ${node}`, async () => void (await service.reconcileNode(node))),
      reconcile: async (name, at) => {
        const now = async (): Promise<void> => schedule(queue, name, await service.reconcile(name));
        if (at === undefined || at <= Date.now()) await put(`advance ${name}`, now);
      },
      plan: async (at) => {
        if (at === undefined || at <= Date.now()) await put('plan', async () => void (await service.plan()));
      },
      start: (name) => put(`start ${name}`, async () => schedule(queue, name, await service.start(name))),
      drain: async () => undefined,
      render: async () => undefined,
      updateDigest: async () => undefined,
      spread: async () => undefined,
    };
    return queue;
  }

  beforeEach(async () => {
    world = await startApiWorld();
    hand = handOf(world.admin);
    kube = world.connect();
    over = new AbortController();
    trouble = [];
    unrest = 0;
    const queue = promptQueue();
    service = createService({
      cluster: kube.cluster,
      store: kube.store,
      ledger: kube.ledger,
      pauses: kube.pauses,
      digests: kube.digests,
      gatekeeper: kube.gatekeeper,
      // Only stored state is checked here: no extra requests are made.
      preview: { ask: async () => [] },
      hooks: { ask: async () => ({ kind: 'done' }) },
      silences: fakeSilences(() => 0),
      chat: {
        show: async () => undefined,
        showDigest: async () => undefined,
        hasNotice: async () => false,
        notify: async () => undefined,
        report: async () => undefined,
        reportConfig: async () => undefined,
        reportNotApplied: async () => undefined,
      },
      queue,
      clock: systemClock,
      logger: silentLogger,
      meter: noMeter,
      policy: () => policy,
      refusedConfig: () => undefined,
      hash: (text) => createHash('sha256').update(text).digest('hex'),
      chatAwaySince: () => undefined,
      own: () => ({ pods: [], nodes: [] }),
    });
    const look = (node: string): Promise<void> => queue.reconcileNode(node);
    wakes = wakeUps(
      {
        service,
        reconcileNode: look,
        follow: (held) => kube.follow(held),
        clock: systemClock,
        sleep,
        logger: silentLogger,
      },
      over.signal,
    );
  });
  afterEach(async () => {
    over.abort();
    await world.close();
  });

  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    unrest += 1;
    await realSleep(ms, signal).finally(() => (unrest -= 1));
  }
  const begin = (pool: Partial<PoolPolicy> = {}): Promise<void> => {
    policy = aPolicy({ concurrency: 10, pools: [aPool(pool)] });
    return kube.start(wakes.onChange, over.signal);
  };
  const gates = (wanted: Partial<GatesPolicy>): Partial<PoolPolicy> => ({
    gates: { ...aPool().gates, ...wanted },
  });
  /** A node whose reboot somebody has approved. */
  async function approved(node: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const target = await hand.addNode(node, labels);
    const name = `${node}-r`;
    const facts = { ...aReboot().facts, controlPlane: Object.keys(labels).length > 0 };
    await until('the node is known', () => kube.cluster.nodes().some((each) => each.name === node));
    const created = await kube.store.create(aReboot({ name, node: { name: node, uid: target.uid }, facts }));
    if (created === 'exists') throw new Error('it exists');
    await until('the Reboot is known', () => kube.store.all().some((each) => each.name === name));
    const { digest } = created.need;
    for (const id of ['U0MIA', 'U0LEE'])
      await service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson({ id, name: id }));
  }
  const blockers = async (node: string): Promise<readonly string[]> => {
    const answer = await service.why(node);
    return answer.ok ? answer.why.blockers.map(({ code }) => code) : [];
  };
  /** And nothing that happened before may start it any more. */
  const heldBy = async (node: string, code: string): Promise<void> => {
    await until(`${node} is held back by ${code}`, async () => (await blockers(node)).includes(code));
    await until('all is quiet', () => unrest === 0);
    expect(await blockers(node)).toContain(code);
  };
  const starts = async (node: string): Promise<void> => {
    const isOut = (): boolean =>
      kube.cluster.nodes().some((each) => each.name === node && each.unschedulable);
    await until(`${node} is cordoned`, isOut);
    expect(trouble).toEqual([]);
  };
  const remove = (pod: string): Promise<unknown> =>
    hand.ask({
      method: 'DELETE',
      path: `/api/v1/namespaces/default/pods/${pod}`,
      body: { gracePeriodSeconds: 0 },
    });

  it('a pod that was in the way and is gone lets the node start', async () => {
    await begin(gates({ blockingPods: ['app=ci'] }));
    await hand.addPod('w1', 'build', { labels: { app: 'ci' } });
    await approved('w1');
    await heldBy('w1', 'pods-in-the-way');
    await remove('build');
    await starts('w1');
  });

  it('pods that have become ready let the node start', async () => {
    await begin(gates({ healthyPods: [{ selector: 'app=pg', mostNotReady: 0 }] }));
    await hand.addPod('w2', 'pg-0', { labels: { app: 'pg' }, ready: false });
    await approved('w1');
    await heldBy('w1', 'pods-unhealthy');
    await hand.setPodReady('default', 'pg-0', true);
    await starts('w1');
  });

  it('a gate that gives way to another is asked about once more, and the other is watched then', async () => {
    await begin(gates({ blockingPods: ['app=ci'], healthyPods: [{ selector: 'app=pg', mostNotReady: 0 }] }));
    await hand.addPod('w1', 'build', { labels: { app: 'ci' } });
    await approved('w1');
    await heldBy('w1', 'pods-in-the-way');
    await hand.addPod('w2', 'pg-0', { labels: { app: 'pg' }, ready: false });
    await remove('build');
    await heldBy('w1', 'pods-unhealthy');
    await hand.setPodReady('default', 'pg-0', true);
    await starts('w1');
  });

  it('a control-plane node that is Ready again lets the other one start', async () => {
    const labels = { 'node-role.kubernetes.io/control-plane': '' };
    await begin({ maxUnavailable: { count: 2 } });
    await hand.addNode('cp-2', labels);
    await hand.setReady('cp-2', false);
    await approved('cp-1', labels);
    await heldBy('cp-1', 'control-plane-unhealthy');
    await hand.setReady('cp-2', true);
    await starts('cp-1');
  });

  it('a node that somebody has uncordoned leaves room for the next one', async () => {
    await begin();
    await hand.addNode('w2');
    await hand.cordonAsOther('w2');
    await approved('w1');
    await heldBy('w1', 'too-many-out');
    await hand.uncordonAsOther('w2');
    await starts('w1');
  });

  it('a node that was not Ready and is gone for good leaves room for the next one', async () => {
    await begin();
    await hand.addNode('w2');
    await hand.setReady('w2', false);
    await approved('w1');
    await heldBy('w1', 'too-many-out');
    await hand.removeNode('w2');
    await starts('w1');
  });

  it('a pause that is lifted lets the node start', async () => {
    await begin();
    await kube.pauses.put({ scope: { kind: 'cluster' } });
    await until('the pause is known', () => kube.pauses.all().length === 1);
    await approved('w1');
    await heldBy('w1', 'paused');
    await kube.pauses.lift({ kind: 'cluster' });
    await starts('w1');
  });

  it('a gate that is taken out of the configuration lets the node start, however lately it was asked', async () => {
    await begin(gates({ blockingPods: ['app=ci'] }));
    await hand.addPod('w1', 'build', { labels: { app: 'ci' } });
    await approved('w1');
    await heldBy('w1', 'pods-in-the-way');
    policy = aPolicy();
    wakes.policyChanged();
    await starts('w1');
  });

  it('Jobs that have finished let the node start', async () => {
    await begin(gates({ waitForJobs: hour }));
    const ownerReferences = [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: 'u', controller: true },
    ];
    await hand.ask({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'nightly-x', ownerReferences },
        spec: { nodeName: 'w1', containers: [{ name: 'main', image: 'main' }] },
      },
    });
    await approved('w1');
    await heldBy('w1', 'jobs-running');
    await remove('nightly-x');
    await starts('w1');
  });

  it('of all that one pod held back, no more are started than may be, and no more are asked about than need be', async () => {
    const lists = (): number =>
      world.api
        .requests()
        .filter(
          ({ user, verb, path, query }) =>
            user === 'bot' && verb === 'list' && path === '/api/v1/pods' && query.includes('labelSelector'),
        ).length;
    await begin(gates({ healthyPods: [{ selector: 'app=pg', mostNotReady: 0 }] }));
    await hand.addPod('w9', 'pg-0', { labels: { app: 'pg' }, ready: false });
    for (const node of ['w1', 'w2', 'w3', 'w4']) await approved(node);
    for (const node of ['w1', 'w2', 'w3', 'w4']) await heldBy(node, 'pods-unhealthy');
    const before = lists();
    await hand.setPodReady('default', 'pg-0', true);
    const out = (): number => kube.cluster.nodes().filter(({ unschedulable }) => unschedulable).length;
    await until('one is cordoned', () => out() > 0);
    await until('nobody is held back by pods any more', async () => {
      const codes = await Promise.all(['w1', 'w2', 'w3', 'w4'].map((node) => blockers(node)));
      return !codes.flat().includes('pods-unhealthy');
    });
    expect(out()).toBe(1);
    expect(lists() - before).toBe(1);
  });

  it('a report that flaps costs a bounded number of requests, and the last one counts', async () => {
    const writes = 300;
    const byBot = (): number => world.api.requests().filter(({ user }) => user === 'bot').length;
    await begin({ unknownFor: hour });
    await hand.addNode('w1');
    await until('the agent object is there', () => kube.cluster.agent('w1') !== undefined);
    const says = (required: boolean): Promise<unknown> =>
      hand.ask({
        method: 'PATCH',
        path: `/apis/tugboot.dev/v1alpha1/nodeagents/w1/status`,
        patch: 'merge',
        body: {
          status: {
            required: 'no',
            packages: [],
            packagesLeftOut: 0,
            kernel: { running: '6.8.0-45-generic' },
            bootId: 'boot-1',
            agent: '0.1.0',
            reason: required ? 'yes' : 'no',
            signals: [{ name: 'flap', required: required ? 'unknown' : 'no' }],
          },
        },
      });
    policy = aPolicy({ pools: [aPool({ signals: [{ kind: 'reported', name: 'flap' }] })] });
    await says(false);
    const mirrored = (): unknown => kube.cluster.nodes().find(({ name }) => name === 'w1')?.rebootRequired;
    await until('the first report is mirrored', () => mirrored() === 'False');
    const before = byBot();
    for (let write = 1; write <= writes; write += 1) await says(write % 2 === 1);
    await says(true);
    await until('the last report is mirrored', () => mirrored() === 'Unknown' && unrest === 0);
    const asked = byBot() - before;
    // Twenty reconciles in a row, then delays that double: a read and a write for each, and some requests
    // that renew a watch.
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(80);
  });
});
