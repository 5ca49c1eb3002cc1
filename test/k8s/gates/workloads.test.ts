/** What a rollout asks of the cluster when it comes to its next stage, on the demo's API. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workloadsOn } from '../../../src/k8s/gates/workload-readings.ts';
import { workloadGatekeeper } from '../../../src/k8s/gates/workload-gatekeeper.ts';
import type { WorkloadBefore } from '../../../src/reboot/nodes/workloads.ts';
import { aNode, aPool, aReboot, noon } from '../../fakes/builders.ts';
import { type ApiWorld, startApiWorld } from '../world/api.ts';
import { type Hand, handOf } from '../world/hand.ts';
import { countReady } from '../world/workload-hand.ts';

describe('the workloads of nodes that were rebooted', () => {
  let world: ApiWorld;
  let hand: Hand;
  let now = noon;
  beforeEach(async () => {
    now = noon;
    world = await startApiWorld();
    hand = handOf(world.admin);
  });
  afterEach(() => world.close());

  const cart = { kind: 'Deployment', name: 'cart', replicas: 3, ready: 3 } as const;
  const wasReady = (ready: number): readonly WorkloadBefore[] => [
    { kind: 'Deployment', namespace: 'default', name: 'cart', ready, node: 'worker-1' },
  ];
  const gate = () => workloadGatekeeper({ client: world.admin, clock: { now: () => now } });
  const question = (before?: readonly WorkloadBefore[]) => ({
    pool: aPool(),
    node: aNode(),
    reboot: aReboot(),
    ...(before ? { before } : {}),
  });

  it('are not asked about inside a stage', async () => {
    const requests = world.api.requests().length;
    expect(await gate().ask(question())).toEqual([]);
    expect(world.api.requests()).toHaveLength(requests);
  });

  it('let the rollout go on while they are as ready as before', async () => {
    await hand.addWorkload('n1', cart);
    expect(await gate().ask(question(wasReady(3)))).toEqual([]);
  });

  it('halt it when pods are missing, and let it go when these are ready again', async () => {
    await hand.addWorkload('n1', cart);
    await countReady((request) => hand.ask(request), { ...cart, ready: 1 });
    const asked = gate();
    expect(await asked.ask(question(wasReady(3)))).toEqual([
      {
        code: 'rollout-halted',
        sentence:
          'The rollout is halted: Deployment default/cart has 1 of 3 pods ready; 3 were before worker-1 was rebooted.',
        clears:
          'It goes on when it is as ready as before, or when an approver says so: "Go on" in its digest, or "/reboot resume workers".',
      },
    ]);
    await countReady((request) => hand.ask(request), cart);
    now += 15_000;
    expect(await asked.ask(question(wasReady(3)))).toEqual([]);
  });

  it('keep it waiting, in words, while their controller has not counted since they were changed', async () => {
    await hand.addWorkload('n1', cart);
    const path = '/apis/apps/v1/namespaces/default/deployments/cart';
    await hand.ask({ method: 'PATCH', path, patch: 'merge', body: { spec: { replicas: 4 } } });
    const asked = gate();
    expect(await asked.ask(question(wasReady(3)))).toMatchObject([
      {
        code: 'gate-unreachable',
        sentence:
          'It cannot be told whether the workloads are as ready as before: Deployment default/cart was changed, and its pods have not been counted since.',
      },
    ]);
    expect(await workloadsOn(world.admin, 'n1')).toEqual([]);
    await countReady((request) => hand.ask(request), { ...cart, replicas: 4 });
    now += 15_000;
    expect(await asked.ask(question(wasReady(3)))).toEqual([]);
    expect(await workloadsOn(world.admin, 'n1')).toMatchObject([{ name: 'cart', ready: 3 }]);
  });

  it('are read once for all nodes that ask within moments', async () => {
    await hand.addWorkload('n1', cart);
    const asked = gate();
    const before = world.api.requests().length;
    await Promise.all([asked.ask(question(wasReady(3))), asked.ask(question(wasReady(3)))]);
    expect(world.api.requests()).toHaveLength(before + 1);
  });

  it('that are gone lack nothing', async () => {
    expect(await gate().ask(question(wasReady(3)))).toEqual([]);
  });

  it('keep the gate closed, in words, while the API server does not answer', async () => {
    await world.api.close();
    expect(await gate().ask(question(wasReady(3)))).toMatchObject([
      {
        code: 'gate-unreachable',
        sentence: expect.stringMatching(/^It cannot be told whether the workloads are as ready as before: /),
      },
    ]);
  });

  it('of one node are found in two requests where they are of one kind and one namespace', async () => {
    await hand.addWorkload('n1', cart);
    await hand.addWorkload('n1', { ...cart, name: 'api' });
    const before = world.api.requests().length;
    expect(await workloadsOn(world.admin, 'n1')).toHaveLength(2);
    expect(world.api.requests()).toHaveLength(before + 2);
  });

  it('whose ReplicaSet is all that is left of a Deployment are counted by that', async () => {
    await hand.addWorkload('n1', cart);
    // As deleting it with `--cascade=orphan` leaves them.
    const path = '/apis/apps/v1/namespaces/default';
    const body = { metadata: { ownerReferences: null } };
    await hand.ask({ method: 'PATCH', path: `${path}/replicasets/cart-5d8f7c9b64`, patch: 'merge', body });
    await hand.ask({ method: 'DELETE', path: `${path}/deployments/cart` });
    expect(await workloadsOn(world.admin, 'n1')).toMatchObject([
      { kind: 'ReplicaSet', name: expect.stringMatching(/^cart-/), ready: 3 },
    ]);
  });
});
