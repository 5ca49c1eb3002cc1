/**
 * Attacks on what the bot reads of Nodes and pods: by kubelets that write their own Node, and by tenants who
 * write pods.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchRoom } from '../../src/k8s/impact/room-search.ts';
import { noUsage, type Space } from '../../src/k8s/impact/room-fit.ts';
import { constraintsOf } from '../../src/k8s/placement/resource-requests.ts';
import type { Kube } from '../../src/k8s/kube.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import { podGates } from '../../src/k8s/gates/pod-gates.ts';
import { gateWatches } from '../../src/k8s/gates/gate-watches.ts';
import { watchedPods } from '../../src/k8s/gates/watched-gate.ts';
import { aDecision, aDrainPolicy, aNode, aPool, aReboot, at, noon } from '../fakes/builders.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { type ApiWorld, realSleep, startApiWorld, systemClock } from './world/api.ts';
import { handOf, type Hand } from './world/hand.ts';
import { until } from './world/until.ts';

describe('a cluster with hostile writers', () => {
  let world: ApiWorld;
  let hand: Hand;
  let kube: Kube;
  let n1: BootTarget;
  beforeEach(async () => {
    world = await startApiWorld();
    hand = handOf(world.admin);
    kube = world.connect();
    n1 = await hand.addNode('n1');
  });
  afterEach(() => world.close());

  // A Node's annotations name Reboots, and its own kubelet may write them.
  it.each([
    '',
    '.',
    '..',
    '../nodes',
    'a/b',
    'a/status',
    '%2e%2e',
    'A b',
    '?watch=true',
    '#',
    'x'.repeat(300),
  ])('has no Reboot of the name %j, and says so instead of failing', async (name) => {
    await kube.store.create(aReboot({ name: 'a' }));
    expect(await kube.store.get(name)).toBeUndefined();
  });

  it('is told what a drain disturbs, whatever a pod calls its controller', async () => {
    const kind = 'K'.repeat(5000);
    await hand.addPod('n1', 'p');
    const owner = { apiVersion: 'evil.example/v1', kind, name: 'x', uid: 'u', controller: true };
    const path = '/api/v1/namespaces/default/pods/p';
    await hand.ask({
      method: 'PATCH',
      patch: 'merge',
      path,
      body: { metadata: { ownerReferences: [owner] } },
    });
    const created = await kube.store.create(aReboot({ node: { name: 'n1', uid: n1.uid } }));
    if (created === 'exists') throw new Error('exists');
    const impact = await kube.cluster.assess('n1', aDrainPolicy());
    expect(impact.goesDown).toHaveLength(1);
    expect(await kube.store.save({ ...created, impact })).toMatchObject({ name: created.name });
  });
});

it('what is watched for those that are held back is listed once for all of them between two changes', async () => {
  const world = await startApiWorld();
  const hand = handOf(world.admin);
  await hand.addNode('n1');
  await hand.addPod('n1', 'sick');
  await hand.setPodReady('default', 'sick', false);
  const over = { client: world.admin, clock: systemClock, random: () => 0.5, sleep: realSleep };
  const watches = gateWatches({ ...over, logger: silentLogger }, () => undefined);
  const state = { phase: 'Approved', since: at(0), decision: aDecision() } as const;
  const gates = { ...aPool().gates, healthyPods: [{ selector: '', mostNotReady: 0 }] };
  const question = { pool: aPool({ gates }), node: aNode(), reboot: aReboot({ state }) };
  const [gate] = podGates(question, noon).map(watchedPods);
  if (gate === undefined) throw new Error('no gate');
  watches.keep([gate]);
  await until('it has listed', () => watches.counted(gate)?.length === 1);
  const before = watches.counted(gate);
  expect(watches.counted(gate)).toBe(before);
  await hand.setPodReady('default', 'sick', true);
  await until('it has heard', () => watches.counted(gate)?.length === 0);
  await watches.stop();
  await world.close();
});

describe('the estimate of room', () => {
  const spaces: Space[] = Array.from({ length: 5000 }, (_, nth) => ({
    name: `n${nth}`,
    labels: { a: 'b' },
    taints: [{ key: 'dedicated', effect: 'NoSchedule' }],
    allocatable: new Map([['cpu', 4000]]),
  }));
  const terms = Array.from({ length: 15_000 }, (_, nth) => ({
    matchExpressions: [{ key: `k${nth}`, operator: 'Exists' }],
  }));
  const values = Array.from({ length: 60_000 }, (_, nth) => `v${nth}`);
  const requiring = (nodeSelectorTerms: readonly unknown[]): unknown => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });
  const tolerations = Array.from({ length: 20_000 }, (_, nth) => ({ key: `k${nth}`, operator: 'Exists' }));

  // One object of the API server may have about a megabyte.
  it.each([
    ['node selector terms', requiring(terms)],
    ['values in one of them', requiring([{ matchExpressions: [{ key: 'a', operator: 'NotIn', values }] }])],
    ['tolerations', { tolerations }],
  ])('leaves out a pod that has a book of %s, says so, and judges the others', async (_, spec) => {
    const usual = {
      title: 'shop/web',
      requests: new Map([['cpu', 100]]),
      constraints: constraintsOf({ spec: {} }),
    };
    const hostile = Array.from({ length: 3 }, (_, nth) => ({
      title: `tenant/p${nth}`,
      requests: new Map([['cpu', 100]]),
      constraints: constraintsOf({ spec: { ...(spec as object), schedulerName: `${nth}` } }),
    }));
    const about = { node: 'n0', spaces, usage: async () => noUsage, mostNamed: 100 };
    const room = await searchRoom([...hostile, usual], about);
    const long = 'says more about where it may run than is looked at here';
    expect(room.without.filter(({ reason }) => reason === long).map(({ pod }) => pod)).toEqual(
      hostile.map(({ title }) => title),
    );
    expect(room.without.find(({ pod }) => pod === 'shop/web')?.reason).toContain('taint');
  });
});
