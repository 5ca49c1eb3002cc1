import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../src/k8s/api/client.ts';
import type { DrainPolicy } from '../../src/reboot/policy/policy.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import type { DrainEvent, DrainRequest } from '../../src/reboot/ports/cluster/drains.ts';
import { cannotEnd } from '../../src/reboot/state/drain-facts.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import { listAt, numberAt, textAt } from '../../src/k8s/api/json-value.ts';
import type { HeldTime } from '../k8s/world/held-time.ts';
import { until } from '../k8s/world/until.ts';
import type { ClusterWorld } from './cluster/cluster-bench.ts';
import { volumeHand, type VolumeHand } from './volume-hand.ts';

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly controller?:
    | { readonly apiVersion: string; readonly kind: string; readonly name: string }
    | 'none';
  readonly emptyDir?: boolean;
  readonly claim?: string;
  readonly mirror?: boolean;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly tolerations?: readonly object[];
  /** Created with its node's name; others are bound to it, as by a scheduler. */
  readonly named?: boolean;
}

/** A cluster whose pods run, and terminate when they are deleted; the status of budgets is computed. */
export interface DrainWorld extends ClusterWorld {
  now(): number;
  /** Control of the clock under test, which `now` reads. */
  readonly time: Pick<HeldTime, 'skip' | 'holdSleeps'>;
  /** Holds back the watches of pods by node; the returned function delivers all their events. */
  holdPodWatch(): () => void;
  /** Running and ready, of a ReplicaSet, by default; returns its UID. */
  addPod(node: string, name: string, wish?: PodOptions): Promise<string>;
  setPodReady(namespace: string, name: string, ready: boolean): Promise<void>;
  /** In namespace default. Resolves when its status has been computed. */
  addBudget(
    name: string,
    wish: { readonly matchLabels: Readonly<Record<string, string>>; readonly needed: number },
  ): Promise<void>;
  setNeeded(budget: string, needed: number): Promise<void>;
  /** Pods by `namespace/name` that do not terminate when they are deleted. */
  readonly stuck: Set<string>;
  podsOn(node: string): Promise<readonly string[]>;
  /** As an administrator; throws if the request fails. */
  ask(request: KubeRequest): Promise<unknown>;
}

const owner = 'n1-4f1c9a';
const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy' };

type Failed = Extract<DrainEvent, { kind: 'failed' }>;

