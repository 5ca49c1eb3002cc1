import type { BootTarget, Clock, Cluster, Ledger, Logger, RebootStore } from '../reboot/ports.ts';
import { isIn, type BudgetBlock } from '../reboot/reboot.ts';
import { changeFeed, type ChangeFeed } from './api/change-feed.ts';
import type { Sleep } from './api/backoff.ts';
import { createKubeClient, type KubeClient } from './api/client.ts';
import { kubeAccess, type KubeConfigSource } from './api/kube-access.ts';
import { createTransport } from './api/transport.ts';
import { kubeCluster } from './kube-cluster.ts';
import { agentObjects, type AgentObjects } from './nodes/agent-objects.ts';
import { nodeWriter, type NodeWriter } from './nodes/node-writer.ts';
import { kubeLedger } from './records/ledger-store.ts';
import { kubeRebootStore } from './records/reboot-store.ts';
import { createWatches, type KubeChange, type Watches } from './watches.ts';

export type { KubeChange } from './watches.ts';

export interface KubeOptions extends KubeConfigSource {
  /** Where the ledger of turns is kept: the namespace of the installation. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Resolves after `ms`; an abort ends it early, by resolving or rejecting. */
  readonly sleep: Sleep;
  /** Tugboot's own, for the user agent. */
  readonly version?: string;
}

export interface Kube {
  readonly cluster: Cluster;
  readonly store: RebootStore;
  readonly ledger: Ledger;
  /**
   * Watches nodes, agents and Reboots until `signal` or `stop`; resolves when every watch has listed. `onChange` hears of a name only when what is
   * decided on has changed, the first list included. An API server that is away is waited for.
   */
  start(onChange: (change: KubeChange) => void, signal: AbortSignal): Promise<void>;
  /** Ends the watches and closes all connections. */
  stop(): Promise<void>;
  /** Whether this cluster is ours to serve, or another installation's: two would keep two ledgers. */
  claimInstallation(): Promise<{ readonly ok: true } | { readonly ok: false; readonly other: string }>;
}

/** Connects to nothing yet. Throws a `PortError` when the configuration names no cluster that can be used. */
export function connectKube(options: KubeOptions): Kube {
  const { namespace, clock, random, sleep, logger } = options;
  const access = kubeAccess(options, clock);
  const transport = createTransport(access.proxy);
  const userAgent = `tugboot/${options.version ?? 'unknown'}`;
  const client = createKubeClient({ access, transport, sleep, userAgent });
  const feed = changeFeed<KubeChange>();
  const watches = createWatches({ client, clock, sleep, random, logger }, feed.publish);
  const parts = { options, client, feed, watches };
  const nodes = connectNodes(parts);
  const agents = connectAgents(parts, nodes);
  const running = runner(watches, feed);
  return {
    cluster: connectCluster(parts, nodes, agents),
    store: kubeRebootStore({ client, watched: watches.reboots }),
    ledger: kubeLedger({ client, namespace, sleep, random }),
    start: running.start,
    claimInstallation: () => agents.claim(),
    async stop() {
      await running.stop();
      await client.close();
    },
  };
}

interface Parts {
  readonly options: KubeOptions;
  readonly client: KubeClient;
  readonly feed: ChangeFeed<KubeChange>;
  readonly watches: Watches;
}

const connectNodes = ({ options, client, watches }: Parts): NodeWriter =>
  nodeWriter({ client, clock: options.clock, seen: (node) => watches.nodes.offer(node) });

const connectAgents = (parts: Parts, nodes: NodeWriter): AgentObjects =>
  agentObjects({
    client: parts.client,
    namespace: parts.options.namespace,
    readNode: (name) => nodes.read(name),
    watched: (node) => parts.watches.agents.get(node)?.owner,
    seen: (agent) => parts.watches.agents.offer(agent),
  });

function connectCluster(parts: Parts, nodes: NodeWriter, agents: AgentObjects): Cluster {
  const { options, client, feed, watches } = parts;
  const { clock, sleep, random, logger } = options;
  return kubeCluster({
    client,
    clock,
    watches,
    nodeWriter: nodes,
    agentObjects: agents,
    drainDeps: {
      client,
      clock,
      sleep,
      random,
      logger,
      readNode: (name) => nodes.read(name),
      watchedNode: (name) => watches.nodes.get(name)?.view,
      onNodeChange: (name, listener) =>
        feed.subscribe((change) => {
          if (change.kind === 'node' && change.node === name) listener();
        }),
      heldBefore: (target) => heldBefore(watches, target),
    },
  });
}

/** From the watch: since when a pod waits outlives the process that counts it. */
function heldBefore({ reboots }: Watches, { uid, bootId }: BootTarget): readonly BudgetBlock[] {
  for (const reboot of reboots.values()) {
    const same = reboot.node.uid === uid && reboot.bootId === bootId;
    if (same && isIn(reboot, 'Draining')) return reboot.state.drain?.waiting ?? [];
  }
  return [];
}

function runner(
  { nodes, agents, reboots }: Watches,
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
      running = Promise.all([nodes.run(both), agents.run(both), reboots.run(both)]);
      await Promise.race([Promise.all([nodes.listed, agents.listed, reboots.listed]), aborted.promise]);
    },
    async stop() {
      over.abort();
      await running;
    },
  };
}
