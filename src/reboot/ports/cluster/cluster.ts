/**
 * The ports of the core are worded in its terms. Adapters: src/k8s (the ports below, RebootStore, Ledger,
 * Pauses, PoolDigests), src/gates (Gatekeeper, Hooks, Silences), src/bot (Chat), src/jobs (Queue); fakes in
 * test/fakes. Each port has a contract suite in test/contracts that the fake and the adapter both pass.
 *
 * Every method throws a `PortError` when its system cannot be reached; expected outcomes are returned values.
 */
import type { Drains } from './drains.ts';
import type { FreshReads, NodeWorkloads, WatchedAgents, WatchedNodes } from './node-reads.ts';
import type { Cordons, NodeLabels, NodeRecords, NodeRequests, Orders } from './node-writes.ts';

/** The ports to the nodes of one cluster, as the loop is given them. */
export type Cluster = WatchedNodes &
  WatchedAgents &
  FreshReads &
  NodeWorkloads &
  Cordons &
  NodeLabels &
  NodeRequests &
  Orders &
  NodeRecords &
  Drains;
