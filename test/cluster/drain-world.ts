/**
 * One node to drain on a real API server without other controllers, and the proxy of drain-door.ts between
 * the bot and the server.
 */
import type { Kube, KubeOptions } from '../../src/k8s/kube.ts';
import type { DrainPolicy } from '../../src/reboot/policy/policy.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import type { DrainEvent, DrainRequest } from '../../src/reboot/ports/cluster/drains.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import { systemClock } from '../k8s/world/api.ts';
import { startControllers, type Controllers } from '../k8s/world/controllers.ts';
import type { Hand } from '../k8s/world/hand.ts';
import { openDrainDoor, type DrainDoor, type Passed } from './drain-door.ts';
import { openContractWorld } from './harness/contract-world.ts';
import { bot } from './harness/install-chart.ts';
import type { TestCluster } from './harness/test-cluster.ts';

export type On = (event: DrainEvent, stop: () => void) => unknown;

export interface RulesWorld {
  readonly hand: Hand;
  readonly kube: Kube;
  readonly door: DrainDoor;
  readonly controllers: Controllers;
  /** Cordoned. */
  readonly n1: BootTarget;
  now(): number;
  /** Runs a drain to its end, telling `on` of each event. */
  drain(
    policy?: Partial<DrainPolicy>,
    on?: On,
    overrides?: Partial<DrainRequest>,
  ): Promise<readonly DrainEvent[]>;
  /** With an owner that need not exist: nobody collects garbage here. */
  addPodOf(owner: object | undefined, name: string, more?: { readonly spec?: object }): Promise<string>;
  /** Evictions that the bot has asked for, in order. */
  evictions(): readonly Passed[];
  close(): Promise<void>;
}

const watched = new AbortController().signal;

export async function openRulesWorld(
  cluster: TestCluster,
  options: Partial<KubeOptions> = {},
): Promise<RulesWorld> {
  const world = await openContractWorld(cluster);
  const { hand } = world;
  const door = await openDrainDoor(cluster);
  const kubeconfig = await door.kubeconfigFor(bot);
  const kube = world.connect({ ...options, kubeconfig });
  const controllers = await startControllers(cluster.admin);
  await kube.start(() => undefined, watched);
  const n1 = await hand.addNode('n1');
  await kube.cluster.cordon(n1, 'r1');
  const now = (options.clock ?? systemClock).now;
  return {
    hand,
    kube,
    door,
    controllers,
    n1,
    now,
    async drain(policy = {}, on = () => undefined, overrides = {}) {
      const over = new AbortController();
      const startedAt = now();
      const request = {
        target: n1,
        policy: aDrainPolicy(policy),
        startedAt,
        // Before the test itself is given up: then it says what was left.
        deadline: startedAt + (options.clock ? 60 * minute : 45 * second),
        last: [],
        force: false,
        ...overrides,
      };
      const events: DrainEvent[] = [];
      for await (const event of kube.cluster.drain(request, over.signal)) {
        events.push(event);
        await on(event, () => over.abort());
      }
      return events;
    },
    async addPodOf(owner, name, { spec = {} } = {}) {
      const pod = await hand.ask({
        method: 'POST',
        path: '/api/v1/namespaces/default/pods',
        body: podOf(owner, name, spec),
      });
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      const path = `/api/v1/namespaces/default/pods/${name}/status`;
      await hand.ask({ method: 'PATCH', path, patch: 'merge', body: { status } });
      return (pod as { metadata: { uid: string } }).metadata.uid;
    },
    evictions: () => door.passed.filter(({ isEviction }) => isEviction),
    async close() {
      await controllers.stop();
      await world.close();
      await door.close();
    },
  };
}

const podOf = (owner: object | undefined, name: string, spec: object): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...(owner ? { ownerReferences: [{ ...owner, controller: true }] } : {}) },
  spec: {
    nodeName: 'n1',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'main' }],
    ...spec,
  },
});

export const waitingOf = (event: DrainEvent): number =>
  event.kind === 'progress' ? event.progress.waiting.length : 0;

export const troublesOf = (events: readonly DrainEvent[]): readonly string[] =>
  events.flatMap((event) => (event.kind === 'progress' ? event.progress.trouble : []));

export const failureOf = (events: readonly DrainEvent[]): Extract<DrainEvent, { kind: 'failed' }> => {
  const last = events.at(-1);
  if (last?.kind !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(last)}`);
  return last;
};

/** Calls `act` at the first event that `when` is true of. */
export function first(when: (event: DrainEvent) => boolean, act: (stop: () => void) => unknown): On {
  let done = false;
  return async (event, stop) => {
    if (done || !when(event)) return;
    done = true;
    await act(stop);
  };
}
