/** What a drain makes of each answer to an eviction, on a real API server; and of none. */
import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createKubeClient } from '../../src/k8s/api/client.ts';
import { kubeAccess } from '../../src/k8s/api/kube-access.ts';
import { createTransport } from '../../src/k8s/api/transport.ts';
import { evict } from '../../src/k8s/drain/evict.ts';
import type { Received } from '../../src/k8s/api/received.ts';
import { podView } from '../../src/k8s/pods/pod-view.ts';
import type { DrainEvent } from '../../src/reboot/ports/cluster/drains.ts';
import { second } from '../../src/reboot/time/time.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { realSleep, systemClock } from '../k8s/world/api.ts';
import { fastTime } from '../k8s/world/fast-time.ts';
import { heldTime, type HeldTime } from '../k8s/world/held-time.ts';
import { until } from '../k8s/world/until.ts';
import type { Fate } from './drain-door.ts';
import { openDrainWebhook } from './drain-webhook.ts';
import { first, openRulesWorld, troublesOf, waitingOf, type RulesWorld } from './drain-world.ts';
import { installChart } from './harness/install-chart.ts';
import { onCluster } from './harness/on-cluster.ts';

const needs = {
  // Without the controller that would empty an ending namespace, and the one that counts budgets: the test
  // plays both.
  controllers: ['serviceaccount-controller'],
  scheduler: false,
  notOnGiven: 'it wants a cluster without nodes and workload controllers, which only one of our own is',
};
const pods = '/api/v1/namespaces/default/pods';
const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const bindings = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';

