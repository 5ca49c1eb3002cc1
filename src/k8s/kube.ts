import type { BootTarget } from '../reboot/nodes/observation.ts';
import type { Cluster } from '../reboot/ports/cluster/cluster.ts';
import { type Clock, second } from '../reboot/time/time.ts';
import type { Gatekeeper, StartQuestion } from '../reboot/ports/outside.ts';
import type { Ledger, Pauses, PoolDigests, RebootStore } from '../reboot/ports/stores.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Meter } from '../reboot/ports/meter.ts';
import { isIn } from '../reboot/state/reboot.ts';
import { type DrainProgress } from '../reboot/state/drain-facts.ts';
import { changeFeed, type ChangeFeed } from './watch/change-feed.ts';
import { sleptThrough, type Sleep } from '../timing/sleep.ts';
import type { KubeClient } from './api/client.ts';
import { connectClient, type ConnectOptions } from './api/connect-client.ts';
import { recentObjects, type RecentObjects } from './watch/recent-objects.ts';
import { kubeGatekeeper } from './gatekeeper.ts';
import { workloadGatekeeper } from './gates/workload-gatekeeper.ts';
import { blockerWatches, type BlockerWatches } from './gates/blocker-watches.ts';
import { kubeCluster } from './kube-cluster.ts';
import { agentSets, type AgentSets } from './nodes/agent-sets.ts';
import { agentObjects, type AgentObjects, otherThan } from './nodes/agent-objects.ts';
import type { KnownAgent } from './nodes/agent-order.ts';
import type { WantedFields } from './nodes/read-node.ts';
import { seenDaemonSets } from './pods/daemon-owners.ts';
import { watchBudgets } from './drain/drain-watches.ts';
import type { KubeNode } from './nodes/kube-node.ts';
import { nodeWriter, type NodeWriter } from './nodes/node-writer.ts';
import { digestsReader, kubeDigests } from './records/digests-store.ts';
import { kubeLedger } from './records/ledger-store.ts';
import { kubePauses } from './records/pauses-store.ts';
import { kubeRebootStore } from './records/reboot-store.ts';
import { createWatches, type KubeChange, type Watches } from './watches.ts';

export type { KubeChange } from './watches.ts';

export interface KubeOptions extends ConnectOptions {
  /** The namespace of the installation, which also holds the ledger of turns. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Resolves after `ms`. An abort ends it early, by resolving or rejecting. */
  readonly sleep: Sleep;
  /** Absent: nothing is counted. */
  readonly meter?: Pick<Meter, 'watchFailed' | 'evicted'>;
  /**
   * The conditions and annotations of a Node to cache. A change applies to a cached node with its next event.
   */
  readonly wanted?: WantedFields;
}

export interface Kube {
  readonly cluster: Cluster;
  readonly store: RebootStore;
  readonly ledger: Ledger;
  readonly pauses: Pauses;
  readonly digests: PoolDigests;
  readonly gatekeeper: Gatekeeper;
  /** Whether the workloads of rebooted nodes are as ready as before. */
  readonly workloads: Gatekeeper;
  /** Nodes that run a replica of the bot or its Redis, from the watch. */
  ownNodes(): readonly string[];
  /**
   * Watches nodes, agents and Reboots until `signal` or `stop`; resolves when every watch has listed.
   * `onChange` is called only when the cached view of a name changed, the first list included. Waits for an
   * API server that is unreachable.
   */
  start(onChange: (change: KubeChange) => void, signal: AbortSignal): Promise<void>;
  /**
   * Replaces the set of blocked Reboots: watches the objects that block them, and notifies `onChange` of
   * `start` when they are cleared.
   */
  follow(blocked: readonly StartQuestion[]): void;
  /** Ends the watches and closes all connections. */
  stop(): Promise<void>;
  /** Whether this installation owns the cluster. Two installations would have two ledgers. */
  claimInstallation(): Promise<{ readonly ok: true } | { readonly ok: false; readonly other: string }>;
  /** Another installation that serves the cluster too, as the watch of the NodeAgents shows it. */
  otherInstallation(): string | undefined;
}

/** Opens no connection yet. Throws a `PortError` when the configuration names no usable cluster. */
export function connectKube(options: KubeOptions): Kube {
  const { namespace, clock, random, sleep, logger, wanted = nothing } = options;
  const client = connectClient(options);
  const feed = changeFeed<KubeChange>();
  const made = new Set<string>();
  const digestsRead = digestsReader(logger);
  const watches: Watches = createWatches(
    {
      client,
      namespace,
      wanted,
      made,
      readDigests: (configMap) => digestsRead.read(configMap),
      clock,
      sleep,
      random,
      logger,
      ...metered(options),
    },
    feed.publish,
    () => sets.forget(),
  );
  const sets = agentSets(
    () => watches.agentSets.values(),
    (node) => watches.agents.get(node.name)?.view.report?.bootId === node.bootId,
  );
  const recentNodes = recentObjects<KubeNode>(clock, (name) => watches.nodes.versionOf(name));
  const parts = { options, client, feed, watches, sets, recentNodes };
  const nodes = connectNodes(parts);
  const agents = connectAgents(parts, nodes);
  const running = runner(options, watches, feed);
  const blockers = connectBlockerWatches(parts);
  return {
    cluster: connectCluster(parts, nodes, agents),
    store: kubeRebootStore({ client, watched: watches.reboots, made }),
    pauses: kubePauses({ client, namespace, watched: watches.pauses }),
    digests: kubeDigests({ client, namespace, watched: watches.digests, sleep, random }, digestsRead),
    gatekeeper: kubeGatekeeper({ client, clock }),
    workloads: workloadGatekeeper({ client, clock }),
    ledger: kubeLedger({ client, namespace, clock, sleep, random }),
    ownNodes: () => [
      ...new Set([...watches.ownPods.values()].flatMap(({ node }) => (node === undefined ? [] : [node]))),
    ],
    start: running.start,
    follow: (questions) => blockers.follow(questions),
    claimInstallation: () => agents.claim(),
    otherInstallation: () => otherThan(namespace, installationsIn(watches.agents)),
    async stop() {
      await Promise.all([running.stop(), blockers.stop()]);
      await client.close();
    },
  };
}

