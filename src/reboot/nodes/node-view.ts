import type { ManagedLabels } from './managed-labels.ts';
import type { Timestamp } from '../ports/time.ts';

/** A node as the cluster describes it, reduced to what Tugboot decides on. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly bootId: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** The Reboot that cordoned it, by our annotation. */
  readonly cordonedBy?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it wears of ours for other tools; absent when that is nothing. */
  readonly marks?: ManagedLabels;
  readonly kernel: string;
  readonly osImage: string;
  /** The reason of the annotation that pauses the node; empty where it gives none. */
  readonly paused?: string;
  /** The reason of the annotation that asks for a reboot; empty where it gives none. */
  readonly requested?: string;
  /** Who asks, as written beside it: true only where `isRequesterProven`. */
  readonly requestedBy?: string;
  /** The RebootRequired condition as it stands. */
  readonly rebootRequired?: ConditionView['status'];
  /** Absent where it has none. */
  readonly taints?: readonly TaintView[];
  /** Conditions and annotations that the configuration looks at, by type and key; others are not kept. */
  readonly conditions?: Readonly<Record<string, ConditionView>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Why the DaemonSet of the agents keeps off it; absent where it does not, and where the DaemonSet is not
   * known.
   */
  readonly unselected?: { readonly by: 'labels' | 'taint'; readonly why: string };
  /**
   * Annotations at the keys that hooks write, or have written on this node; not shortened, other than the
   * above.
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
  /** When it last turned. */
  readonly since?: Timestamp;
}
