import type { AgentView, BootTarget, DaemonPod } from '../../../src/reboot/nodes/observation.ts';
import type { ClusterEvent } from '../../../src/reboot/nodes/cluster-event.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { WorkloadReadiness } from '../../../src/reboot/nodes/workloads.ts';
import type { StillOwed } from '../../../src/reboot/ports/cluster/node-writes.ts';

export type MutableNode = { -readonly [K in keyof NodeView]: NodeView[K] };
export type MutableAgent = { -readonly [K in keyof AgentView]: AgentView[K] };

/** What a test sets, and what it reads afterwards. */
export interface FakeSettings {
  readonly events: ClusterEvent[];
  readonly log: string[];
  /** DaemonSet pods that are not ready, for every node. */
  daemonPodsNotReady: readonly DaemonPod[];
  /** The readiness of the workloads of every node. */
  workloads: readonly WorkloadReadiness[];
  /** True if an admission policy checks that the name beside a request is the writer's. */
  provesRequesters: boolean;
  /** Thrown by every call until it is cleared. */
  down: Error | undefined;
}

/** The objects of the fake, and the preconditions of the real API server. */
export interface FakeWorld {
  readonly nodes: Map<string, MutableNode>;
  readonly agents: Map<string, MutableAgent>;
  /** By node: how often an order about to be given was made to fail. */
  readonly refusals: Map<string, number>;
  readonly settings: FakeSettings;
  /** Each request begins with it. */
  readonly call: (entry: string) => void;
  /** The node, if it is this machine in this boot. */
  readonly target: (boot: BootTarget) => MutableNode | 'gone' | 'wrong-boot';
  readonly versionOf: (name: string) => string;
  /**
   * Checks between reading and writing the node if the write is still needed, and repeats if the node changed
   * meanwhile, as with the API server's preconditions.
   */
  readonly atVersion: (name: string, still: StillOwed | undefined) => Promise<boolean>;
}

export function fakeWorld(): FakeWorld {
  const nodes = new Map<string, MutableNode>();
  const agents = new Map<string, MutableAgent>();
  const refusals = new Map<string, number>();
  const settings: FakeSettings = {
    events: [],
    log: [],
    daemonPodsNotReady: [],
    workloads: [],
    provesRequesters: true,
    down: undefined,
  };
  const versionOf = (name: string): string => JSON.stringify([agents.get(name), refusals.get(name)]);
  return {
    nodes,
    agents,
    refusals,
    settings,
    call(entry) {
      if (settings.down) throw settings.down;
      settings.log.push(entry);
    },
    target({ node: name, uid, bootId }) {
      const node = nodes.get(name);
      if (!node || node.uid !== uid) return 'gone';
      return node.bootId === bootId ? node : 'wrong-boot';
    },
    versionOf,
    async atVersion(name, still) {
      const state = (): string =>
        JSON.stringify([nodes.get(name), agents.get(name)?.endBoot, refusals.get(name)]);
      for (;;) {
        const before = state();
        if (still && !(await still(versionOf(name)))) return false;
        if (state() === before) return true;
      }
    },
  };
}
