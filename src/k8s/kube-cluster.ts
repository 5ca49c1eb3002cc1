import type { BootTarget, DaemonPod, Observation } from '../reboot/nodes/observation.ts';
import type { Cluster } from '../reboot/ports/cluster/cluster.ts';
import type { ObserveWish } from '../reboot/ports/cluster/node-reads.ts';
import type { Clock, Instant } from '../reboot/time/time.ts';
import type { NodeView } from '../reboot/nodes/node-view.ts';
import type { KubeClient } from './api/client.ts';
import { objectNameOf } from './api/object-names.ts';
import { listAll } from './api/pages.ts';
import { paths } from './api/paths.ts';
import { assessor } from './impact/assess-impact.ts';
import { drainNode, type DrainDeps } from './drain/drain.ts';
import { daemonsNotReady, podView } from './pods/pod-view.ts';
import { listPods, podsOnNode } from './pods/pods-on-node.ts';
import { workloadsOn } from './gates/workload-readings.ts';
import type { AgentObjects } from './nodes/agent-objects.ts';
import type { AgentSets } from './nodes/agent-sets.ts';
import { agentView } from './nodes/agent-view.ts';
import type { KubeNode } from './nodes/kube-node.ts';
import { isAtBoot, nodeView, type WantedFields } from './nodes/read-node.ts';
import type { NodeWriter } from './nodes/node-writer.ts';
import { isRequesterProven } from './nodes/requester-proof.ts';
import { recordEvent } from './nodes/record-event.ts';
import type { Watches } from './watches.ts';
import { joinedReads } from '../timing/joined-reads.ts';

export interface KubeClusterDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly watches: Pick<Watches, 'nodes' | 'agents'>;
  readonly agentSets: Pick<AgentSets, 'judged' | 'changes'>;
  readonly nodeWriter: NodeWriter;
  readonly agentObjects: AgentObjects;
  readonly drainDeps: DrainDeps;
  readonly wanted: WantedFields;
}

async function daemonPodsNotReady(client: KubeClient, node: string): Promise<readonly DaemonPod[]> {
  return daemonsNotReady(await listPods(client, podsOnNode(node), podView));
}

async function observe(
  { client, nodeWriter, agentObjects, wanted, agentSets }: KubeClusterDeps,
  name: string,
  { daemonPods, node: known }: ObserveWish,
): Promise<Observation> {
  const readNode = async (): Promise<NodeView | undefined> => {
    const read = await nodeWriter.read(name);
    return read && agentSets.judged(nodeView(read, wanted));
  };
  const [node, agent, notReady] = await Promise.all([
    known ?? readNode(),
    agentObjects.read(name),
    daemonPods ? daemonPodsNotReady(client, name) : [],
  ]);
  return {
    ...(node === undefined ? {} : { node }),
    ...(agent === undefined ? {} : { agent: agentView(agent) }),
    daemonPodsNotReady: notReady,
  };
}

type FreshNodes = (selector: string, about: string | undefined) => Promise<readonly NodeView[]>;

/** Concurrent starts share a list: at 5,000 nodes it takes longer than the rest of a start. */
function freshLists(deps: KubeClusterDeps): FreshNodes {
  const bySelector = new Map<string, (about: string | undefined) => Promise<readonly NodeView[]>>();
  return (selector, about) => {
    const known = bySelector.get(selector);
    if (known) return known(about);
    const read = joinedReads((asked: readonly (string | undefined)[]) => listNodes(deps, selector, asked));
    bySelector.set(selector, read);
    return read(about);
  };
}

async function listNodes(
  { client, clock, nodeWriter, wanted, agentSets }: KubeClusterDeps,
  selector: string,
  about: readonly (string | undefined)[],
): Promise<readonly NodeView[]> {
  const query = { labelSelector: selector === '' ? undefined : selector };
  const names = new Set(about);
  const sentAt = clock.now();
  const reduce = (node: KubeNode): NodeView => {
    if (names.has(objectNameOf(node))) nodeWriter.wasRead(node, sentAt);
    return agentSets.judged(nodeView(node, wanted));
  };
  return (await listAll(client, { path: paths.nodes, query }, reduce)).items;
}

