import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { impactContract } from '../../contracts/impact-contract.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';
import { botRules, installation, keepingLogger, startApiWorld, type ApiWorld } from '../world/api.ts';
import { makeDrainWorld, type KubeDrainWorld } from '../world/drain-world.ts';
import { handOf } from '../world/hand.ts';
import { until } from '../world/until.ts';

impactContract('KubeCluster on the demo API', makeDrainWorld);

const hash = { 'pod-template-hash': '5d8f' };
const cart = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-5d8f' };

describe('what a dry-run costs', () => {
  let world: KubeDrainWorld;
  beforeEach(async () => {
    world = await makeDrainWorld();
  });
  afterEach(() => world.close());

  const asked = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = world.world.api.requests().length;
    await work();
    const all = world.world.api.requests().slice(before);
    return all
      .filter(({ user, verb }) => user === 'bot' && verb !== 'watch')
      .map(({ verb, path }) => `${verb} ${path}`);
  };
  const assess = (): Promise<unknown> => world.cluster.assess('n1', aDrainPolicy());

  it('is a request for each of: pods, budgets, DaemonSets, a kind of workload in a namespace, another node', async () => {
    await world.addNode('n1');
    for (const node of ['n2', 'n3']) await world.addNode(node);
    await until('the watch shows the nodes', () => world.cluster.nodes().length === 3);
    for (const pod of ['a', 'b', 'c'])
      await world.addPod('n1', `cart-5d8f-${pod}`, { labels: hash, controller: cart });
    await world.addPod('n1', 'db-0', {
      controller: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' },
    });
    await world.addPod('n1', 'proxy', {
      controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy' },
    });
    const requests = await asked(assess);
    expect(requests.toSorted()).toEqual([
      'list /api/v1/pods',
      'list /api/v1/pods',
      'list /api/v1/pods',
      'list /apis/apps/v1/daemonsets',
      'list /apis/apps/v1/namespaces/default/deployments',
      // There is no such Deployment: the ReplicaSet is the workload.
      'list /apis/apps/v1/namespaces/default/replicasets',
      'list /apis/apps/v1/namespaces/default/statefulsets',
      'list /apis/policy/v1/poddisruptionbudgets',
    ]);
  });

  it('is two on a node without pods', async () => {
    await world.addNode('n1');
    expect(await asked(assess)).toHaveLength(2);
  });

  it('is shared by those that ask at the same time, and read anew a while later', async () => {
    await world.addNode('n1');
    await world.addNode('n2');
    await until('the watch shows the nodes', () => world.cluster.nodes().length === 2);
    await world.addPod('n1', 'cart-5d8f-a', { labels: hash, controller: cart });
    const alone = (await asked(assess)).length;
    // Pods and budgets are its own each time.
    expect(await asked(() => Promise.all([assess(), assess()]))).toHaveLength(4);
    world.time.skip(6000);
    expect(await asked(assess)).toHaveLength(alone);
  });

  it('is all of it, when it has to be fresh', async () => {
    await world.addNode('n1');
    await world.addPod('n1', 'cart-5d8f-a', { labels: hash, controller: cart });
    const alone = (await asked(assess)).length;
    const fresh = (): Promise<unknown> => world.cluster.assess('n1', aDrainPolicy(), { fresh: true });
    expect(await asked(fresh)).toHaveLength(alone);
    // Later assessments use the new result.
    expect(await asked(assess)).toHaveLength(2);
  });

  it('is one list of a kind for all namespaces, where there are many', async () => {
    await world.addNode('n1');
    for (let nth = 0; nth < 12; nth += 1) {
      const namespace = `team-${nth}`;
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
      await world.ask({ method: 'POST', path: '/api/v1/namespaces', body });
      await world.addPod('n1', 'cart-5d8f-a', { namespace, labels: hash, controller: cart });
    }
    const requests = await asked(assess);
    expect(requests.filter((request) => request.includes('apps/v1'))).toEqual([
      'list /apis/apps/v1/deployments',
      'list /apis/apps/v1/replicasets',
    ]);
  });
});

describe('a dry-run without the newer rights', () => {
  let world: ApiWorld;
  afterEach(() => world.close());

  it('tells what the drain would meet, says of the rest that it is not known, and logs why', async () => {
    const rules = botRules(installation).filter(({ resources = [] }) => !resources.includes('deployments'));
    world = await startApiWorld({
      users: new Map([
        ['admin-token', { name: 'admin' }],
        ['bot-token', { name: 'bot', rules }],
      ]),
    });
    const logger = keepingLogger();
    const kube = world.connect({ logger });
    const hand = handOf(world.admin);
    await hand.addNode('n1');
    await hand.addPod('n1', 'cart-5d8f-a', { labels: hash, controller: cart });
    await kube.start(() => undefined, new AbortController().signal);
    const impact = await kube.cluster.assess('n1', aDrainPolicy());
    expect(impact).toMatchObject({ podsToMove: 1, room: { pods: 1, short: 1 } });
    expect(impact.goesDown).toBeUndefined();
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: 'impact is known only in part',
        fields: expect.objectContaining({ unknown: 'workloads' }),
      }),
    );
  });
});
