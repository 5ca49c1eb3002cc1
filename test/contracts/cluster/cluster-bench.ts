import { afterEach, beforeEach, expect } from 'vitest';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { Cluster } from '../../../src/reboot/ports/cluster/cluster.ts';
import type { WorkloadWish } from '../../k8s/world/workload-hand.ts';

/** The cluster under test, and actions of other people and machines. */
export interface ClusterWorld {
  readonly cluster: Cluster;
  /** A schedulable, ready node in its first boot; returns its target. */
  addNode(name: string, labels?: Readonly<Record<string, string>>): Promise<BootTarget>;
  removeNode(name: string): Promise<void>;
  /** The node has booted and is ready. */
  setBoot(name: string, bootId: string): Promise<void>;
  setReady(name: string, ready: boolean): Promise<void>;
  /** With kubectl, without annotations of ours. */
  cordonAsOther(name: string): Promise<void>;
  uncordonAsOther(name: string): Promise<void>;
  /**
   * Requests a reboot by annotation, as a person. Returns the requester's name that was written beside it, if
   * any.
   */
  requestAsOther(name: string, reason: string, how?: 'in their own name'): Promise<string>;
  taintAsOther(name: string, key: string): Promise<void>;
  /** Status True, with that reason. */
  conditionAsOther(name: string, type: string, reason: string): Promise<void>;
  /** A workload with a pod on the node, with the status that its controller writes. */
  addWorkload(node: string, wish: WorkloadWish): Promise<void>;
  removeWorkload(wish: Pick<WorkloadWish, 'kind' | 'name'>): Promise<void>;
  /** Events about a node, by reason. */
  eventsOf(name: string): Promise<readonly { readonly reason: string; readonly note: string }[]>;
  /** Until the cluster's own view shows these actions. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** The owner of the cordons and labels under test. */
export const owner = 'n1-4f1c9a';

export const past = (target: BootTarget): BootTarget => ({ ...target, bootId: 'a-boot-long-ago' });

export const otherMachine = (target: BootTarget): BootTarget => ({
  ...target,
  uid: 'the-uid-of-another-machine',
});

/** The world of one test, and the node in it. */
export interface ClusterBench {
  readonly world: ClusterWorld;
  readonly cluster: Cluster;
  readonly n1: BootTarget;
  nodeNow(): Promise<NodeView | undefined>;
}

/** A world with the node n1 for each test of the suite that calls this. */
export function clusterBench(make: () => Promise<ClusterWorld>): ClusterBench {
  let world: ClusterWorld;
  let n1: BootTarget;
  beforeEach(async () => {
    world = await make();
    n1 = await world.addNode('n1', { role: 'worker' });
    await world.settled();
  });
  afterEach(() => world.close());
  return {
    get world() {
      return world;
    },
    get cluster() {
      return world.cluster;
    },
    get n1() {
      return n1;
    },
    async nodeNow() {
      const { node } = await world.cluster.observe('n1');
      expect(node).toBeDefined();
      return node;
    },
  };
}
