/** The contract of Gatekeeper, on the gates that ask the cluster. */
import { kubeGatekeeper } from '../../../src/k8s/gatekeeper.ts';
import { workloadGatekeeper } from '../../../src/k8s/gates/workload-gatekeeper.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { gatekeeperContract } from '../../contracts/gatekeeper-contract.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { startApiWorld } from '../world/api.ts';
import { handOf } from '../world/hand.ts';
import { countReady } from '../world/workload-hand.ts';

gatekeeperContract('pods, on the demo API', async () => {
  const world = await startApiWorld();
  const hand = handOf(world.admin);
  return {
    gatekeeper: kubeGatekeeper({ client: world.admin, clock: fakeClock() }),
    gates: { blockingPods: ['app=ci'] },
    code: 'pods-in-the-way',
    perNode: true,
    async block(node) {
      await hand.ask({
        method: 'POST',
        path: '/api/v1/namespaces/default/pods',
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: `build-on-${node}`, namespace: 'default', labels: { app: 'ci' } },
          spec: { nodeName: node, containers: [{ name: 'main', image: 'pause' }] },
        },
      });
    },
    async unblock(node) {
      const path = `/api/v1/namespaces/default/pods/build-on-${node}`;
      await hand.ask({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } });
    },
    goAway: () => world.api.faults.down(),
    close: () => world.close(),
  };
});

gatekeeperContract('workloads of a rollout, on the demo API', async () => {
  const world = await startApiWorld();
  const hand = handOf(world.admin);
  const clock = fakeClock();
  const cart = { kind: 'Deployment', name: 'cart', replicas: 3, ready: 3 } as const;
  await hand.addWorkload('w0', cart);
  /** Past what the readings are kept for. */
  const count = async (ready: number): Promise<void> => {
    await countReady((request) => hand.ask(request), { ...cart, ready });
    clock.advance(10 * second);
  };
  return {
    gatekeeper: workloadGatekeeper({ client: world.admin, clock }),
    gates: {},
    before: [{ kind: 'Deployment', namespace: 'default', name: 'cart', ready: 3, node: 'w0' }],
    code: 'rollout-halted',
    perNode: false,
    block: () => count(1),
    unblock: () => count(3),
    goAway: () => world.api.faults.down(),
    close: () => world.close(),
  };
});
