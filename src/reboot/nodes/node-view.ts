import type { ManagedLabels } from './managed-labels.ts';
import type { Timestamp } from '../ports/time.ts';

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
  readonly marks?: ManagedLabels;
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