export function drainContract(name: string, make: () => Promise<DrainWorld>): void {
  describe(`Drain contract: ${name}`, () => {
    let world: DrainWorld;
    let n1: BootTarget;
    let volumes: VolumeHand;
    beforeEach(async () => {
      world = await make();
      volumes = volumeHand((wanted) => world.ask(wanted));
      n1 = await world.addNode('n1');
      await world.addNode('n2');
      await world.cluster.cordon(n1, owner);
    });
    afterEach(async () => {
      await volumes.clear();
      await world.close();
    });

    const request = (
      overrides: Partial<DrainRequest> = {},
      policy: Partial<DrainPolicy> = {},
    ): DrainRequest => ({
      target: n1,
      policy: aDrainPolicy(policy),
      startedAt: world.now(),
      deadline: world.now() + 10 * minute,
      last: [],
      force: false,
      ...overrides,
    });

    /** Runs a drain to its end, and calls `on` for each event. */
    async function drain(
      wanted: DrainRequest,
      on?: (event: DrainEvent, stop: () => void) => unknown,
    ): Promise<DrainEvent[]> {
      const over = new AbortController();
      const events: DrainEvent[] = [];
      for await (const event of world.cluster.drain(wanted, over.signal)) {
        events.push(event);
        await on?.(event, () => over.abort());
      }
      return events;
    }
    const failureOf = (events: readonly DrainEvent[]): Failed => {
      const last = events.at(-1);
      if (last?.kind !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(last)}`);
      return last;
    };
    /** Calls `act` once, at the first progress in which a pod waits for a budget. */
    const whenWaiting = (act: (stop: () => void) => unknown) => {
      let done = false;
      return async (event: DrainEvent, stop: () => void): Promise<void> => {
        if (done || event.kind !== 'progress' || event.progress.waiting.length === 0) return;
        done = true;
        await act(stop);
      };
    };
    const timeIsOver = (): void => world.time.skip(11 * minute);
    const web = (count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          world.addPod('n1', `web-${index}`, { labels: { app: 'web' } }),
        ),
      );

    it('evicts everything that can run elsewhere, and proves that nothing is left', async () => {
      await web(5);
      const events = await drain(request());
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 5 });
      expect(await world.podsOn('n1')).toEqual([]);
    });

    it('says drained at once on an empty node', async () => {
      expect(await drain(request())).toEqual([{ kind: 'drained', pods: 0 }]);
    });

    it('touches no other node', async () => {
      await world.addPod('n2', 'elsewhere');
      await web(1);
      await drain(request());
      expect(await world.podsOn('n2')).toEqual(['elsewhere']);
    });

    it('leaves DaemonSet pods and mirror pods where they are', async () => {
      await world.addPod('n1', 'proxy-1', { controller: daemonSet });
      await world.addPod('n1', 'static-1', { controller: 'none', mirror: true });
      await web(1);
      expect((await drain(request())).at(-1)).toEqual({ kind: 'drained', pods: 1 });
      expect((await world.podsOn('n1')).toSorted()).toEqual(['proxy-1', 'static-1']);
    });

    it('drains only the pods of the selector', async () => {
      await web(1);
      await world.addPod('n1', 'db-0', { labels: { app: 'db' } });
      await drain(request({}, { podSelector: 'app=web' }));
      expect(await world.podsOn('n1')).toEqual(['db-0']);
    });

    it('refuses before it disturbs anything when a pod has no controller, and names the pod', async () => {
      await web(2);
      await world.addPod('n1', 'debug', { controller: 'none' });
      const failure = failureOf(await drain(request()));
      expect(failure.code).toBe('drain-refused');
      expect(failure.sentence).toContain('default/debug');
      expect(await world.podsOn('n1')).toHaveLength(3);
    });

    it('refuses emptyDir data unless the policy gives it up', async () => {
      await world.addPod('n1', 'cache', { emptyDir: true });
      expect(failureOf(await drain(request({}, { deleteEmptyDirData: false }))).code).toBe('drain-refused');
      expect((await drain(request({}, { deleteEmptyDirData: true }))).at(-1)).toEqual({
        kind: 'drained',
        pods: 1,
      });
    });

    it('evicts a pod without a controller when the policy says so', async () => {
      await world.addPod('n1', 'debug', { controller: 'none' });
      expect((await drain(request({}, { podsWithoutController: 'evict' }))).at(-1)).toEqual({
        kind: 'drained',
        pods: 1,
      });
    });

    it('waits for a budget, names it with its counts, and goes on as soon as it has room', async () => {
      await web(2);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const events = await drain(
        request(),
        whenWaiting(() => world.setNeeded('web', 0)),
      );
      const waiting = events.flatMap((event) => (event.kind === 'progress' ? event.progress.waiting : []));
      expect(waiting[0]).toMatchObject({ budget: 'default/web', needed: 2, healthy: 2 });
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
    });

    it('never takes more than the budget allows', async () => {
      await web(2);
      await world.addPod('n2', 'web-far', { labels: { app: 'web' } });
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      let leastLeft = Number.POSITIVE_INFINITY;
      await drain(
        request(),
        whenWaiting(async () => {
          leastLeft = (await world.podsOn('n1')).length;
          await world.setNeeded('web', 0);
        }),
      );
      expect(leastLeft).toBe(1);
    });

    it('fails at the deadline, and says what is left and what it waits for', async () => {
      await web(2);
      await world.addPod('n2', 'web-far', { labels: { app: 'web' }, ready: false });
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const events = await drain(
        request(),
        whenWaiting(() => timeIsOver()),
      );
      const failure = failureOf(events);
      expect(failure.code).toBe('drain-timeout');
      expect(failure.sentence).toMatch(/default\/web-[01].*budget default\/web.*needs 2 healthy and has 2/);
      expect(await world.podsOn('n1')).toHaveLength(2);
    });

    it('says of a budget that it never allows anything, as it is written, and what would change that', async () => {
      await web(2);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const impact = await world.cluster.assess('n1', aDrainPolicy());
      expect(impact.blockedBy).toMatchObject([{ kind: 'never', written: 'minAvailable: 2', expected: 2 }]);
      const events = await drain(
        request(),
        whenWaiting(() => timeIsOver()),
      );
      expect(failureOf(events).sentence).toMatch(
        /never allows it as it is written \(minAvailable: 2, of 2 pods\).* A lower minAvailable in budget default\/web, or more pods, would allow it\.$/,
      );
      const told = events.findLast((event) => event.kind === 'progress');
      expect(told?.kind === 'progress' && cannotEnd(told.progress)).toBe(true);
    });

    it('goes on by force at the deadline when the policy says so', async () => {
      await web(2);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const events = await drain(
        request({}, { onTimeout: 'force' }),
        whenWaiting(() => timeIsOver()),
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
    });

    it('asks no budget when a person has forced it', async () => {
      await web(2);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      expect((await drain(request({ force: true }))).at(-1)).toEqual({ kind: 'drained', pods: 2 });
    });

    it('ends without a word when aborted, and another drain takes up where it stopped', async () => {
      await web(2);
      await world.addPod('n2', 'web-far', { labels: { app: 'web' } });
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const events = await drain(
        request(),
        whenWaiting((stop) => stop()),
      );
      expect(events.every((event) => event.kind === 'progress')).toBe(true);
      await world.setNeeded('web', 0);
      expect((await drain(request())).at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('stops when somebody uncordons the node', async () => {
      await web(1);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      const failure = failureOf(
        await drain(
          request(),
          whenWaiting(() => world.uncordonAsOther('n1')),
        ),
      );
      expect(failure.code).toBe('uncordoned-by-other');
      expect(await world.podsOn('n1')).toEqual(['web-0']);
    });

    it('is superseded when the node boots, or goes', async () => {
      await web(1);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      const booted = await drain(
        request(),
        whenWaiting(() => world.setBoot('n1', 'boot-2')),
      );
      expect(booted.at(-1)).toEqual({ kind: 'superseded' });
      expect(await drain(request())).toEqual([{ kind: 'superseded' }]);
      await world.removeNode('n1');
      expect(await drain(request())).toEqual([{ kind: 'superseded' }]);
    });

    it('leaves its own pods until everything else is gone', async () => {
      await web(2);
      await world.addPod('n1', 'tugboot-0', { labels: { app: 'tugboot' } });
      world.stuck.add('default/web-0');
      const last = ['default/tugboot-0'];
      const events = await drain(request({ last }), (event) => {
        if (event.kind === 'progress' && event.progress.gone === 1) timeIsOver();
      });
      const left = failureOf(events);
      expect(left.sentence).toMatch(/default\/web-0 \(is terminating\)/);
      expect((await world.podsOn('n1')).toSorted()).toEqual(['tugboot-0', 'web-0']);
    });

    it('drains pods that arrive while it runs', async () => {
      await web(1);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      const events = await drain(
        request(),
        whenWaiting(async () => {
          await world.addPod('n1', 'late');
          await world.setNeeded('web', 0);
        }),
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
    });

    const evictedBy = (events: readonly DrainEvent[]): number => {
      const last = events.at(-1);
      if (last?.kind !== 'drained') throw new Error(`expected a drained node, got ${JSON.stringify(last)}`);
      return last.pods;
    };
    const keptIn = (events: readonly DrainEvent[]) =>
      events.findLast((event) => event.kind === 'progress')?.progress.kept ?? [];

    const back = { key: 'node.kubernetes.io/unschedulable' };
    const agent = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'agent' };
    it.each<[string, string, PodOptions, 'tolerates' | 'named']>([
      ['every taint', 'agent', { tolerations: [{ operator: 'Exists' }] }, 'tolerates'],
      ['this taint', 'agent', { tolerations: [{ ...back, operator: 'Exists' }] }, 'tolerates'],
      [
        'this taint for NoSchedule',
        'agent',
        { tolerations: [{ ...back, effect: 'NoSchedule' }] },
        'tolerates',
      ],
      ['every taint, of a StatefulSet', 'agent-0', { tolerations: [{ operator: 'Exists' }] }, 'tolerates'],
      ['no taint, bound by its name', 'agent', { named: true }, 'named'],
    ])('evicts a pod once that tolerates %s, and leaves its successor', async (_what, pod, wish, why) => {
      await web(1);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      await world.addPod('n1', pod, { ...wish, controller: agent });
      const path = `/api/v1/namespaces/default/pods/${pod}`;
      let came = false;
      const events = await drain(request(), async (event) => {
        if (came || event.kind !== 'progress' || event.progress.gone !== 1) return;
        came = true;
        await world.ask({ method: 'DELETE', path }).catch(() => undefined);
        await world.addPod('n1', pod, { ...wish, controller: agent });
        await world.setNeeded('web', 0);
      });
      expect(came).toBe(true);
      expect(evictedBy(events)).toBe(2);
      expect(await world.podsOn('n1')).toEqual([pod]);
      expect(keptIn(events)).toMatchObject([{ pod: `default/${pod}`, why, of: 'ReplicaSet default/agent' }]);
    });

    it('evicts a pod that heeds the cordon however late it comes, also beside one that does not', async () => {
      await web(1);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      const other = { tolerations: [{ ...back, operator: 'Exists', effect: 'NoExecute' }] };
      const events = await drain(
        request(),
        whenWaiting(async () => {
          await world.addPod('n1', 'late', other);
          await world.addPod('n1', 'agent', { tolerations: [{ operator: 'Exists' }] });
          await world.setNeeded('web', 0);
        }),
      );
      expect(evictedBy(events)).toBe(2);
      expect(await world.podsOn('n1')).toEqual(['agent']);
    });

    it('leaves the pods of a controller that makes new ones here again and again, whatever brings them', async () => {
      await web(1);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      await world.addPod('n1', 'agent-0', { controller: agent });
      let made = 1;
      const events = await drain(request(), async (event) => {
        if (event.kind !== 'progress') return;
        if (event.progress.kept?.length === 1) await world.setNeeded('web', 0);
        if (event.progress.kept !== undefined || event.progress.gone < made || made > 20) return;
        await world.addPod('n1', `agent-${made}`, { controller: agent });
        made += 1;
      });
      expect(made).toBe(4);
      expect(evictedBy(events)).toBe(4);
      expect(keptIn(events)).toMatchObject([{ pod: 'default/agent-3', why: 'again' }]);
      expect(await world.podsOn('n1')).toEqual(['agent-3']);
    });

    it('says while it waits that the node is not Ready', async () => {
      await web(1);
      world.stuck.add('default/web-0');
      await world.setReady('n1', false);
      const events = await drain(request(), (event) => {
        if (event.kind === 'progress' && event.progress.leaving.length === 1) timeIsOver();
      });
      const told = events.findLast((event) => event.kind === 'progress');
      expect(told).toMatchObject({
        progress: { trouble: ['n1 is not Ready: its pods are not seen to end until it is back.'] },
      });
      world.stuck.clear();
    });

    it('evicts a pod that is not ready although its budget has no room', async () => {
      await world.addPod('n1', 'web-0', { labels: { app: 'web' }, ready: false });
      await world.addPod('n2', 'web-1', { labels: { app: 'web' } });
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      expect((await drain(request())).at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('drains two replicas on one node one by one, each as soon as the budget allows it', async () => {
      await web(2);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      const staying = async (): Promise<readonly string[]> => {
        const query = { fieldSelector: 'spec.nodeName=n1' };
        const list = await world.ask({ method: 'GET', path: '/api/v1/pods', query });
        const kept = listAt(list, 'items').filter(
          (pod) => textAt(pod, 'metadata', 'deletionTimestamp') === undefined,
        );
        return kept.map((pod) => textAt(pod, 'metadata', 'name') ?? '');
      };
      const isCounted = async (): Promise<boolean> => {
        const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/web';
        const budget = await world.ask({ method: 'GET', path });
        const [expected, healthy] = [
          numberAt(budget, 'status', 'expectedPods'),
          numberAt(budget, 'status', 'currentHealthy'),
        ];
        return expected === 2 && healthy === 1;
      };
      const events = await drain(
        request(),
        whenWaiting(async () => {
          // Without any pause, kubectl's fixed one included: only a change of the budget can wake the drain.
          world.time.holdSleeps();
          await world.addPod('n2', 'web-far', { labels: { app: 'web' }, ready: false });
          const isSettled = async (): Promise<boolean> =>
            (await world.podsOn('n1')).length === 1 && (await isCounted());
          await until('one has gone, and the budget knows of its replacement', isSettled);
          expect(await staying()).toHaveLength(1);
          await world.setPodReady('default', 'web-far', true);
        }),
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
      expect(await world.podsOn('n2')).toEqual(['web-far']);
    });

    it('tells how many of how many are gone, and which are leaving', async () => {
      await web(3);
      world.stuck.add('default/web-1');
      let freed = false;
      const events = await drain(request(), async (event) => {
        if (freed || event.kind !== 'progress' || event.progress.gone < 2) return;
        freed = true;
        world.stuck.clear();
        const body = { gracePeriodSeconds: 0 };
        await world.ask({ method: 'DELETE', path: '/api/v1/namespaces/default/pods/web-1', body });
      });
      const told = events.flatMap((event) => (event.kind === 'progress' ? [event.progress] : []));
      expect(told.find(({ gone }) => gone === 2)).toMatchObject({ total: 3, leaving: ['default/web-1'] });
      expect(told.at(-1)).toMatchObject({ total: 3, gone: 3, leaving: [], waiting: [] });
      const counts = told.map(({ gone }) => gone);
      expect(counts).toEqual(counts.toSorted((one, two) => one - two));
    });

    it('never touches the pod that took over the name on another node, even where the drain has not heard of it', async () => {
      const db = { labels: { app: 'db' } };
      const path = '/api/v1/namespaces/default/pods/db-0';
      await world.addPod('n1', 'db-0', db);
      await world.addBudget('db', { matchLabels: db.labels, needed: 1 });
      let tell: (() => void) | undefined;
      const reborn = whenWaiting(async () => {
        tell = world.holdPodWatch();
        await world.ask({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } });
        await world.addPod('n2', 'db-0', db);
        await world.setNeeded('db', 0);
      });
      const events = await drain(request(), async (event) => {
        // Its eviction by the old UID has been requested again, and refused.
        if (tell && event.kind === 'progress' && event.progress.waiting.length === 0) tell();
        await reborn(event, () => undefined);
      });
      expect(tell).toBeDefined();
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
      const pod = await world.ask({ method: 'GET', path });
      expect(pod).toMatchObject({ spec: { nodeName: 'n2' } });
      expect(pod).not.toHaveProperty('metadata.deletionTimestamp');
    });

    const naming = (volume: string) => (event: DrainEvent) =>
      event.kind === 'progress' && event.progress.trouble.some((sentence) => sentence.includes(volume));

    it('waits for the volumes of pods that have gone, names them, and goes on as soon as they are detached', async () => {
      await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
      await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
      let detached = false;
      const events = await drain(request(), async (event) => {
        if (detached || !naming('pv-db')(event)) return;
        expect(await world.podsOn('n1')).toEqual([]);
        detached = true;
        await volumes.detach('n1', 'pv-db');
      });
      expect(events.find(naming('pv-db'))).toMatchObject({
        progress: {
          gone: 1,
          trouble: ['Volume pv-db of default/data-db-0 is still attached to the node.'],
        },
      });
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('waits for no volume of a pod that stays, of another node, or that several nodes may have at once', async () => {
      await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
      await world.addPod('n1', 'proxy-1', { controller: daemonSet, claim: 'cache' });
      await volumes.attach('n1', { volume: 'pv-cache', claim: 'default/cache' });
      await volumes.attach('n1', { volume: 'pv-shared', claim: 'default/data-db-0', mode: 'ReadWriteMany' });
      await volumes.attach('n2', { volume: 'pv-far', claim: 'default/far' });
      const events = await drain(request());
      expect(events.filter((event) => naming('pv-')(event))).toEqual([]);
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('goes on when a volume stays attached for longer than the limit, and says so; with no limit to wait it does not ask', async () => {
      await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
      await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
      let isOver = false;
      const events = await drain(request({}, { volumeDetachTimeout: minute }), (event) => {
        if (isOver || !naming('pv-db')(event)) return;
        isOver = true;
        world.time.skip(minute);
      });
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
      expect(events.at(-2)).toMatchObject({
        progress: {
          trouble: [
            'Volume pv-db of default/data-db-0 is still attached to the node, and is no longer waited for.',
          ],
        },
      });
      await world.addPod('n1', 'db-1', { claim: 'data-db-1' });
      const hasty = await drain(request({}, { volumeDetachTimeout: 0 }));
      expect(hasty.some((event) => naming('pv-db')(event))).toBe(false);
    });

    it('waits for volumes no longer than the drain may take, and does not fail for them', async () => {
      await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
      await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
      let isOver = false;
      const events = await drain(request({}, { volumeDetachTimeout: 60 * minute }), (event) => {
        if (isOver || !naming('pv-db')(event)) return;
        isOver = true;
        timeIsOver();
      });
      expect(isOver).toBe(true);
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('tells in a dry-run what the drain would meet, and changes nothing', async () => {
      await web(2);
      await world.addPod('n1', 'proxy-1', { controller: daemonSet });
      await world.addPod('n1', 'debug', { controller: 'none' });
      await world.addPod('n1', 'cache', { emptyDir: true });
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const impact = await world.cluster.assess('n1', aDrainPolicy());
      expect(impact).toMatchObject({
        podsToMove: 3,
        podsStaying: 1,
        blockedBy: [{ budget: 'default/web', needed: 2, healthy: 2, allowed: 0 }],
        lost: ['default/debug'],
        emptyDir: ['default/cache'],
      });
      expect(impact.refusals.join(' ')).toContain('default/debug');
      expect(await world.podsOn('n1')).toHaveLength(5);
    });
  });
}
