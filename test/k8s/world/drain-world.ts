import type { DrainWorld } from '../../contracts/drain-contract.ts';
import { numberAt } from '../../../src/k8s/api/json-value.ts';
import type { KubeOptions } from '../../../src/k8s/kube.ts';
import type { RebootStore } from '../../../src/reboot/ports/stores.ts';
import { realSleep, startApiWorld, systemClock, type ApiWorld } from './api.ts';
import { startControllers, type Controllers } from './controllers.ts';
import { handOf, type Hand } from './hand.ts';
import { heldTime } from './held-time.ts';
import { until } from './until.ts';

export type KubeDrainWorld = DrainWorld & {
  readonly world: ApiWorld;
  readonly controllers: Controllers;
  readonly hand: Hand;
  readonly store: RebootStore;
};

/** The adapter on the demo API, with a kubelet and a disruption controller. */
export async function makeDrainWorld(options: Partial<KubeOptions> = {}): Promise<KubeDrainWorld> {
  const world = await startApiWorld();
  const time = heldTime({ clock: options.clock ?? systemClock, sleep: options.sleep ?? realSleep });
  const kube = world.connect({ ...options, clock: time.clock, sleep: time.sleep });
  const hand = handOf(world.admin);
  const controllers = await startControllers(world.admin);
  await kube.start(() => undefined, new AbortController().signal);
  const { cluster } = kube;
  return {
    ...hand,
    world,
    hand,
    controllers,
    cluster,
    store: kube.store,
    stuck: controllers.stuck,
    now: () => time.clock.now(),
    time,
    holdPodWatch() {
      world.api.stallWatches(
        ({ type, query }) =>
          type.plural === 'pods' && (query.get('fieldSelector') ?? '').includes('nodeName'),
      );
      return () => world.api.resumeWatches();
    },
    async addBudget(name, wish) {
      await hand.addBudget(name, wish);
      const path = `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${name}`;
      await until(
        `budget ${name} is counted`,
        async () =>
          numberAt(await hand.ask({ method: 'GET', path }), 'status', 'observedGeneration') !== undefined,
      );
    },
    settled: async () => {
      const fresh = await cluster.freshNodes({ selector: '' });
      await until(
        'the watch shows the nodes',
        () => JSON.stringify(cluster.nodes()) === JSON.stringify(fresh),
      );
    },
    async close() {
      await controllers.stop();
      await world.close();
    },
  };
}
