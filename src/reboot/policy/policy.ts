import type { PoolSignal } from '../signals/pool-signal.ts';
import type { Instant, Millis } from '../ports/time.ts';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Which of a month's days of one name: the first Saturday, the last one. */
export type Nth = 'first' | 'second' | 'third' | 'fourth' | 'fifth' | 'last';
export const nths: readonly Nth[] = ['first', 'second', 'third', 'fourth', 'fifth', 'last'];

/** A day of the calendar, without a zone: days since 1970-01-01. */
export type Day = number;

/** A day or several in a row, both ends included: once, or in every year (`month * 100 + day`, which may run over New Year). */
export type DateSpan =
  | { readonly kind: 'once'; readonly first: Day; readonly last: Day }
  | { readonly kind: 'yearly'; readonly first: number; readonly last: number };

/**
 * A recurring span in which reboots may start. It belongs to the day it starts on: Friday 22:00–04:00 covers
 * Saturday 01:00 and not Friday 01:00.
 */
export interface MaintenanceWindow {
  /** Days of the week on which it starts; empty where `dates` says when. */
  readonly days: readonly Weekday[];
  /** Only on these of the month's days of that name. */
  readonly nth?: readonly Nth[];
  readonly dates?: readonly DateSpan[];
  /** Minutes after midnight on the wall clock of `timeZone`, 0 to 1439. */
  readonly start: number;
  /** Minutes by which the wall clock moves on until it closes, 1 to 7 days. */
  readonly length: number;
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string;
}

/** What a calendar holds for the time around now. */
export interface CalendarEvents {
  /** Events of whole days, both ends included. */
  readonly days: readonly { readonly first: Day; readonly last: Day }[];
  /** Events with a time. */
  readonly spans: readonly { readonly start: Instant; readonly end: Instant }[];
}

/** A calendar as it was read. */
export interface CalendarCopy {
  readonly readAt: Instant;
  readonly events: CalendarEvents;
  /** What of it could not be read, in words: the first few. */
  readonly leftOut?: readonly string[];
}

/** A calendar that a pool obeys: it keeps windows closed, or its events are windows. */
export interface PoolCalendar {
  readonly name: string;
  readonly use: 'exclude' | 'open';
  /** Zone of its events that name none. */
  readonly timeZone: string;
  /** The last copy that could be read. Without one nobody knows what the calendar excludes, so that nothing opens. */
  readonly copy?: CalendarCopy;
  /** Why there is no newer copy, in words. */
  readonly problem?: string;
}

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
  /** What becomes of a drain that does not end in time; `undo` and `force` also undo one that fails for another reason before the order. */
  readonly onTimeout: 'undo' | 'fail' | 'force';
  /** Pauses before each further try of a drain that was undone; after the last of them a person is asked. */
  readonly retryAfter: readonly Millis[];
  /** How long the reboot waits, after the pods have gone, for their volumes to be detached. 0: it does not. */
  readonly volumeDetachTimeout: Millis;
  /** Evictions under way at once. */
  readonly parallelism: number;
}

/** How a service that an operator named is reached. Secrets are files, read for each call. */
export interface HttpAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of its certificate authority; absent: the usual ones. */
  readonly caFile?: string;
  readonly auth?:
    | { readonly kind: 'bearer'; readonly tokenFile: string }
    | { readonly kind: 'basic'; readonly username: string; readonly passwordFile: string };
}

/** A Prometheus that has to be quiet. */
export interface PrometheusGate {
  readonly name: string;
  readonly access: HttpAccess;
  /** Regular expressions of Prometheus, for the whole name of an alert. Absent: alerts do not count. */
  readonly alerts?: { readonly include?: string; readonly exclude?: string; readonly pending: boolean };
  /** Expressions that have to have no result. */
  readonly queries: readonly { readonly name: string; readonly promql: string }[];
  /** Whoever is silenced there does not count. */
  readonly alertmanager?: HttpAccess;
}

/** Who has the last word before a start. */
export interface WebhookGate {
  readonly access: HttpAccess;
  /** For the signature; absent: it is not signed. */
  readonly secretFile?: string;
  readonly timeout: Millis;
}

