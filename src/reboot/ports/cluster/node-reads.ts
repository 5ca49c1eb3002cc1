/** What is read of nodes: from the watches, which may lag, and from the API server. */
import type { AgentView, DaemonPod, Observation } from '../../nodes/observation.ts';
import type { NodeView } from '../../nodes/node-view.ts';
import type { WorkloadReadiness } from '../../nodes/workloads.ts';
import type { DrainPolicy, PoolPolicy } from '../../policy/policy.ts';
import type { AssessWish, Impact } from '../../state/impact.ts';
import type { Instant } from '../../time/time.ts';

/** The nodes as the watch shows them: cheap, and at most seconds old (`heardAt`). */
export interface WatchedNodes {
  nodes(): readonly NodeView[];
  /** The one of `nodes` with this name. */
  cachedNode(name: string): NodeView | undefined;
  /** When the watch last received anything, bookmarks included. */
  heardAt(): Instant;
}

/** The NodeAgents as the watch shows them. */
export interface WatchedAgents {
  agent(node: string): AgentView | undefined;
  agentVersion(node: string): string | undefined;
}

export interface ObserveWish {
  readonly daemonPods: boolean;
  /** The node, where it was read a moment ago. */
  readonly node?: NodeView;
}

/** Reads from the API server. */
export interface FreshReads {
  observe(node: string, want?: ObserveWish): Promise<Observation>;
  /** DaemonSet pods of the node that are not ready: a fresh list of its pods, and no other request. */
  daemonPods(node: string): Promise<readonly DaemonPod[]>;
  /** A write to the node `about` that follows may be conditional on this read. */
  freshNodes(pool: Pick<PoolPolicy, 'selector'>, about?: string): Promise<readonly NodeView[]>;
  freshAgents(): Promise<readonly AgentView[]>;
}

/** What runs on a node, and what a drain of it would do. */
export interface NodeWorkloads {
  /**
   * A dry-run of the drain; changes nothing. Unless `want.fresh` is set, data on the rest of the cluster may
   * be some seconds old.
   */
  assess(node: string, policy: DrainPolicy, want?: AssessWish): Promise<Impact>;
  /**
   * The readiness of the workloads with pods on the node, at most `mostWorkloads`. DaemonSets and Jobs are
   * not included.
   */
  workloadsOn(node: string): Promise<readonly WorkloadReadiness[]>;
}
