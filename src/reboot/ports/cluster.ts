/**
 * What the core needs of the world, in the words of the field. Adapters: src/k8s (Cluster, RebootStore,
 * Ledger, Pauses), src/gates (Gatekeeper, Hooks, Silences), src/bot (Chat), src/jobs (Queue); fakes in
 * test/fakes. Each has a contract suite in test/contracts that fake and adapter both pass.
 *
 * Every method that cannot reach its system throws a `PortError`; everything that can be expected is a
 * returned value.
 */
import type { NodeReport } from '../nodes/node-report.ts';
import type { NodeNote, NoteTopic } from '../signals/node-note.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { DrainProgress, Impact } from '../state/drain-facts.ts';
import type { FailureCode } from '../state/reboot.ts';
import type { DrainPolicy, PoolPolicy } from '../policy/policy.ts';
import type { Instant } from './time.ts';
import type { AssessWish } from '../state/drain-facts.ts';
import type { WorkloadReadiness } from '../rollout/workloads.ts';
import type { WantedLabels } from '../nodes/managed-labels.ts';
import type { ClusterEvent } from '../nodes/cluster-event.ts';

/** The NodeAgent object of a node. */
export interface AgentView {
  readonly node: string;
  /** The order that stands, if any. */
  readonly endBoot?: string;
  /** Absent until the agent has written for the first time. */
  readonly report?: NodeReport;
  /** Why `status` cannot be understood, when it cannot. */
  readonly unreadable?: string;
  /** What cannot be known about the node, and what was told of it. */
  readonly doubt?: NodeNote;
  /** What else reboots the node, and what was told of it. */
  readonly rebooters?: NodeNote;
}

/** One fresh look at a node, from the API server and not from a cache. */
export interface Observation {
  /** Undefined when the node is gone. */
  readonly node?: NodeView;
  readonly agent?: AgentView;
  /** DaemonSet pods of the node that are not ready; asked for only before the cordon and while settling. */
  readonly daemonPodsNotReady: readonly DaemonPod[];
}

/** Both are `namespace/name`. */
export interface DaemonPod {
  readonly daemonSet: string;
  readonly pod: string;
}

/**
 * The boot that a write is meant for: at another boot, or on another machine of the same name, it must not
 * happen.
 */
export interface BootTarget {
  readonly node: string;
  readonly uid: string;
  readonly bootId: string;
}

/**
 * Whether a write is still owed. Asked between the read that a write is conditional on and the write itself:
 * whoever wakes up late is told there that others have gone on, and what changes after the answer makes the
 * write fail.
 */
export type StillOwed = () => Promise<boolean>;

export type DrainEvent =
  | { readonly kind: 'progress'; readonly progress: DrainProgress }
  /** A last list proved that nothing is left to move. */
  | { readonly kind: 'drained'; readonly pods: number }
  | {
      readonly kind: 'failed';
      readonly code: Extract<FailureCode, `drain-${string}` | 'uncordoned-by-other'>;
      readonly sentence: string;
    }
  /** The node has booted or gone: nothing is left to drain for this Reboot. */
  | { readonly kind: 'superseded' };

export interface DrainRequest {
  readonly target: BootTarget;
  readonly policy: DrainPolicy;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  /** Pods to leave until everything else is gone: our own. */
  readonly last: readonly string[];
  /** Delete instead of evicting: an approver said so, with a reason. */
  readonly force: boolean;
}

export interface Cluster {
  /** From the watch: cheap, and at most seconds old (`heardAt`). */
  nodes(): readonly NodeView[];
  agent(node: string): AgentView | undefined;
  /** When the node watch was last heard from. */
  heardAt(): Instant;
  /** Fresh reads. */
  observe(node: string, want?: { readonly daemonPods: boolean }): Promise<Observation>;
  freshNodes(pool: Pick<PoolPolicy, 'selector'>): Promise<readonly NodeView[]>;
  freshAgents(): Promise<readonly AgentView[]>;
  /**
   * A dry-run of the drain; changes nothing. Unless it has to be fresh, what it says of the rest of the
   * cluster may be some seconds old.
   */
  assess(node: string, policy: DrainPolicy, want?: AssessWish): Promise<Impact>;
  /**
   * How ready the workloads are that have pods on the node: those of its DaemonSets and Jobs are none. At
   * most `mostWorkloads`.
   */
  workloadsOn(node: string): Promise<readonly WorkloadReadiness[]>;

  /** Conditional on the boot at the API server. `other`: it was cordoned already, not by `owner`. */
  cordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'us' | 'other' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Only if `owner` cordoned it. `kept`: the cordon is not ours. */
  uncordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /**
   * Takes the mark of `owner` off a node that somebody else has made schedulable; `kept` when it is cordoned.
   */
  unmark(target: BootTarget, owner: string): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /**
   * Takes away the annotation that asks for a reboot, which has become a Reboot. `kept`: it gives another
   * reason by now.
   */
  takeRequest(
    target: BootTarget,
    asked: Pick<NodeView, 'requested' | 'requestedBy'>,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /**
   * Whether the API server refuses to write another's name beside a request, as a trial on this node shows
   * now.
   */
  isRequesterProven(target: BootTarget): Promise<boolean>;
  /**
   * Brings what the node wears for other tools to what `wanted` says of it, as it is read for the write. No
   * write when it is that already.
   */
  mark(
    target: BootTarget,
    wanted: (node: NodeView) => WantedLabels,
    still?: StillOwed,
  ): Promise<'done' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /**
   * Orders the agent to end this boot, even while packages are being changed where `anyway` says so.
   * Idempotent.
   */
  order(
    target: BootTarget,
    still?: StillOwed,
    anyway?: boolean,
  ): Promise<'ordered' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Clears the order, or only the order to end `endBoot`; `done` also when there was none. */
  withdrawOrder(node: string, endBoot?: string): Promise<'done' | 'gone'>;
  /**
   * Evicts until nothing is left to move. Aborting ends it at the next wait; another drain takes up where it
   * stopped.
   */
  drain(request: DrainRequest, signal: AbortSignal): AsyncIterable<DrainEvent>;

  ensureAgent(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists' | 'node-gone'>;
  markRebootRequired(
    target: BootTarget,
    status: 'True' | 'False' | 'Unknown',
    message: string,
  ): Promise<'done' | 'wrong-boot' | 'gone'>;
  record(event: ClusterEvent): Promise<void>;
  /** Replaces what is noted on the node's NodeAgent, if it still is `was`; undefined is nothing. */
  writeNote(
    node: string,
    was: NodeNote | undefined,
    next: NodeNote | undefined,
    topic?: NoteTopic,
  ): Promise<'done' | 'conflict' | 'gone'>;
}
