import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textAt } from '../../src/k8s/api/json-value.ts';
import type { DrainPolicy } from '../../src/reboot/policy/policy.ts';
import type { Impact } from '../../src/reboot/state/impact.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import { bindingOf } from '../k8s/world/hand.ts';
import type { DrainWorld } from './drain-contract.ts';

interface PodOptions {
  readonly phase?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** The part of a dry-run beyond the node: which workloads would be down, and if there is room elsewhere. */
export function impactContract(name: string, make: () => Promise<DrainWorld>): void {
  describe(`Impact contract: ${name}`, () => {
    const workloads = '/apis/apps/v1/namespaces/default';
    let world: DrainWorld;
    beforeEach(async () => {
      world = await make();
      await addNode('n1', '8');
    });
    afterEach(async () => {
      for (const plural of ['deployments', 'statefulsets'])
        await world.ask({ method: 'DELETE', path: `${workloads}/${plural}` });
      await world.close();
    });

    /** Schedulable: a real API server taints a new node, and only the node controller removes that taint. */
    async function addNode(node: string, cpu: string, labels: Readonly<Record<string, string>> = {}) {
      await world.addNode(node, labels);
      const path = `/api/v1/nodes/${node}`;
      const size = { cpu, memory: '16Gi', pods: '110' };
      const merge = (to: string, body: object): Promise<unknown> =>
        world.ask({ method: 'PATCH', path: to, patch: 'merge', body });
      await merge(path, { spec: { taints: null } });
      await merge(`${path}/status`, { status: { capacity: size, allocatable: size } });
    }

    async function stand(plural: string, workload: string, replicas: number, ready: number, counted = 1) {
      const kind = { deployments: 'Deployment', statefulsets: 'StatefulSet' }[plural];
      const labels = { app: workload };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'main' }] } };
      const spec = { replicas, serviceName: workload, selector: { matchLabels: labels }, template };
      const body = { apiVersion: 'apps/v1', kind, metadata: { name: workload }, spec };
      const path = `${workloads}/${plural}/${workload}`;
      await world.ask({ method: 'DELETE', path }).catch(() => undefined);
      await world.ask({ method: 'POST', path: `${workloads}/${plural}`, body });
      const status = { observedGeneration: counted, replicas, readyReplicas: ready };
      await world.ask({ method: 'PATCH', path: `${path}/status`, patch: 'merge', body: { status } });
    }
    const replicaSetOf = (workload: string) => ({
      labels: { 'pod-template-hash': '5d8f' },
      controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${workload}-5d8f` },
    });

    /** A pod of a controller of unknown kind, with resource requests. */
    async function addPod(
      node: string,
      pod: string,
      cpu: string,
      { phase = 'Running', ...spec }: PodOptions = {},
    ) {
      const owner = await world
        .ask({
          method: 'POST',
          path: '/api/v1/namespaces/default/configmaps',
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `owner-of-${pod}` } },
        })
        .catch(() =>
          world.ask({ method: 'GET', path: `/api/v1/namespaces/default/configmaps/owner-of-${pod}` }),
        );
      const ownerReferences = [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: `owner-of-${pod}`,
          uid: textAt(owner, 'metadata', 'uid'),
          controller: true,
        },
      ];
      const resources = { requests: { cpu } };
      await world.ask({
        method: 'POST',
        path: '/api/v1/namespaces/default/pods',
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: pod, ownerReferences },
          spec: {
            schedulerName: 'nobody',
            containers: [{ name: 'main', image: 'main', resources }],
            ...spec,
          },
        },
      });
      const binding = { method: 'POST', path: `/api/v1/namespaces/default/pods/${pod}/binding` } as const;
      await world.ask({ ...binding, body: bindingOf(pod, node) });
      const path = `/api/v1/namespaces/default/pods/${pod}/status`;
      const status = { phase, conditions: [{ type: 'Ready', status: 'True' }] };
      await world.ask({ method: 'PATCH', path, patch: 'merge', body: { status } });
    }

    const assess = (policy: Partial<DrainPolicy> = {}): Promise<Impact> =>
      world.cluster.assess('n1', aDrainPolicy(policy));
    /** Polls, since the nodes arrive by watch. */
    const expectRoom = (room: Impact['room']): Promise<void> =>
      expect.poll(async () => (await assess()).room).toEqual(room);

    it('says in a dry-run which pods come back, and looks for no room for them', async () => {
      await world.addPod('n1', 'web-0');
      await world.addPod('n1', 'agent', { tolerations: [{ operator: 'Exists' }] });
      await world.addPod('n1', 'pinned', { named: true });
      await world.addPod('n1', 'proxy-1', {
        controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy' },
        tolerations: [{ operator: 'Exists' }],
      });
      const impact = await assess();
      expect(impact).toMatchObject({ podsToMove: 3, podsStaying: 1, room: { pods: 1 } });
      expect(impact.comeBack).toEqual([
        { pod: 'default/agent', why: 'tolerates' },
        { pod: 'default/pinned', why: 'named' },
      ]);
    });

    it('says in a dry-run that a pod may take longer to end than the drain may, and that the node is not Ready', async () => {
      await world.addPod('n1', 'web-0');
      const policy = { timeout: 2 * minute };
      const calm = await assess(policy);
      expect([calm.slow, calm.nodeNotReady, calm.askToStay]).toEqual([undefined, undefined, []]);
      const impact = await assess({ ...policy, gracePeriodSeconds: 121 });
      expect(impact.slow).toEqual({
        timeout: 2 * minute,
        pods: [{ pod: 'default/web-0', grace: 121_000 }],
      });
      await world.setReady('n1', false);
      await world.settled();
      expect(await assess(policy)).toMatchObject({ nodeNotReady: true });
    });

    it('names the Deployment whose only replica is there, and the StatefulSet whose ready pods all are', async () => {
      await stand('deployments', 'cart', 1, 1);
      await world.addPod('n1', 'cart-5d8f-a', replicaSetOf('cart'));
      await stand('statefulsets', 'pg', 3, 2);
      const controller = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'pg' };
      for (const pod of ['pg-0', 'pg-1']) await world.addPod('n1', pod, { controller });
      const { goesDown = [] } = await assess();
      expect(goesDown.toSorted((a, b) => a.ready - b.ready)).toEqual([
        { workload: 'Deployment default/cart', wants: 1, ready: 1 },
        { workload: 'StatefulSet default/pg', wants: 3, ready: 2 },
      ]);
    });

    it('names none that has a ready pod elsewhere, and none that serves nobody now', async () => {
      await stand('deployments', 'cart', 2, 2);
      await world.addPod('n1', 'cart-5d8f-a', replicaSetOf('cart'));
      await stand('deployments', 'sick', 1, 0);
      await world.addPod('n1', 'sick-5d8f-a', { ...replicaSetOf('sick'), ready: false });
      expect((await assess()).goesDown).toEqual([]);
    });

    it('names those, too, whose pod the drain refuses to move', async () => {
      await stand('deployments', 'cart', 1, 1);
      await world.addPod('n1', 'cart-5d8f-a', { ...replicaSetOf('cart'), emptyDir: true });
      const { goesDown = [], refusals } = await assess({ deleteEmptyDirData: false });
      expect(refusals).toHaveLength(1);
      expect(goesDown.map(({ workload }) => workload)).toEqual(['Deployment default/cart']);
    });

    it('names none whose controller has not counted since it was last changed', async () => {
      await stand('deployments', 'cart', 1, 0, 0);
      await world.addPod('n1', 'cart-5d8f-a', replicaSetOf('cart'));
      expect((await assess()).goesDown).toEqual([]);
    });

    it('counts the pods of a controller whose kind it does not know', async () => {
      await addPod('n1', 'alone-0', '1m');
      await addPod('n1', 'pair-0', '1m');
      await addPod('n1', 'shaky-0', '1m');
      await addTwin('pair', true);
      await addTwin('shaky', false);
      const { goesDown = [] } = await assess();
      expect(goesDown.toSorted((a, b) => (a.workload < b.workload ? -1 : 1))).toEqual([
        { workload: 'ConfigMap default/owner-of-alone-0', ready: 1 },
        { workload: 'ConfigMap default/owner-of-shaky-0', ready: 1 },
      ]);
    });

    /** Another pod of the same owner, on another node. */
    async function addTwin(of: string, ready: boolean): Promise<void> {
      const name = `owner-of-${of}-0`;
      const path = `/api/v1/namespaces/default/configmaps/${name}`;
      const uid = textAt(await world.ask({ method: 'GET', path }), 'metadata', 'uid');
      await world.addPod('n2', `${of}-1`, { controller: 'none', ready });
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true }];
      await world.ask({
        method: 'PATCH',
        path: `/api/v1/namespaces/default/pods/${of}-1`,
        patch: 'merge',
        body: { metadata: { ownerReferences } },
      });
    }

    it('finds room where what is requested there leaves it, and says so', async () => {
      await addNode('n2', '4');
      await addPod('n2', 'there', '2500m');
      await addPod('n1', 'web-0', '1');
      await addPod('n1', 'web-1', '500m');
      await expectRoom({ pods: 2, short: 0, without: [] });
    });

    it('seeks none for pods that nothing brings back, nor for those that leave already', async () => {
      await addNode('n2', '4');
      await world.addPod('n1', 'debug', { controller: 'none' });
      await addPod('n1', 'web-0', '1');
      await addPod('n1', 'web-1', '1');
      world.stuck.add('default/web-1');
      await world.ask({ method: 'DELETE', path: '/api/v1/namespaces/default/pods/web-1' });
      await expectRoom({ pods: 1, short: 0, without: [] });
    });

    it('takes what finished pods had requested for free', async () => {
      await addNode('n2', '4');
      await addPod('n2', 'done', '4', { phase: 'Succeeded' });
      await addPod('n1', 'web-0', '1');
      await expectRoom({ pods: 1, short: 0, without: [] });
    });

    it('says which pods find none, what they need, and what is free', async () => {
      await addNode('n2', '4');
      await addPod('n2', 'there', '1500m');
      await addPod('n1', 'big-0', '4');
      await addPod('n1', 'db-0', '1', { nodeSelector: { disk: 'ssd' } });
      await addPod('n1', 'web-0', '1');
      await expectRoom({
        pods: 3,
        short: 2,
        without: [
          { pod: 'default/db-0', reason: 'no other node matches its node selector' },
          { pod: 'default/big-0', reason: 'needs 4 CPU, at most 2.5 CPU is free on one node' },
        ],
      });
    });

    it('leaves out nodes that take no pods: cordoned, not Ready, tainted', async () => {
      for (const node of ['n2', 'n3', 'n4']) await addNode(node, '4', { node });
      await world.cordonAsOther('n2');
      await world.setReady('n3', false);
      const taints = [{ key: 'gpu', effect: 'NoSchedule' }];
      await world.ask({
        method: 'PATCH',
        path: '/api/v1/nodes/n4',
        patch: 'merge',
        body: { spec: { taints } },
      });
      await addPod('n1', 'web-0', '1');
      const why = 'it tolerates the taints of no node that it could go to';
      await expectRoom({ pods: 1, short: 1, without: [{ pod: 'default/web-0', reason: why }] });
    });

    it('changes nothing', async () => {
      await addNode('n2', '4');
      await addPod('n1', 'web-0', '1');
      await assess();
      expect(await world.podsOn('n1')).toEqual(['web-0']);
    });
  });
}