/**
 * Whether the watches show our order for this boot. Every step needs the order until the node goes down, and
 * it is seldom withdrawn, so this saves requests.
 */
function isOrdered({ watches, drainDeps }: KubeClusterDeps, target: BootTarget): boolean {
  const node = watches.nodes.get(target.node);
  const agent = watches.agents.get(target.node);
  return (
    node !== undefined &&
    isAtBoot(node.view, target) &&
    agent?.view.endBoot === target.bootId &&
    agent.owner.nodeUid === target.uid &&
    agent.owner.installation === drainDeps.namespace
  );
}

/** Computed once for each state of the watches: a resync and each plan read all of them several times. */
function judgedNodes({ watches, agentSets }: KubeClusterDeps): () => readonly NodeView[] {
  let madeAt: readonly number[] = [];
  let nodes: readonly NodeView[] = [];
  return () => {
    const now = [watches.nodes.changes(), watches.agents.changes(), agentSets.changes()];
    if (now.some((changes, nth) => changes !== madeAt[nth])) {
      nodes = Array.from(watches.nodes.values(), ({ view }) => agentSets.judged(view));
      madeAt = now;
    }
    return nodes;
  };
}

/** Implements the ports to the nodes on the Kubernetes API. */
export function kubeCluster(deps: KubeClusterDeps): Cluster {
  const { client, clock, watches, nodeWriter, agentObjects, agentSets } = deps;
  const freshNodes = freshLists(deps);
  const assess = assessor({
    client,
    clock,
    logger: deps.drainDeps.logger,
    daemonSets: deps.drainDeps.daemonSets,
    spaces: () => [...watches.nodes.values()].flatMap(({ space }) => space ?? []),
    isNotReady: (node) => watches.nodes.get(node)?.view.ready === false,
  });
  return {
    nodes: judgedNodes(deps),
    cachedNode: (name) => {
      const watched = watches.nodes.get(name);
      return watched && agentSets.judged(watched.view);
    },
    agent: (node) => watches.agents.get(node)?.view,
    agentVersion: (node) => watches.agents.versionOf(node),
    heardAt: (): Instant => watches.nodes.heardAt(),
    observe: (node, want = { daemonPods: false }) => observe(deps, node, want),
    daemonPods: (node) => daemonPodsNotReady(client, node),
    freshNodes: ({ selector }, about) => freshNodes(selector, about),
    freshAgents: async () => (await listAll(client, { path: paths.agents }, agentView)).items,
    assess,
    workloadsOn: (node) => workloadsOn(client, node),
    cordon: (target, owner, still) => nodeWriter.cordon(target, owner, still),
    uncordon: (target, owner, still) => nodeWriter.uncordon(target, owner, still),
    forgetCordon: (target, owner) => nodeWriter.forgetCordon(target, owner),
    label: (target, wanted, still) => nodeWriter.label(target, wanted, still),
    takeRequest: (target, asked) => nodeWriter.takeRequest(target, asked),
    isRequesterProven: (target) => isRequesterProven(client, target),
    async setRebootRequired(target, status, message) {
      const seen = watches.nodes.get(target.node);
      const same = seen?.view.rebootRequired === status && seen.rebootMessage === message;
      // Most reconciles of a node change nothing: they cost no request.
      if (same && isAtBoot(seen.view, target)) return 'done';
      const version = watches.nodes.versionOf(target.node);
      // With a changed status nothing of the stored condition is kept, so that it need not be read.
      if (seen !== undefined && seen.view.rebootRequired !== status && version !== undefined) {
        const index = seen.rebootConditionAt;
        const place = index === undefined ? 'append' : { index };
        if (await nodeWriter.writeCondition(target, { status, message }, { version, place })) return 'done';
      }
      return nodeWriter.setRebootRequired(target, status, message);
    },
    async order(target, still, anyway = false) {
      if (!anyway && isOrdered(deps, target)) return 'ordered';
      return agentObjects.order(target, still, anyway);
    },
    withdrawOrder: (...order) => agentObjects.withdrawOrder(...order),
    ensureAgent: (node) => agentObjects.ensureAgent(node),
    writeNote: (...note) => agentObjects.writeNote(...note),
    drain: (request, signal) => drainNode(deps.drainDeps, request, signal),
    record: (event) => recordEvent(client, event),
  };
}
