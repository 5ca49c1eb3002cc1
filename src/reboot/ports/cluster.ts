/**
 * The ports of the core, in domain terms. Adapters: src/k8s (Cluster, RebootStore, Ledger, Pauses), src/gates
 * (Gatekeeper, Hooks, Silences), src/bot (Chat), src/jobs (Queue); fakes in test/fakes. Each port has a
 * contract suite in test/contracts that the fake and the adapter both pass.
 *
 * Every method throws a `PortError` when its system cannot be reached; expected outcomes are returned values.
 */
import type { AgentView, BootTarget, DaemonPod, Observation } from '../nodes/observation.ts';
import type { NodeNote, NoteTopic } from '../nodes/node-note.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { DrainProgress } from '../state/drain-facts.ts';
import type { Impact, AssessWish } from '../state/impact.ts';
import type { FailureCode } from '../state/reboot.ts';
import type { DrainPolicy, PoolPolicy } from '../policy/policy.ts';
import type { Instant } from '../time/time.ts';
import type { WorkloadReadiness } from '../nodes/workloads.ts';
import type { WantedLabels } from '../ownership/managed-labels.ts';
import type { ClusterEvent } from '../nodes/cluster-event.ts';

export interface ObserveWish {
  readonly daemonPods: boolean;
  /** The node, where it was read a moment ago. */
  readonly node?: NodeView;
}

/**
 * Whether a write is still due. Called between the read that a write is conditional on and the write itself:
 * a late worker detects there that another replica has continued. A change after the call makes the write
 * fail. `version`: of the object, where the write is conditional on it.
 */
export type StillOwed = (version?: string) => Promise<boolean>;

/** What a drain that runs, or has ended, has seen. */
interface Seen {
  /**
   * DaemonSet pods that were not ready before the first eviction, on a node that is Ready. Only in the first
   * event of a drain; absent: none.
   */
  readonly daemonPodsNotReady?: readonly DaemonPod[];
}

/** The first progress is reported before the first eviction, which waits until it has been handled. */
export type DrainEvent =
  /** `last`: the node is drained, and that event follows at once. */
  | (Seen & { readonly kind: 'progress'; readonly progress: DrainProgress; readonly last?: true })
  /** A final list showed that nothing is left to evict. */
  | (Seen & { readonly kind: 'drained'; readonly pods: number })
  | {
      readonly kind: 'failed';
      readonly code: Extract<FailureCode, `drain-${string}` | 'uncordoned-by-other'>;
      readonly sentence: string;
    }
  /** The node has booted or was deleted: nothing is left to drain for this Reboot. */
  | { readonly kind: 'superseded' };

export interface DrainRequest {
  readonly target: BootTarget;
  readonly policy: DrainPolicy;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  /** Pods to evict last, `namespace/name`: Tugboot's own. */
  readonly last: readonly string[];
  /** Delete instead of evicting; an approver has forced the drain, with a reason. */
  readonly force: boolean;
}

export interface Cluster {
  /** From the watch cache: cheap, and at most seconds old (`heardAt`). */
  nodes(): readonly NodeView[];
  /** The one of `nodes` with this name. */
  cachedNode(name: string): NodeView | undefined;
  agent(node: string): AgentView | undefined;
  /** The version of the node's NodeAgent, from the watch cache. */
  agentVersion(node: string): string | undefined;
  /** When the node watch last received anything, bookmarks included. */
  heardAt(): Instant;
  /** Fresh reads. */
  observe(node: string, want?: ObserveWish): Promise<Observation>;
  /** DaemonSet pods of the node that are not ready: a fresh list of its pods, and no other request. */
  daemonPods(node: string): Promise<readonly DaemonPod[]>;
  /** A write to the node `about` that follows may be conditional on this read. */
  freshNodes(pool: Pick<PoolPolicy, 'selector'>, about?: string): Promise<readonly NodeView[]>;
  freshAgents(): Promise<readonly AgentView[]>;
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

  /** Conditional on the boot, checked by the API server. `other`: it was cordoned already, not by `owner`. */
  cordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'us' | 'other' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Only if `owner` cordoned it. `kept`: the cordon belongs to another. */
  uncordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /**
   * Removes the cordon annotation of `owner` from a node that was uncordoned by others; `kept` when the node
   * is cordoned.
   */
  unmark(target: BootTarget, owner: string): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /**
   * Removes the annotation that requested a reboot, once a Reboot exists for it. `kept`: the annotation has
   * changed since.
   */
  takeRequest(
    target: BootTarget,
    asked: Pick<NodeView, 'requested' | 'requestedBy'>,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /**
   * Whether the API server rejects a requester name that differs from the writer; tested by a dry-run on this
   * node.
   */
  isRequesterProven(target: BootTarget): Promise<boolean>;
  /**
   * Updates the node's managed labels, annotations and taints to what `wanted` returns for the node as read
   * for the write. No write when nothing changes.
   */
  mark(
    target: BootTarget,
    wanted: (node: NodeView) => WantedLabels,
    still?: StillOwed,
  ): Promise<'done' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Orders the agent to end this boot; with `anyway`, even while packages are being changed. Idempotent. */
  order(
    target: BootTarget,
    still?: StillOwed,
    anyway?: boolean,
  ): Promise<'ordered' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /**
   * Clears the order, or only the order to end `endBoot`; `done` also when there was none. With `late`, an
   * order that another worker is about to give fails, too: its `still` was answered before.
   */
  withdrawOrder(node: string, endBoot?: string, late?: 'late-too'): Promise<'done' | 'gone'>;
  /**
   * Evicts until nothing is left to evict. Aborting stops it at its next wait; another drain can resume from
   * there.
   */
  drain(request: DrainRequest, signal: AbortSignal): AsyncIterable<DrainEvent>;

  ensureAgent(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists' | 'node-gone'>;
  markRebootRequired(
    target: BootTarget,
    status: 'True' | 'False' | 'Unknown',
    message: string,
  ): Promise<'done' | 'wrong-boot' | 'gone'>;
  record(event: ClusterEvent): Promise<void>;
  /** Replaces the note on the node's NodeAgent, if it still equals `was`; undefined means no note. */
  writeNote(
    node: string,
    was: NodeNote | undefined,
    next: NodeNote | undefined,
    topic?: NoteTopic,
  ): Promise<'done' | 'conflict' | 'gone'>;
}
