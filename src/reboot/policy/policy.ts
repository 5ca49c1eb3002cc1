import type { Millis } from '../ports/time.ts';
import type { PoolSignal } from '../signals/pool-signal.ts';
import type { MaintenanceWindow, DateSpan, PoolCalendar } from './pool-windows.ts';
import type { GatesPolicy } from './pool-gates.ts';
import type { HooksPolicy } from './pool-hooks.ts';

/** Who may decide: named people and groups, everybody in the channel, or (the default) nobody. */
export type Approvers =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'channel' }
  | { readonly kind: 'named'; readonly users: readonly string[]; readonly groups: readonly string[] };

export interface DrainPolicy {
  /** How long a drain may take before it is undone, fails, or is forced. */
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
  /**
   * What becomes of a drain that does not end in time; `undo` and `force` also undo one that fails for
   * another reason before the order.
   */
  readonly onTimeout: 'undo' | 'fail' | 'force';
  /** Pauses before each further try of a drain that was undone; after the last of them a person is asked. */
  readonly retryAfter: readonly Millis[];
  /**
   * How long the reboot waits, after the pods have gone, for their volumes to be detached. 0: it does not.
   */
  readonly volumeDetachTimeout: Millis;
  /** Evictions under way at once. */
  readonly parallelism: number;
}

/**
 * `asked`: a new kernel is expected where the signals asked for one. `newest`: the newest that is installed,
 * whoever asked. `any`: none in particular, for hosts whose boot loader is pinned.
 */
export const expectKernels = ['asked', 'newest', 'any'] as const;

export type ExpectKernel = (typeof expectKernels)[number];

/**
 * Globs of package names. Every package has to match one of `include`, where there are any, and none of
 * `exclude`.
 */
export interface PackageLimits {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface PoolPolicy {
  readonly name: string;
  /**
   * It is not in the configuration any more: nothing of it starts, and what is under way is carried to its
   * end.
   */
  readonly gone?: true;
  /** Kubernetes label selector; empty matches every node. The first pool that matches a node owns it. */
  readonly selector: string;
  readonly channel: string;
  /** What may say that a node of the pool needs a reboot. With none of them only people ask. */
  readonly signals: readonly PoolSignal[];
  /** How long a signal may be unreadable, or an agent silent, before the channel is told. */
  readonly unknownFor: Millis;
  readonly approvers: Approvers;
  /**
   * Approvals needed; absent: one, and two for control-plane nodes where more than one person may approve.
   */
  readonly approvalsNeeded?: number;
  readonly approval: 'manual' | 'window' | 'auto';
  /** How long a card must have been seen before a rule may approve it. */
  readonly notice: Millis;
  /** How long an approval by people holds from when it could have started. 0: for ever. */
  readonly approvalExpires: Millis;
  /** What a rule may approve. Absent: everything. */
  readonly autoApprove?: { readonly packages: PackageLimits };
  readonly windows: readonly MaintenanceWindow[];
  /** Days on which no window of the pool starts. */
  readonly excludeDates: readonly DateSpan[];
  /** Days on which every window that is given by days of the week starts as well. */
  readonly addDates: readonly DateSpan[];
  readonly calendars: readonly PoolCalendar[];
  /** May people start a reboot outside every window? */
  readonly approveNowOutsideWindow: boolean;
  /** Most nodes of the pool that are out of service through Tugboot at once. */
  readonly concurrency: number;
  /** Most nodes of the pool out of service at once for any reason: a number, or a share of the pool. */
  readonly maxUnavailable: { readonly count: number } | { readonly percent: number };
  /**
   * At most so many zones, racks or whatever the label names have nodes of the pool out through Tugboot at
   * once.
   */
  readonly topology?: { readonly label: string; readonly atOnce: number };
  /**
   * A new kernel reaches the pool in stages: the canary nodes first, then so many percent of the pool, each
   * after the stage before has been well for the bake time. Absent: all at once, as far as turns allow.
   */
  readonly rollout?: { readonly canary: number; readonly bake: Millis; readonly batches: readonly number[] };
  /**
   * Least time from the end of one reboot to the start of the next: of the pool, and of one node. 0: none.
   */
  readonly minTimeBetween: { readonly pool: Millis; readonly node: Millis };
  /** A node that asks again so soon after a reboot is not started by a rule. 0: it is. */
  readonly loopGuard: Millis;
  /** What waits for its window is not started when the pool's last reboots would have outlasted it. */
  readonly finishInWindow: boolean;
  /** Start what was approved also while Slack cannot show it. */
  readonly startWithoutSlack: boolean;
  /**
   * What becomes of a drain that was begun for a window, when the window closes before the order is given.
   */
  readonly whenWindowCloses: 'finish' | 'undo';
  /** A drain that budgets have held back for so long gives its turn to the next node that waits. 0: never. */
  readonly giveUpTurnAfter: Millis;
  readonly gates: GatesPolicy;
  readonly hooks: HooksPolicy;
  /** Globs of DaemonSets (`namespace/name`) whose pods do not have to be ready after the boot. */
  readonly ignoreDaemonSets: readonly string[];
  readonly drain: DrainPolicy;
  /** Which kernel a node must run after its reboot. */
  readonly expectKernel: ExpectKernel;
  /** How long a node may take from the order until it is back with a new boot. */
  readonly rebootTimeout: Millis;
  /** How long a node must stay healthy after the boot. */
  readonly settleTime: Millis;
  /** How long a node may take after the boot until it has been healthy for the settle time. */
  readonly settleTimeout: Millis;
}

/** What says that a node is on its way out. */
export interface Departing {
  /** Keys of taints, with whatever value and effect. */
  readonly taints: readonly string[];
  /** Keys of annotations; a value of "false", or none, does not count. */
  readonly annotations: readonly string[];
  /** Types of conditions that are True, unless we have set them. */
  readonly conditions: readonly string[];
}

export interface Policy {
  /** The cluster's name, as people know it. */
  readonly cluster: string;
  /** Turns of all pools together. */
  readonly concurrency: number;
  readonly pools: readonly PoolPolicy[];
  readonly departing: Departing;
  /** How many ended Reboots are kept, and for how long. */
  readonly history: { readonly keep: number; readonly maxAge: Millis };
}
