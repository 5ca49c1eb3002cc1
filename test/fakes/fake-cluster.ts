import type { AgentView, BootTarget, DaemonPod } from '../../src/reboot/nodes/observation.ts';
import type { Cluster, DrainEvent, StillOwed } from '../../src/reboot/ports/cluster.ts';
import type { ClusterEvent } from '../../src/reboot/nodes/cluster-event.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import { relabel } from '../../src/reboot/ownership/managed-labels.ts';
import type { Impact } from '../../src/reboot/state/impact.ts';
import type { WorkloadReadiness } from '../../src/reboot/nodes/workloads.ts';
import { matchesPool } from '../../src/reboot/policy/pools.ts';
import { at, noon } from './builders.ts';

type MutableNode = { -readonly [K in keyof NodeView]: NodeView[K] };
type MutableAgent = { -readonly [K in keyof AgentView]: AgentView[K] };

export interface FakeCluster extends Cluster {
  addNode(node: NodeView, agent?: Partial<AgentView>): void;
  node(name: string): MutableNode;
  agentOf(name: string): MutableAgent;
  removeNode(name: string): void;
  /**
   * The events of the next drains; the last script is repeated. One that does not end is that of a worker
   * that stopped.
   */
  drains(...scripts: readonly DrainEvent[][]): void;
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

const impact: Impact = {
  at: at(0),
  podsToMove: 14,
  podsStaying: 2,
  blockedBy: [],
  lost: [],
  emptyDir: [],
  refusals: [],
};

/**
 * A cluster in memory with the preconditions of the real one: writes check UID, boot and owner of the cordon.
 */
export function fakeCluster(now: () => number = () => noon): FakeCluster {
  const nodes = new Map<string, MutableNode>();
  const agents = new Map<string, MutableAgent>();
  /** By node: how often an order about to be given was made to fail. */
  const refusals = new Map<string, number>();
  const events: ClusterEvent[] = [];
  const log: string[] = [];
  let scripts: (readonly DrainEvent[])[] = [[{ kind: 'drained', pods: 14 }]];

  const call = (entry: string): void => {
    if (fake.down) throw fake.down;
    log.push(entry);
  };
  const target = ({
    node: name,
    uid,
    bootId,
  }: {
    node: string;
    uid: string;
    bootId: string;
  }): MutableNode | 'gone' | 'wrong-boot' => {
    const node = nodes.get(name);
    if (!node || node.uid !== uid) return 'gone';
    return node.bootId === bootId ? node : 'wrong-boot';
  };
  /**
   * Checks between reading and writing the node if the write is still needed, and repeats if the node changed
   * meanwhile, as with the API server's preconditions.
   */
  const atVersion = async (name: string, still: StillOwed | undefined): Promise<boolean> => {
    const version = (): string =>
      JSON.stringify([nodes.get(name), agents.get(name)?.endBoot, refusals.get(name)]);
    for (;;) {
      const before = version();
      if (still && !(await still(fake.agentVersion(name)))) return false;
      if (version() === before) return true;
    }
  };
  /** The node's own state ends a drain before any script does. */
  const endOf = (boot: BootTarget): DrainEvent | undefined => {
    const node = target(boot);
    if (typeof node === 'string') return { kind: 'superseded' };
    if (node.unschedulable) return undefined;
    return { kind: 'failed', code: 'uncordoned-by-other', sentence: `Somebody uncordoned ${boot.node}.` };
  };
  const must = <T>(found: T | undefined, name: string): T => {
    if (found === undefined) throw new Error(`the fake cluster has no ${name}`);
    return found;
  };

  const fake: FakeCluster = {
    events,
    log,
    daemonPodsNotReady: [],
    workloads: [],
    provesRequesters: true,
    down: undefined,
    addNode: (node, agent) => {
      nodes.set(node.name, { ...node });
      if (agent) agents.set(node.name, { node: node.name, ...agent });
    },
    node: (name) => must(nodes.get(name), name),
    agentOf: (name) => must(agents.get(name), name),
    removeNode: (name) => {
      nodes.delete(name);
      agents.delete(name);
    },
    drains: (...given) => {
      scripts = [...given];
    },
    nodes: () => Array.from(nodes.values(), (node) => ({ ...node })),
    // Tests replace `nodes` to let the watch lag.
    cachedNode: (name) => fake.nodes().find((node) => node.name === name),
    agent: (name) => {
      const agent = agents.get(name);
      return agent && { ...agent };
    },
    agentVersion: (name) => JSON.stringify([agents.get(name), refusals.get(name)]),
    heardAt: now,
    observe: async (name, want) => {
      call(`observe ${name}`);
      const node = want?.node ?? nodes.get(name);
      const agent = agents.get(name);
      return {
        ...(node ? { node: { ...node } } : {}),
        ...(agent ? { agent: { ...agent } } : {}),
        daemonPodsNotReady: want?.daemonPods === true ? fake.daemonPodsNotReady : [],
      };
    },
    daemonPods: async (name) => {
      call(`daemonPods ${name}`);
      return fake.daemonPodsNotReady;
    },
    freshNodes: async (pool) => {
      call('freshNodes');
      return fake.nodes().filter((node) => matchesPool(pool, node));
    },
    freshAgents: async () => {
      call('freshAgents');
      return Array.from(agents.values(), (agent) => ({ ...agent }));
    },
    assess: async () => {
      call('assess');
      return { ...impact, at: new Date(now()).toISOString() };
    },
    workloadsOn: async (name) => {
      call(`workloads ${name}`);
      return fake.workloads;
    },
    cordon: async (boot, owner, still) => {
      call(`cordon ${boot.node}`);
      if (!(await atVersion(boot.node, still))) return 'not-owed';
      const node = target(boot);
      if (typeof node === 'string') return node;
      if (node.unschedulable) return node.cordonedBy === owner ? 'us' : 'other';
      node.unschedulable = true;
      node.cordonedBy = owner;
      return 'us';
    },
    uncordon: async (boot, owner, still) => {
      call(`uncordon ${boot.node}`);
      if (!(await atVersion(boot.node, still))) return 'not-owed';
      const node = target(boot);
      if (typeof node === 'string') return node;
      if (node.cordonedBy !== owner) return node.unschedulable ? 'kept' : 'done';
      node.unschedulable = false;
      delete node.cordonedBy;
      return 'done';
    },
    unmark: async (boot, owner) => {
      call(`unmark ${boot.node}`);
      const node = target(boot);
      if (typeof node === 'string') return node;
      if (node.unschedulable) return 'kept';
      if (node.cordonedBy === owner) delete node.cordonedBy;
      return 'done';
    },
    isRequesterProven: async (boot) => {
      call(`isRequesterProven ${boot.node}`);
      return fake.provesRequesters;
    },
    takeRequest: async (boot, asked) => {
      call(`takeRequest ${boot.node}`);
      const node = target(boot);
      if (typeof node === 'string') return node;
      if (node.requested === undefined) return 'done';
      if (node.requested !== asked.requested || node.requestedBy !== asked.requestedBy) return 'kept';
      delete node.requested;
      delete node.requestedBy;
      return 'done';
    },
    mark: async (boot, wanted, still) => {
      const seen = target(boot);
      if (typeof seen === 'string') return seen;
      if (!relabel(seen, wanted({ ...seen }))) return 'done';
      call(`marks ${boot.node}`);
      if (!(await atVersion(boot.node, still))) return 'not-owed';
      const node = target(boot);
      if (typeof node === 'string') return node;
      const next = relabel(node, wanted({ ...node }));
      if (next === undefined) return 'done';
      node.labels = next.labels;
      node.hookAnnotations = next.hookAnnotations;
      if (Object.keys(next.hookAnnotations).length === 0) delete node.hookAnnotations;
      delete node.marks;
      if (next.marks) node.marks = next.marks;
      return 'done';
    },
    order: async (boot, still) => {
      call(`order ${boot.node}`);
      const standing = agents.get(boot.node)?.endBoot === boot.bootId;
      if (!standing && !(await atVersion(boot.node, still))) return 'not-owed';
      const node = target(boot);
      if (typeof node === 'string') return node;
      agents.set(boot.node, { ...(agents.get(boot.node) ?? { node: boot.node }), endBoot: boot.bootId });
      return 'ordered';
    },
    withdrawOrder: async (name, endBoot, late) => {
      call(`withdraw ${name}`);
      const agent = agents.get(name);
      if (!agent) return 'gone';
      if (late !== undefined) refusals.set(name, (refusals.get(name) ?? 0) + 1);
      if (endBoot === undefined || agent.endBoot === endBoot) delete agent.endBoot;
      return 'done';
    },
    drain: async function* (request, signal) {
      call(`drain ${request.target.node}${request.force ? ' by force' : ''}`);
      const script = scripts.length > 1 ? scripts.shift() : scripts[0];
      const { daemonPodsNotReady } = fake;
      const isReady = nodes.get(request.target.node)?.ready === true;
      let first = isReady && daemonPodsNotReady.length > 0 ? { daemonPodsNotReady } : {};
      for (const event of script ?? []) {
        if (signal.aborted) return;
        const end = endOf(request.target);
        yield (
          end ?? (event.kind === 'failed' || event.kind === 'superseded' ? event : { ...event, ...first })
        );
        first = {};
        if (end !== undefined || event.kind !== 'progress') return;
      }
    },
    ensureAgent: async ({ name, uid }) => {
      call(`ensureAgent ${name}`);
      if (nodes.get(name)?.uid !== uid) return 'node-gone';
      if (agents.has(name)) return 'exists';
      agents.set(name, { node: name });
      return 'created';
    },
    markRebootRequired: async (boot, status) => {
      call(`mark ${boot.node} ${status}`);
      const node = target(boot);
      if (typeof node === 'string') return node;
      node.rebootRequired = status;
      return 'done';
    },
    writeNote: async (name, was, next, topic = 'doubt') => {
      call(
        `${topic} ${name} ${next === undefined ? 'over' : next.told ? 'told' : next.notice ? 'telling' : 'seen'}`,
      );
      const agent = agents.get(name);
      if (!agent) return 'gone';
      if (JSON.stringify(agent[topic]) !== JSON.stringify(was)) return 'conflict';
      delete agent[topic];
      if (next) agent[topic] = next;
      return 'done';
    },
    record: async (event) => {
      call(`event ${event.reason}`);
      if (!events.some((known) => known.key === event.key)) events.push(event);
    },
  };
  return fake;
}