const metered = ({ meter }: KubeOptions): Pick<KubeOptions, 'meter'> =>
  meter === undefined ? {} : { meter };

const nothing: WantedFields = () => ({
  conditions: new Set(),
  annotations: new Set(),
  hookAnnotations: new Set(),
});

interface Parts {
  readonly options: KubeOptions;
  readonly client: KubeClient;
  readonly feed: ChangeFeed<KubeChange>;
  readonly watches: Watches;
  readonly sets: AgentSets;
  readonly recentNodes: RecentObjects<KubeNode>;
}

const connectNodes = ({ options: { clock }, client, watches, recentNodes }: Parts): NodeWriter =>
  nodeWriter({ client, clock, seen: (node) => watches.nodes.offer(node), recent: recentNodes });

const connectAgents = (parts: Parts, nodes: NodeWriter): AgentObjects =>
  agentObjects({
    client: parts.client,
    namespace: parts.options.namespace,
    readNode: (name) => nodes.read(name),
    recentNode: (name) => parts.recentNodes.get(name)?.object,
    watched: (node) => seenAgent(parts.watches.agents, node),
    watchedUid: (node) => parts.watches.nodes.get(node)?.view.uid,
    seen: (agent) => parts.watches.agents.offer(agent),
  });

function* installationsIn(agents: Watches['agents']): Generator<string | undefined, void, undefined> {
  for (const { owner } of agents.values()) yield owner.installation;
}

function seenAgent(agents: Watches['agents'], node: string): KnownAgent | undefined {
  const seen = agents.get(node);
  if (seen === undefined) return undefined;
  const { view, owner, uid } = seen;
  return { uid, owner, version: agents.versionOf(node), endBoot: view.endBoot, anyway: undefined };
}

function connectCluster(parts: Parts, nodes: NodeWriter, agents: AgentObjects): Cluster {
  const { options, client, feed, watches, sets } = parts;
  const { clock, sleep, random, logger, wanted = nothing } = options;
  return kubeCluster({
    client,
    clock,
    wanted,
    watches,
    agentSets: sets,
    nodeWriter: nodes,
    agentObjects: agents,
    drainDeps: {
      client,
      clock,
      sleep,
      random,
      logger,
      ...metered(options),
      readNode: (name) => nodes.read(name),
      recentNode: (name) => parts.recentNodes.get(name),
      watchedNode: (name) => watches.nodes.get(name)?.view,
      onNodeChange: (name, listener) =>
        feed.subscribe((change) => {
          if (change.kind === 'node' && change.node === name) listener();
        }),
      namespace: options.namespace,
      daemonSets: seenDaemonSets(clock),
      budgets: watchBudgets({ client, clock, sleep, random, logger, ...metered(options) }),
      storedProgress: (target) => storedProgress(watches, target),
    },
  });
}

function connectBlockerWatches({ options, client, feed, watches }: Parts): BlockerWatches {
  const { clock, sleep, random, logger } = options;
  const blockers = blockerWatches({
    client,
    clock,
    sleep,
    random,
    logger,
    nodes: () => [...watches.nodes.values()].map(({ view }) => view),
    onClear: (reboots) => feed.publish({ kind: 'cleared', reboots }),
  });
  feed.subscribe(({ kind }) => {
    if (kind === 'node') blockers.nodeChanged();
  });
  return blockers;
}

/**
 * From the watch: a drain's progress, and since when its pods wait, must outlive the process that runs it.
 */
function storedProgress({ reboots }: Watches, { uid, bootId }: BootTarget): DrainProgress | undefined {
  for (const read of reboots.values()) {
    if (!read.ok) continue;
    const { reboot } = read;
    const same = reboot.node.uid === uid && reboot.bootId === bootId;
    if (same && isIn(reboot, 'Draining')) return reboot.state.drain;
  }
  return undefined;
}

/**
 * How long the start waits for the lists of the DaemonSets and of the pool digests. Without the right to read
 * them the bot still runs: it cannot mark the nodes that no agent can run on, and every node asks alone.
 */
const longestWithoutOptional = 5 * second;

function runner(
  { sleep }: Pick<KubeOptions, 'sleep'>,
  watches: Watches,
  feed: ChangeFeed<KubeChange>,
): Pick<Kube, 'start' | 'stop'> {
  const over = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  return {
    async start(onChange, signal) {
      feed.subscribe(onChange);
      const both = AbortSignal.any([signal, over.signal]);
      const aborted = Promise.withResolvers<void>();
      both.addEventListener('abort', () => aborted.resolve(), { once: true });
      if (both.aborted) aborted.resolve();
      const all = Object.values(watches);
      running = Promise.all(all.map((watch) => watch.run(both)));
      const { agentSets: sets, digests, ...needed } = watches;
      await Promise.race([Promise.all(Object.values(needed).map((watch) => watch.listed)), aborted.promise]);
      await listedWithin(Promise.all([sets.listed, digests.listed]), (listed) =>
        sleptThrough(sleep, longestWithoutOptional, AbortSignal.any([both, listed])),
      );
    },
    async stop() {
      over.abort();
      await running;
    },
  };
}

async function listedWithin(
  listed: Promise<unknown>,
  pause: (listed: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const over = new AbortController();
  await Promise.race([listed, pause(over.signal)]);
  over.abort();
}
