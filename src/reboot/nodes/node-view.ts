import type { Put } from './put-values.ts';
import type { Timestamp } from '../time/time.ts';

/** A Node object, reduced to what Tugboot decides on. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly bootId: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** The Reboot that cordoned the node, from our annotation. */
  readonly cordonedBy?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What Tugboot has set on the node for other tools. Absent: nothing. */
  readonly managed?: ManagedLabels;
  readonly kernel: string;
  readonly osImage: string;
  /** Value of the annotation that pauses the node: the reason, possibly empty. */
  readonly paused?: string;
  /** Value of the annotation that requests a reboot: the reason, possibly empty. */
  readonly requested?: string;
  /** User name of the requester, from the annotation beside it. Trusted only where `isRequesterProven`. */
  readonly requestedBy?: string;
  /** Current status of the RebootRequired condition. */
  readonly rebootRequired?: ConditionView['status'];
  /** Absent: none. */
  readonly taints?: readonly TaintView[];
  /** Only the conditions and annotations that the configuration uses, by type and key. */
  readonly conditions?: Readonly<Record<string, ConditionView>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Why the agents' DaemonSet does not run on the node. Absent where it does, or where the DaemonSet is not
   * known.
   */
  readonly unselected?: { readonly by: 'labels' | 'taint'; readonly why: string };
  /**
   * Annotations with keys that hooks write, or have written on this node. Unlike `annotations`, not
   * shortened.
   */
  readonly hookAnnotations?: Readonly<Record<string, string>>;
}

export interface TaintView {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface ConditionView {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message: string;
  /** `lastTransitionTime` of the condition. */
  readonly since?: Timestamp;
}

/** Our drain, as shown in the conditions of the node. */
export interface DrainCondition {
  readonly reboot: string;
  /** True when the pods are gone; false while the drain runs. */
  readonly drained: boolean;
}

/** What Tugboot has set on a Node. */
export interface ManagedLabels {
  /** Whether the taint of a node that waits for its reboot is set. */
  readonly waiting: boolean;
  /** Values of the annotations of `hooks.annotateState`. */
  readonly state?: string;
  readonly reboot?: string;
  readonly lastReboot?: Timestamp;
  readonly drain?: DrainCondition;
  readonly labels: Put;
  /** Annotations of `hooks.annotations`. Absent where none was set. */
  readonly annotations?: Put;
  /** The Reboot that labels and annotations were set for. */
  readonly labelsFor?: string;
  /** Our record of them was overwritten, so it is not known which of them are ours. */
  readonly unreadable?: true;
}
