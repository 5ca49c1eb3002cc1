import type { Millis } from './time.ts';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/**
 * A recurring span in which reboots may start. It belongs to the day it starts on: Friday 22:00–04:00 covers
 * Saturday 01:00 and not Friday 01:00. An end equal to the start means a whole day.
 */
export interface MaintenanceWindow {
  readonly days: readonly Weekday[];
  /** Minutes after midnight on the wall clock of `timeZone`, 0 to 1439. */
  readonly start: number;
  readonly end: number;
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string;
}

/** Who may decide: named people and groups, everybody in the channel, or (the default) nobody. */
export type Approvers =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'channel' }
  | { readonly kind: 'named'; readonly users: readonly string[]; readonly groups: readonly string[] };

export interface DrainPolicy {
  /** How long a drain may take before it fails (or is forced). */
  readonly timeout: Millis;
  /** Seconds that overrule each pod's own terminationGracePeriodSeconds; absent: the pod's own. */
  readonly gracePeriodSeconds?: number;
  /** Label selector: only matching pods are drained. Absent: all. */
  readonly podSelector?: string;
  /** Evict pods that hold emptyDir data, which is lost. */
  readonly deleteEmptyDirData: boolean;
  /** Evict pods that no controller will bring back. `refuse` stops the drain before it disturbs anything. */
  readonly podsWithoutController: 'refuse' | 'evict';
  /** Do not wait for pods that have been deleting for longer than this. 0: always wait. */
  readonly skipPodsDeletingLongerThan: Millis;
  readonly onTimeout: 'fail' | 'force';
  /** Evictions under way at once. */
  readonly parallelism: number;
}

export interface PoolPolicy {
  readonly name: string;
  /** Kubernetes label selector; empty matches every node. The first pool that matches a node owns it. */
  readonly selector: string;
  readonly channel: string;
  readonly approvers: Approvers;
  /** Approvals needed; absent: one, and two for control-plane nodes where more than one person may approve. */
  readonly approvalsNeeded?: number;
  readonly approval: 'manual' | 'window' | 'auto';
  /** How long a card must have been seen before a rule may approve it. */
  readonly notice: Millis;
  readonly windows: readonly MaintenanceWindow[];
  /** May people start a reboot outside every window? */
  readonly approveNowOutsideWindow: boolean;
  /** Most nodes of the pool that are out of service through Tugboot at once. */
  readonly concurrency: number;
  /** Most nodes of the pool out of service at once for any reason: a number, or a share of the pool. */
  readonly maxUnavailable: { readonly count: number } | { readonly percent: number };
  readonly drain: DrainPolicy;
  /** How long a node may take from the order until it is back with a new boot. */
  readonly rebootTimeout: Millis;
  /** How long a node must stay healthy after the boot. */
  readonly settleTime: Millis;
  /** How long a node may take after the boot until it has been healthy for the settle time. */
  readonly settleTimeout: Millis;
}

export interface Policy {
  /** The cluster's name, as people know it. */
  readonly cluster: string;
  /** Turns of all pools together. */
  readonly concurrency: number;
  readonly pools: readonly PoolPolicy[];
  /** How many ended Reboots are kept, and for how long. */
  readonly history: { readonly keep: number; readonly maxAge: Millis };
}
