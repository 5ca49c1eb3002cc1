import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrainPolicy } from '../../src/reboot/policy.ts';
import type { BootTarget, DrainEvent, DrainRequest } from '../../src/reboot/ports.ts';
import { minute } from '../../src/reboot/time.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import type { ClusterWorld } from './cluster-contract.ts';

export interface PodWish {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly controller?:
    | { readonly apiVersion: string; readonly kind: string; readonly name: string }
    | 'none';
  readonly emptyDir?: boolean;
  readonly mirror?: boolean;
  readonly ready?: boolean;
  readonly phase?: string;
}

/** A cluster with pods that run, and end when they are told to; and with budgets that are counted. */
export interface DrainWorld extends ClusterWorld {
  now(): number;
  /** Running and ready, of a ReplicaSet, unless wished otherwise; returns its UID. */
  addPod(node: string, name: string, wish?: PodWish): Promise<string>;
  setPodReady(namespace: string, name: string, ready: boolean): Promise<void>;
  /** In namespace default. Resolves when it has been counted. */
  addBudget(
    name: string,
    wish: { readonly matchLabels: Readonly<Record<string, string>>; readonly needed: number },
  ): Promise<void>;
  setNeeded(budget: string, needed: number): Promise<void>;
  /** Pods by `namespace/name` that do not end when they are told to. */
  readonly stuck: Set<string>;
  podsOn(node: string): Promise<readonly string[]>;
}

const owner = 'n1-4f1c9a';
const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy' };

type Failed = Extract<DrainEvent, { kind: 'failed' }>;

export function drainContract(name: string, make: () => Promise<DrainWorld>): void {
  describe(`Drain contract: ${name}`, () => {
    let world: DrainWorld;
    let n1: BootTarget;
    beforeEach(async () => {
      world = await make();
      n1 = await world.addNode('n1');
      await world.addNode('n2');
      await world.cluster.cordon(n1, owner);
    });
    afterEach(() => world.close());

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

    /** Runs a drain to its end, telling `on` of each event. */
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
    /** Calls `act` once, at the first progress that shows a pod waiting for a budget. */
    const whenWaiting = (act: (stop: () => void) => unknown) => {
      let done = false;
      return async (event: DrainEvent, stop: () => void): Promise<void> => {
        if (done || event.kind !== 'progress' || event.progress.waiting.length === 0) return;
        done = true;
        await act(stop);
      };
    };
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
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const failure = failureOf(await drain(request({ deadline: world.now() + 400 })));
      expect(failure.code).toBe('drain-timeout');
      expect(failure.sentence).toMatch(/default\/web-[01].*budget default\/web.*needs 2 healthy and has 2/);
      expect(await world.podsOn('n1')).toHaveLength(2);
    });

    it('goes on by force at the deadline when the policy says so', async () => {
      await web(2);
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
      const events = await drain(request({ deadline: world.now() + 300 }, { onTimeout: 'force' }));
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
      const left = failureOf(await drain(request({ last, deadline: world.now() + 400 })));
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

    it('evicts a pod that is not ready although its budget has no room', async () => {
      await world.addPod('n1', 'web-0', { labels: { app: 'web' }, ready: false });
      await world.addPod('n2', 'web-1', { labels: { app: 'web' } });
      await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
      expect((await drain(request())).at(-1)).toEqual({ kind: 'drained', pods: 1 });
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