/** What the outside has to say before a node of the pool may start. */
export interface GatesPolicy {
  /** Label selectors: a pod on the node that matches one, and has not finished, blocks. */
  readonly blockingPods: readonly string[];
  /** `key` or `key=value`: a pod on the node that bears one, and that the drain would move, blocks. */
  readonly podAnnotations: readonly string[];
  /** Pods anywhere of which too many are not ready, or pending. */
  readonly healthyPods: readonly {
    readonly selector: string;
    /** Absent: all namespaces. */
    readonly namespace?: string;
    readonly mostNotReady: number;
  }[];
  /** How long after its approval a node waits for the Jobs that run on it. 0: it does not. */
  readonly waitForJobs: Millis;
  /** How long a node waits while packages of its host are being changed, before a person is asked. 0: it does not wait. */
  readonly waitForPackageManager: Millis;
  readonly prometheus: readonly PrometheusGate[];
  readonly webhook?: WebhookGate;
}

/**
 * `asked`: a new kernel is expected where the signals asked for one. `newest`: the newest that is installed, whoever asked. `any`: none in particular,
 * for hosts whose boot loader is pinned.
 */
export const expectKernels = ['asked', 'newest', 'any'] as const;
export type ExpectKernel = (typeof expectKernels)[number];

/** A webhook that a reboot of the pool waits for: the same contract as `WebhookGate`, asked until it says yes. */
export interface WebhookHook {
  readonly access: HttpAccess;
  /** For the signature; absent: it is not signed. */
  readonly secretFile?: string;
  /** From the first question to the yes. */
  readonly timeout: Millis;
  /** What becomes of the reboot without a yes. */
  readonly onFailure: 'fail' | 'continue';
}

/** Silences alerts of a node in an Alertmanager while it is out through us. */
export interface SilencePolicy {
  readonly access: HttpAccess;
  /** `{node}` in a value stands for the name of the node, which at least one of those that must match names. */
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
}

/** What other tools are told on the Node, and how long they are given to act on it. */
export interface HooksPolicy {
  /** `before`: from the cordon until the node is given back; `after`: written when the reboot has succeeded, and left there. */
  readonly labels: {
    readonly before: Readonly<Record<string, string>>;
    readonly after: Readonly<Record<string, string>>;
  };
  /** The same, of annotations. */
  readonly annotations: HooksPolicy['labels'];
  /** A taint keeps new pods off a node that waits for its reboot, where others have room. */
  readonly preferNoSchedule: boolean;
  /** Annotations name the phase and the Reboot. */
  readonly annotateState: boolean;
  /** The conditions DrainInProgress and Drained tell of our drain. */
  readonly drainConditions: boolean;
  /** Load balancers outside of the cluster leave the node out from its cordon on. */
  readonly excludeFromLoadBalancers: boolean;
  /** From the cordon to the first eviction. */
  readonly drainDelay: Millis;
  /** From the empty node to the order. */
  readonly rebootDelay: Millis;
  /** Asked between the empty node and the order. */
  readonly before?: WebhookHook;
  /** Asked between the proof and the uncordon. */
  readonly after?: WebhookHook;
  /** From the cordon to the uncordon, unless it fails. */
  readonly silence?: SilencePolicy;
}

/** Globs of package names. Every package has to match one of `include`, where there are any, and none of `exclude`. */
export interface PackageLimits {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface PoolPolicy {
  readonly name: string;
  /** It is not in the configuration any more: nothing of it starts, and what is under way is carried to its end. */
  readonly gone?: true;
  /** Kubernetes label selector; empty matches every node. The first pool that matches a node owns it. */
  readonly selector: string;
  readonly channel: string;
  /** What may say that a node of the pool needs a reboot. With none of them only people ask. */
  readonly signals: readonly PoolSignal[];
  /** How long a signal may be unreadable, or an agent silent, before the channel is told. */
  readonly unknownFor: Millis;
  readonly approvers: Approvers;
  /** Approvals needed; absent: one, and two for control-plane nodes where more than one person may approve. */
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
  /** At most so many zones, racks or whatever the label names have nodes of the pool out through Tugboot at once. */
  readonly topology?: { readonly label: string; readonly atOnce: number };
  /**
   * A new kernel reaches the pool in stages: the canary nodes first, then so many percent of the pool, each after the stage before has been well
   * for the bake time. Absent: all at once, as far as turns allow.
   */
  readonly rollout?: { readonly canary: number; readonly bake: Millis; readonly batches: readonly number[] };
  /** Least time from the end of one reboot to the start of the next: of the pool, and of one node. 0: none. */
  readonly minTimeBetween: { readonly pool: Millis; readonly node: Millis };
  /** A node that asks again so soon after a reboot is not started by a rule. 0: it is. */
  readonly loopGuard: Millis;
  /** What waits for its window is not started when the pool's last reboots would have outlasted it. */
  readonly finishInWindow: boolean;
  /** Start what was approved also while Slack cannot show it. */
  readonly startWithoutSlack: boolean;
  /** What becomes of a drain that was begun for a window, when the window closes before the order is given. */
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
