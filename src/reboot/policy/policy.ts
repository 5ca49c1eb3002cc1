import type { Millis } from '../time/time.ts';
import type { ClusterColour } from './cluster-colour.ts';
import type { PoolSignal } from './pool-signal.ts';
import type { MaintenanceWindow, DateRange, PoolCalendar } from './pool-windows.ts';
import type { ChangeTickets, ReasonedKind } from './pool-demands.ts';
import type { GatesPolicy } from './pool-gates.ts';
import type { HooksPolicy } from './pool-hooks.ts';
import type { ReminderPolicy } from './pool-reminders.ts';

/** Approvers: named users and groups, everybody in the channel, or (the default) nobody. */
export type Approvers =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'channel' }
  | { readonly kind: 'named'; readonly users: readonly string[]; readonly groups: readonly string[] };

export interface DrainPolicy {
  /** How long a drain may take before it is undone, fails, or is forced. */
  readonly timeout: Millis;
  /** Overrides each pod's terminationGracePeriodSeconds, in seconds. Absent: the pod's own. */
  readonly gracePeriodSeconds?: number;
  /** Label selector: only matching pods are drained. Absent: all. */
  readonly podSelector?: string;
  /** Evict pods with emptyDir volumes, whose data is lost. */
  readonly deleteEmptyDirData: boolean;
  /**
   * Whether to evict pods without a controller, which nothing recreates. `refuse` ends the drain before the
   * first eviction.
   */
  readonly podsWithoutController: 'refuse' | 'evict';
  /** Do not wait for pods that have been terminating for longer than this. 0: always wait. */
  readonly skipPodsDeletingLongerThan: Millis;
  /**
   * What happens when a drain does not finish in time. `undo` and `force` also undo a drain that fails for
   * another reason before the order.
   */
  readonly onTimeout: 'undo' | 'fail' | 'force';
  /** Back-off before each further try of an undone drain. After the last one a person has to decide. */
  readonly retryAfter: readonly Millis[];
  /** How long to wait for volumes to be detached after their pods are gone. 0: no wait. */
  readonly volumeDetachTimeout: Millis;
  /** Maximum number of concurrent evictions. */
  readonly parallelism: number;
}

/**
 * `asked`: a new kernel is expected where the signals require one. `newest`: the newest installed kernel,
 * whatever the signals require. `any`: none in particular, for hosts whose boot loader is pinned.
 */
export const expectKernels = ['asked', 'newest', 'any'] as const;

export type ExpectKernel = (typeof expectKernels)[number];

/**
 * Globs of package names. Every package has to match one of `include`, unless that is empty, and none of
 * `exclude`.
 */
