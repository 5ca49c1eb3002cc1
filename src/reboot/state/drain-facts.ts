/** What is known of a drain before it, and while it runs. */
import type { WantedAnnotation } from '../scheduling/pod-annotations.ts';
import type { Timestamp } from '../ports/time.ts';

export interface AssessWish {
  readonly fresh: boolean;
  /** By which pods ask to be left alone, where the pool says. */
  readonly podAnnotations?: readonly WantedAnnotation[];
}

/** A dry-run of the drain. Pod and budget names are `namespace/name`. */
export interface Impact {
  readonly at: Timestamp;
  readonly podsToMove: number;
  readonly podsStaying: number;
  /** Budgets that would refuse an eviction now. */
  readonly blockedBy: readonly BudgetBlock[];
  /** Pods that nothing brings back. */
  readonly lost: readonly string[];
  readonly emptyDir: readonly string[];
  /** Why the drain would refuse to begin, one sentence each. */
  readonly refusals: readonly string[];
  /**
   * Workloads without a ready pod elsewhere. Absent: not known. Records of earlier versions say nothing of
   * it, nor of the room.
   */
  readonly goesDown?: readonly WorkloadDown[];
  /** Absent: not known. */
  readonly room?: RoomEstimate;
  /**
   * Pods that move whose successors may run on this very node, cordoned or not: a drain evicts each of them
   * once. Absent: not known.
   */
  readonly comeBack?: readonly { readonly pod: string; readonly why: ComesBack }[];
  /** Pods that move although their annotations ask to be left alone, and by which. Absent: not known. */
  readonly askToStay?: readonly { readonly pod: string; readonly by: string }[];
  /** Pods that may take longer to end than the drain may, both in milliseconds. */
  readonly slow?: {
    readonly timeout: number;
    readonly pods: readonly { readonly pod: string; readonly grace: number }[];
  };
  /** Its pods would not be seen to end. */
  readonly nodeNotReady?: boolean;
  /** DaemonSets (`namespace/name`) with a pod here that is not ready. Absent: none, or not known. */
  readonly daemonsNotReady?: readonly string[];
  /** Set when it was looked at again after a decision: what was not among what the card said then. */
  readonly afterDecision?: AfterDecision;
}

/**
 * It tolerates `node.kubernetes.io/unschedulable`, or was created with the name of its node, so that no
 * scheduler is asked.
 */
export type ComesBack = 'tolerates' | 'named';

/** A pod that came to the node after the drain's first list, and is left there. */
export interface KeptPod {
  readonly pod: string;
  readonly uid: string;
  /** `again`: pods of its controller have been evicted again and again, and new ones came each time. */
  readonly why: ComesBack | 'again';
  /** Its controller, by kind, namespace and name. */
  readonly of?: string;
}

/** A workload whose ready pods are all among those that move. */
export interface WorkloadDown {
  /** Kind, namespace and name, for people: "Deployment shop/cart". */
  readonly workload: string;
  /** How many pods it wants; absent where nobody says. */
  readonly wants?: number;
  /** How many of its pods are ready, all of them here. */
  readonly ready: number;
}

/**
 * Whether other nodes have room, by requests, node selectors, affinity to nodes, taints, and what is
 * allocatable.
 */
export interface RoomEstimate {
  /** Pods that need a place. */
  readonly pods: number;
  /** How many of them found none. */
  readonly short: number;
  /** Some of those, and why: continues a sentence that begins with the pod. */
  readonly without: readonly { readonly pod: string; readonly reason: string }[];
}

export interface AfterDecision {
  /** When it was taken. */
  readonly decision: Timestamp;
  readonly lost: readonly string[];
  /** By what `WorkloadDown` calls them. */
  readonly goesDown: readonly string[];
  readonly refusals: readonly string[];
  readonly nodeNotReady?: boolean;
}

export interface BudgetBlock {
  readonly budget: string;
  readonly needed: number;
  readonly healthy: number;
  readonly allowed: number;
  /** The pod that waits for it. */
  readonly pod: string;
  /** Since when it has waited, in a drain. */
  readonly since?: Timestamp;
  /**
   * `never`: as it is written the budget allows no disruption, however healthy its pods are. Absent, as in
   * earlier records: `now`.
   */
  readonly kind?: 'now' | 'never';
  /**
   * The limit in the words of its spec, "minAvailable: 3", and the number of pods that it is counted against.
   */
  readonly written?: string;
  readonly expected?: number;
  /** The pod is not ready, and the budget's `unhealthyPodEvictionPolicy` alone keeps it. */
  readonly unhealthy?: boolean;
}

export const isNever = ({ kind }: BudgetBlock): boolean => kind === 'never';

/**
 * Only a change of a budget, or of what it covers, can let the drain end: waiting and trying again cannot.
 */
export const cannotEnd = ({ waiting }: Pick<DrainProgress, 'waiting'>): boolean => waiting.some(isNever);

export interface DrainProgress {
  readonly at: Timestamp;
  readonly total: number;
  readonly gone: number;
  /** When one was gone last, as far as it was told. */
  readonly wentAt?: Timestamp;
  /** Pods being terminated now, some of them. */
  readonly leaving: readonly string[];
  /** Pods that a budget holds back. */
  readonly waiting: readonly BudgetBlock[];
  /** Other trouble met and being retried, one sentence each. */
  readonly trouble: readonly string[];
  /** Absent in records of earlier versions. */
  readonly kept?: readonly KeptPod[];
}

/** A wait that the pool wants beside the pods; over when a look has found that its time has come. */
export interface Delay {
  readonly since: Timestamp;
  readonly until: Timestamp;
  readonly over: boolean;
}

/** What a drain was, when it is over. */
export interface DrainSummary {
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly pods: number;
}
