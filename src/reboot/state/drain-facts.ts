/** What is known about a drain, before it starts and while it runs. */
import type { WantedAnnotation } from '../scheduling/pod-annotations.ts';
import type { Timestamp } from '../ports/time.ts';

export interface AssessWish {
  readonly fresh: boolean;
  /** Annotations that mark pods not to be disrupted, where the pool configures its own. */
  readonly podAnnotations?: readonly WantedAnnotation[];
}

/** A dry-run of the drain. Names of pods and PodDisruptionBudgets are `namespace/name`. */
export interface Impact {
  readonly at: Timestamp;
  readonly podsToMove: number;
  readonly podsStaying: number;
  /** Budgets that would refuse an eviction now. */
  readonly blockedBy: readonly BudgetBlock[];
  /** Pods without a controller. Nothing recreates them after an eviction. */
  readonly lost: readonly string[];
  readonly emptyDir: readonly string[];
  /** Why the drain would refuse to start, one sentence each. */
  readonly refusals: readonly string[];
  /**
   * Workloads without a ready pod on another node. Absent: not known. Records of earlier versions have
   * neither this nor `room`.
   */
  readonly goesDown?: readonly WorkloadDown[];
  /** Absent: not known. */
  readonly room?: RoomEstimate;
  /**
   * Pods to evict whose successors may run on the same node, cordoned or not. A drain evicts each of them
   * once. Absent: not known.
   */
  readonly comeBack?: readonly { readonly pod: string; readonly why: ComesBack }[];
  /** Pods to evict although an annotation (`by`) marks them as not to be disrupted. Absent: not known. */
  readonly askToStay?: readonly { readonly pod: string; readonly by: string }[];
  /** Pods whose termination grace period may exceed the timeout of the drain. Both are in milliseconds. */
  readonly slow?: {
    readonly timeout: number;
    readonly pods: readonly { readonly pod: string; readonly grace: number }[];
  };
  /** The node is not Ready, so its kubelet would not confirm that pods have terminated. */
  readonly nodeNotReady?: boolean;
  /** DaemonSets (`namespace/name`) with a pod on this node that is not ready. Absent: none, or not known. */
  readonly daemonsNotReady?: readonly string[];
  /** Set by a dry-run after a decision: what was not part of the impact that the decision was taken on. */
  readonly afterDecision?: AfterDecision;
}

/**
 * `tolerates`: the pod tolerates `node.kubernetes.io/unschedulable`. `named`: it was created with
 * `spec.nodeName`, so the scheduler does not place it.
 */
export type ComesBack = 'tolerates' | 'named';

/** A pod that appeared on the node after the first list of the drain, and is not evicted. */
export interface KeptPod {
  readonly pod: string;
  readonly uid: string;
  /** `again`: pods of this controller have been evicted several times, and it created new ones each time. */
  readonly why: ComesBack | 'again';
  /** The controller of the pod: kind, namespace and name. */
  readonly of?: string;
}

/** A workload whose ready pods are all among the pods to evict. */
export interface WorkloadDown {
  /** Kind, namespace and name, as shown to people: "Deployment shop/cart". */
  readonly workload: string;
  /** Number of replicas that its spec requests. Absent: not known. */
  readonly wants?: number;
  /** Number of its ready pods, all of them on this node. */
  readonly ready: number;
}

/**
 * Whether the pods fit on other nodes, estimated from requests, node selectors, node affinity, taints and
 * allocatable resources.
 */
export interface RoomEstimate {
  /** Number of pods to place on other nodes. */
  readonly pods: number;
  /** How many of them fit on no node. */
  readonly short: number;
  /** Some of the pods that do not fit. `reason` continues a sentence that begins with the pod. */
  readonly without: readonly { readonly pod: string; readonly reason: string }[];
}

export interface AfterDecision {
  /** When the decision was taken. */
  readonly decision: Timestamp;
  readonly lost: readonly string[];
  /** As in `WorkloadDown.workload`. */
  readonly goesDown: readonly string[];
  readonly refusals: readonly string[];
  readonly nodeNotReady?: boolean;
}

export interface BudgetBlock {
  readonly budget: string;
  readonly needed: number;
  readonly healthy: number;
  readonly allowed: number;
  /** The pod whose eviction the budget refuses. */
  readonly pod: string;
  /** When the drain first had this eviction refused. Absent in a dry-run. */
  readonly since?: Timestamp;
  /**
   * `never`: the spec of the budget allows no disruption, even with all its pods healthy. Absent, as in
   * earlier records: `now`.
   */
  readonly kind?: 'now' | 'never';
  /**
   * The limit as in the budget's spec ("minAvailable: 3"), and the number of pods that it is computed from.
   */
  readonly written?: string;
  readonly expected?: number;
  /** The pod is not ready, and is kept only by the budget's `unhealthyPodEvictionPolicy`. */
  readonly unhealthy?: boolean;
}

export const isNever = ({ kind }: BudgetBlock): boolean => kind === 'never';

/**
 * Only a change of a budget, or of the pods that it selects, can let the drain finish. Waiting or retrying
 * cannot.
 */
export const cannotEnd = ({ waiting }: Pick<DrainProgress, 'waiting'>): boolean => waiting.some(isNever);

export interface DrainProgress {
  readonly at: Timestamp;
  readonly total: number;
  readonly gone: number;
  /** When `gone` last increased, as far as progress was recorded. */
  readonly wentAt?: Timestamp;
  /** Pods that are terminating, at most some of them. */
  readonly leaving: readonly string[];
  /** Pods whose eviction a budget refuses. */
  readonly waiting: readonly BudgetBlock[];
  /** Other errors that are being retried, one sentence each. */
  readonly trouble: readonly string[];
  /** Absent in records of earlier versions. */
  readonly kept?: readonly KeptPod[];
}

/**
 * A delay that the pool configures in addition to the drain. `over` is set by the first reconcile after
 * `until`.
 */
export interface Delay {
  readonly since: Timestamp;
  readonly until: Timestamp;
  readonly over: boolean;
}

/** The result of a finished drain. */
export interface DrainSummary {
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly pods: number;
}