export interface PackageLimits {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface PoolPolicy {
  readonly name: string;
  /**
   * The pool is no longer in the configuration. None of its reboots starts, and those that have started are
   * completed.
   */
  readonly gone?: true;
  /**
   * Kubernetes label selector. An empty one matches every node. A node belongs to the first pool that matches
   * it.
   */
  readonly selector: string;
  readonly channel: string;
  /** Signals that may require a reboot of the pool's nodes. Without any, only people request reboots. */
  readonly signals: readonly PoolSignal[];
  /** How long a signal may be unreadable, or an agent silent, before the channel is notified. */
  readonly unknownFor: Millis;
  readonly approvers: Approvers;
  /**
   * Number of approvals. Absent: one, or two for control-plane nodes where more than one person may approve.
   */
  readonly approvalsNeeded?: number;
  readonly approval: 'manual' | 'window' | 'auto';
  /** More nodes than this that ask at once ask in one message, the digest of the pool. 0: each asks alone. */
  readonly digestFrom: number;
  /** How long the card must have been posted before a rule may approve. */
  readonly noticePeriod: Millis;
  /** How long an approval by people holds after the reboot could have started. 0: without limit. */
  readonly approvalExpires: Millis;
  /** After a denial it asks again so much later, also where nothing has changed. 0: never. */
  readonly askAgainAfter: Millis;
  /** Whether the only approval may be that of the person who requested the reboot. */
  readonly requesterApproves: boolean;
  /** Every approval names a change ticket. Absent: none does. */
  readonly changeTicket?: ChangeTickets;
  /** The decisions that people give a reason for, besides denials and forced drains. */
  readonly reasonFor: readonly ReasonedKind[];
  /** Reminders of decisions that nobody takes. Absent: none. */
  readonly remind?: ReminderPolicy;
  /** Limits of what a rule may approve. Absent: none. */
  readonly autoApprove?: { readonly packages: PackageLimits };
  readonly windows: readonly MaintenanceWindow[];
  /** Days on which no window of the pool starts. */
  readonly excludeDates: readonly DateRange[];
  /** Additional days on which every window with `days` starts. */
  readonly addDates: readonly DateRange[];
  readonly calendars: readonly PoolCalendar[];
  /** Whether people may start a reboot outside of every window. */
  readonly approveNowOutsideWindow: boolean;
  /** Maximum number of nodes of the pool that Tugboot has out of service at once. */
  readonly concurrency: number;
  /**
   * Maximum number of nodes of the pool out of service at once for any reason: a count, or a share of the
   * pool.
   */
  readonly maxUnavailable: { readonly count: number } | { readonly percent: number };
  /**
   * Maximum number of zones, racks or other values of the label in which Tugboot may have nodes of the pool
   * out of service at once.
   */
  readonly topology?: { readonly label: string; readonly atOnce: number };
  /**
   * Staged rollout of a new kernel: the canary nodes first, then each batch in percent of the pool. A stage
   * starts after the previous one has been healthy for the bake time. Absent: no stages.
   */
  readonly rollout?: { readonly canary: number; readonly bake: Millis; readonly batches: readonly number[] };
  /**
   * Minimum time from the end of one reboot to the start of the next, in the pool and on one node. 0: none.
   */
  readonly minTimeBetween: { readonly pool: Millis; readonly node: Millis };
  /**
   * A node that requires a reboot again within this time after its last one is not started by a rule. 0: it
   * is.
   */
  readonly loopGuard: Millis;
  /**
   * Do not start an approval that waits for a window when the longest of the pool's last reboots would
   * outlast it.
   */
  readonly finishInWindow: boolean;
  /** Nothing of it starts: its nodes are reported and shown. */
  readonly observeOnly?: true;
  /** Start approved reboots also while Slack is unreachable. */
  readonly startWithoutSlack: boolean;
  /** What happens to a drain that was started for a window, when the window closes before the order. */
  readonly whenWindowCloses: 'finish' | 'undo';
  /** A drain that budgets have blocked for this long gives its turn to the next waiting node. 0: never. */
  readonly giveUpTurnAfter: Millis;
  readonly gates: GatesPolicy;
  readonly hooks: HooksPolicy;
  /** Globs of DaemonSets (`namespace/name`) whose pods need not be ready after the boot. */
  readonly ignoreDaemonSets: readonly string[];
  readonly drain: DrainPolicy;
  /** The kernel that a node must run after its reboot. */
  readonly expectKernel: ExpectKernel;
  /** Time limit from the order to the new boot. */
  readonly rebootTimeout: Millis;
  /** How long a node must stay healthy after the boot. */
  readonly settleTime: Millis;
  /** Time limit after the boot for a node to become healthy, in addition to the settle time. */
  readonly settleTimeout: Millis;
}

/** What marks a node as about to be removed or maintained by others. */
export interface Departing {
  /** Keys of taints. Value and effect do not matter. */
  readonly taints: readonly string[];
  /** Keys of annotations. An empty value and "false" do not count. */
  readonly annotations: readonly string[];
  /** Types of conditions with status True. Those that Tugboot has set do not count. */
  readonly conditions: readonly string[];
}

export interface Policy {
  /** Name of the cluster, as shown to people. */
  readonly cluster: string;
  /** By which people tell it from other clusters. */
  readonly colour?: ClusterColour;
  /** Maximum number of turns of all pools together. */
  readonly concurrency: number;
  readonly pools: readonly PoolPolicy[];
  readonly departing: Departing;
  /** Ended Reboots are deleted beyond `keep` of them, or when older than `maxAge`. */
  readonly history: { readonly keep: number; readonly maxAge: Millis };
}