onCluster('the answers to evictions, on a real API server', needs, (cluster) => {
  let world: RulesWorld;
  beforeAll(() => installChart(cluster()));
  afterEach(() => world.close());

  const addWeb = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        world.hand.addPod('n1', `web-${index}`, { labels: { app: 'web' } }),
      ),
    );
  const budget = (needed: number, name = 'web'): Promise<void> =>
    world.hand.addBudget(name, { matchLabels: { app: 'web' }, needed });
  const isCounted = async (): Promise<void> =>
    until('the budget is counted', async () => {
      const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/web';
      const object = (await world.hand.ask({ method: 'GET', path })) as {
        status?: { expectedPods?: number };
      };
      return (object.status?.expectedPods ?? 0) > 0;
    });
  const wouldEvict = async (name: string): Promise<boolean> => {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
    const asked = {
      path: `${pods}/${name}/eviction`,
      query: { dryRun: 'All' },
      body,
      tooManyIsAnAnswer: true,
    };
    return (await cluster().admin.send({ method: 'POST', ...asked })).ok;
  };
  const statuses = (): readonly number[] => world.evictions().map(({ status }) => status);

  describe('in real time', () => {
    let time: HeldTime;
    beforeEach(async () => {
      time = heldTime({ clock: systemClock, sleep: realSleep });
      world = await openRulesWorld(cluster(), { sleep: time.sleep });
    });

    it('201: each pod is asked for once, and looked at by nobody', async () => {
      await addWeb(20);
      expect((await world.drain()).at(-1)).toEqual({ kind: 'drained', pods: 20 });
      expect(statuses()).toEqual(Array.from({ length: 20 }, () => 201));
      expect(
        world.door.passed.filter(({ method, path }) => method === 'GET' && /\/pods\/[^/]+$/.test(path)),
      ).toEqual([]);
    });

    it('404: somebody else was faster', async () => {
      await addWeb(2);
      const isOf = (pod: string, path: string): boolean => path.includes(`/${pod}/`);
      world.door.onRequest(async ({ path, isEviction }): Promise<Fate> => {
        if (isEviction && isOf('web-0', path))
          await world.hand.ask({ method: 'DELETE', path: `${pods}/web-0`, body: { gracePeriodSeconds: 0 } });
        // Else the drain could be over before it has its answer.
        if (isEviction && isOf('web-1', path))
          await until('the other one is answered', () =>
            world.evictions().some((each) => isOf('web-0', each.path)),
          );
        return 'through';
      });
      const events = await world.drain();
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
      expect(statuses()).toEqual([404, 201]);
      expect(troublesOf(events)).toEqual([]);
    });

    it('409: the name is another pod’s by now, on another node: it is not touched', async () => {
      const uid = await world.hand.addPod('n1', 'db-0');
      const found = await world.hand.ask({ method: 'GET', path: `${pods}/db-0` });
      const old = podView(found as Received<V1Pod>);
      expect(old.uid).toBe(uid);
      await world.hand.ask({ method: 'DELETE', path: `${pods}/db-0`, body: { gracePeriodSeconds: 0 } });
      await world.hand.addPod('n2', 'db-0');
      const access = kubeAccess({ kubeconfig: cluster().kubeconfig }, systemClock);
      const client = createKubeClient({
        access,
        transport: createTransport(undefined),
        sleep: realSleep,
        userAgent: 'tugboot-test',
      });
      const { signal } = new AbortController();
      const evicted = await evict({ client, logger: silentLogger }, { pod: old, force: false, signal });
      const deleted = await evict({ client, logger: silentLogger }, { pod: old, force: true, signal });
      await client.close();
      expect([evicted.kind, deleted.kind]).toEqual(['replaced', 'replaced']);
      const now = await world.hand.ask({ method: 'GET', path: `${pods}/db-0` });
      expect(now).not.toHaveProperty('metadata.deletionTimestamp');
    });

    it('429: one pod asks for all of its budget, and all go at once when it has room', async () => {
      await addWeb(10);
      await budget(10);
      await isCounted();
      const events = await world.drain(
        {},
        first(
          (event) => waitingOf(event) === 10,
          async () => {
            expect(statuses()).toEqual([429]);
            // Time stands still, so that a fixed pause such as kubectl's five seconds would never end:
            // only the budget's watch can wake the drain.
            time.holdSleeps();
            await world.hand.setNeeded('web', 0);
          },
        ),
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 10 });
      const waiting = events.flatMap((event) => (event.kind === 'progress' ? event.progress.waiting : []));
      expect(waiting[0]).toMatchObject({ budget: 'default/web', needed: 10, healthy: 10, allowed: 0 });
      expect(statuses().filter((status) => status === 429).length).toBeLessThan(4);
    });

    it('429 with retryAfterSeconds: a budget that is not counted yet lets them go as soon as it is', async () => {
      world.controllers.countBudgets = false;
      await addWeb(3);
      await budget(1);
      const events = await world.drain(
        {},
        first(
          // Others are held back before the first of them has its answer.
          (event) => waitingOf(event) === 3 && statuses().includes(429),
          () => {
            world.controllers.countBudgets = true;
            return world.hand.setNeeded('web', 0);
          },
        ),
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 3 });
      expect(statuses()).toEqual([429, 201, 201, 201]);
    });

    it('500 of several budgets for one pod: told in the server’s words, and over when one of them goes', async () => {
      await addWeb(1);
      await budget(0);
      await budget(0, 'all');
      const events = await world.drain(
        {},
        first(
          (event) => troublesOf([event]).length > 0,
          () =>
            world.hand.ask({
              method: 'DELETE',
              path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets/all',
            }),
        ),
      );
      expect(troublesOf(events)[0]).toMatch(
        /default\/web-0 could not be evicted \(500\).*more than one PodDisruptionBudget/,
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('403 of an ending namespace: no trouble; the pod is waited for, and taken with its namespace', async () => {
      const name = `ending-${Date.now()}`;
      const path = `/api/v1/namespaces/${name}`;
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await world.hand.ask({ method: 'POST', path: '/api/v1/namespaces', body });
      await until(
        'the namespace takes pods',
        async () => {
          const account = await cluster().admin.send({
            method: 'GET',
            path: `${path}/serviceaccounts/default`,
          });
          return account.ok;
        },
        20_000,
      );
      await world.hand.addPod('n1', 'web-0', { namespace: name });
      await world.hand.ask({ method: 'DELETE', path });
      const events = await world.drain(
        {},
        first(
          (event) => event.kind === 'progress' && event.progress.leaving.length > 0,
          () =>
            world.hand.ask({ method: 'DELETE', path: `${path}/pods/web-0`, body: { gracePeriodSeconds: 0 } }),
        ),
      );
      expect(statuses()).toEqual([403]);
      expect(troublesOf(events)).toEqual([]);
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    });

    it('a denial by admission: told in its words, tried again, and over when it lets the pod go', async () => {
      const name = 'no-evictions';
      const rule = {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: ['pods/eviction'],
      };
      const spec = {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [rule] },
        validations: [
          { expression: "object.metadata.name != 'web-0'", message: 'the operator moves web-0 itself' },
        ],
      };
      const kind = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
      await world.hand.ask({
        method: 'POST',
        path: policies,
        body: { ...kind, kind: 'ValidatingAdmissionPolicy', spec },
      });
      const binding = { policyName: name, validationActions: ['Deny'] };
      await world.hand.ask({
        method: 'POST',
        path: bindings,
        body: { ...kind, kind: 'ValidatingAdmissionPolicyBinding', spec: binding },
      });
      await addWeb(2);
      await until('the policy is in force', async () => !(await wouldEvict('web-0')), 20_000);
      const events = await world.drain(
        {},
        first(
          (event) => troublesOf([event]).length > 0,
          async () => {
            await world.hand.ask({ method: 'DELETE', path: `${bindings}/${name}` });
            await world.hand.ask({ method: 'DELETE', path: `${policies}/${name}` });
          },
        ),
      );
      expect(troublesOf(events)[0]).toContain('the operator moves web-0 itself');
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
    });

    it('a denial by a webhook, with a code of its own: told in its words, tried again, and over when it lets the pod go', async () => {
      await addWeb(2);
      const webhook = await openDrainWebhook(cluster());
      onTestFinished(() => webhook.close());
      const denial = (code: number, message: string): void =>
        webhook.onEviction((pod) => (pod === 'web-0' ? { code, message } : 'allowed'));
      denial(403, 'web-0 is the leader');
      await until('the webhook is asked', async () => !(await wouldEvict('web-0')), 20_000);
      const tells = (words: string) => (event: DrainEvent) =>
        troublesOf([event]).some((sentence) => sentence.includes(words));
      const onLeader = first(tells('web-0 is the leader'), () => denial(429, 'web-0 is being moved'));
      const onMove = first(tells('web-0 is being moved'), () => webhook.onEviction(() => 'allowed'));
      const events = await world.drain({}, async (event, stop) => {
        await onLeader(event, stop);
        await onMove(event, stop);
      });
      const told = 'admission webhook "moves.drain.example" denied the request';
      expect([...new Set(troublesOf(events))]).toEqual([
        `default/web-0 could not be evicted (403): ${told}: web-0 is the leader`,
        `default/web-0 could not be evicted (429): ${told}: web-0 is being moved`,
      ]);
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
      expect([...new Set(statuses())].toSorted((one, two) => one - two)).toEqual([201, 403, 429]);
    });

    it('5xx: tried again, and not told as a failure', async () => {
      await addWeb(3);
      let times = 3;
      world.door.onRequest(({ isEviction }) => {
        if (!isEviction || times === 0) return 'through';
        times -= 1;
        return { status: 503, body: 'upstream connect error' };
      });
      const events = await world.drain();
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 3 });
      expect(statuses().filter((status) => status === 503)).toHaveLength(3);
    });

    it('no answer: the network goes in mid-drain, watches and all, and comes back', async () => {
      await addWeb(4);
      await budget(4);
      await isCounted();
      let away = false;
      world.door.onRequest(() => (away ? 'cut' : 'through'));
      const events = await world.drain(
        {},
        first(
          (event) => waitingOf(event) === 4,
          async () => {
            away = true;
            world.door.cutAll();
            await world.hand.setNeeded('web', 0);
            const tried = world.door.passed.length;
            await until('it has tried in vain', () => world.door.passed.length > tried + 3);
            away = false;
          },
        ),
      );
      expect(events.at(-1)).toEqual({ kind: 'drained', pods: 4 });
    });
  });

  describe('in time that runs faster', () => {
    const speed = 20;
    beforeEach(async () => {
      world = await openRulesWorld(cluster(), fastTime(speed));
    });

    const gaps = (): readonly number[] => {
      const times = world.evictions().map(({ at }) => at * speed);
      return times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / second);
    };

    it('429: the more often it is refused, the longer it waits; one pod asks, and not all of them', async () => {
      await addWeb(8);
      await budget(8);
      await isCounted();
      await world.drain(
        {},
        (_event, stop) => {
          if (statuses().length >= 5) stop();
        },
        { deadline: world.now() + 70 * second },
      );
      expect(statuses().every((status) => status === 429)).toBe(true);
      // From 5 to 10 s at first, half as much more each time.
      expect(statuses().length).toBeLessThanOrEqual(12);
      expect(gaps()[0]).toBeGreaterThanOrEqual(5);
      expect(Math.max(...gaps())).toBeGreaterThan(gaps()[0] ?? Number.NaN);
    });

    it('429 with retryAfterSeconds: not asked again before', async () => {
      world.controllers.countBudgets = false;
      await addWeb(2);
      await budget(0);
      await world.drain({}, undefined, { deadline: world.now() + 40 * second });
      expect(statuses().length).toBeGreaterThan(1);
      expect(Math.min(...gaps())).toBeGreaterThanOrEqual(9.9);
    });
  });
});
