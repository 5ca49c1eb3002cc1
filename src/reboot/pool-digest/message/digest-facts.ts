/** What the message of a pool digest shows. */
import type { RebootDecision } from '../../approval/decision-request.ts';
import type { Demands } from '../../approval/demands.ts';
import type { ClusterColour } from '../../policy/cluster-colour.ts';
import type { PoolPolicy } from '../../policy/policy.ts';
import type { RolloutView } from '../../rollout/rollout-facts.ts';
import type { BlockerCode } from '../../scheduling/blockers/blockers.ts';
import type { ReminderStage } from '../../deadlines/reminders.ts';
import type { MessageRef } from '../../state/chat-record.ts';
import type { Principal } from '../../state/decision.ts';
import type { DrainRetry } from '../../state/undo-facts.ts';
import type { RiskClass } from '../../state/need.ts';
import type { FailureCode, Phase } from '../../state/reboot.ts';
import type { Instant, Millis } from '../../time/time.ts';
import type { CardData } from '../../card/card-facts.ts';
import type { ManyRequest } from '../many-request.ts';
import type { DigestChat } from '../pool-digest.ts';

/** Every Reboot of the digest is in exactly one of them, and `total` is their sum. */
export interface DigestCounts {
  readonly total: number;
  /** Pending. */
  readonly asking: number;
  readonly snoozed: number;
  readonly denied: number;
  /** Approved, and not started, or back from an undone drain. */
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
  readonly done: number;
  /** Cancelled, given up, superseded, or deleted. */
  readonly ended: number;
}

/** What the state of nodes allows. Approve, snooze and deny follow from how many ask. */
export type DigestOffers = Readonly<
  Record<Exclude<RebootDecision['kind'], 'approve' | 'snooze' | 'deny'>, number>
>;

/** A package in the versions that it has, the riskiest and most frequent first. */
export interface PackageGroup {
  readonly name: string;
  readonly risk: RiskClass;
  /** The most frequent first, at most three. */
  readonly versions: readonly string[];
  /** How many Reboots of the digest name it. */
  readonly nodes: number;
}

export interface KernelGroup {
  readonly release: string;
  readonly nodes: number;
}

/** The sum of the dry-runs of a sample. */
export interface DigestImpact {
  /** On how many nodes the drain was tried dry. */
  readonly sampled: number;
  /** How many nodes the sample stands for. */
  readonly of: number;
  readonly podsToMove: number;
  /** Pods that would be lost, `namespace/name`: the first of them, and how many there are. */
  readonly lost: Named;
  /** Workloads that would go down. */
  readonly goesDown: Named;
  /** Budgets that allow no eviction now. */
  readonly budgets: Named;
  /** Reasons why a drain would refuse to start. */
  readonly refusals: Named;
}

export interface Named {
  readonly count: number;
  /** At most five. */
  readonly first: readonly string[];
}

/** A row of the table of nodes that ask. */
export interface DigestRow {
  readonly reboot: string;
  readonly node: string;
  readonly zone?: string;
  /** Absent: no new kernel. */
  readonly kernel?: string;
  /** Names, the riskiest first, at most three. */
  readonly packages: readonly string[];
  /** How many packages more. */
  readonly more: number;
  readonly phase: Phase;
  readonly since: Instant;
  /** Names of who has approved it so far. */
  readonly approvedBy: readonly string[];
}

export interface RunningRow {
  readonly reboot: string;
  readonly node: string;
  readonly phase: Phase;
  readonly since: Instant;
  /** Of its drain. */
  readonly pods?: { readonly gone: number; readonly total: number };
  /** A phrase: the budget, or what is missing. */
  readonly waitsFor?: string;
  readonly card?: MessageRef;
}

/** Nodes with the same blocker. */
export interface BlockerGroup {
  readonly code: BlockerCode;
  /** Of the first of them. */
  readonly sentence: string;
  readonly nodes: number;
  readonly first: string;
  /** When the first of them clears, where it is known. */
  readonly until?: Instant;
}

/** Nodes that failed for the same reason. */
export interface FailureGroup {
  readonly code: FailureCode;
  /** Of the first of them. */
  readonly sentence: string;
  readonly nodes: number;
  /** At most five, with their cards. */
  readonly first: readonly { readonly node: string; readonly reboot: string; readonly card?: MessageRef }[];
  /** The latest failure. */
  readonly since: Instant;
}

/** Nodes whose drains were undone for the same cause, and wait for a person. */
export interface UndoneGroup {
  /** Tells it from other causes. */
  readonly cause: string;
  /** Of the first of them: what stopped the drain, as a part of a sentence. */
  readonly sentence: string;
  readonly needsPerson: NonNullable<DrainRetry['needsPerson']>;
  readonly nodes: number;
  /** At most five, with their cards. */
  readonly first: FailureGroup['first'];
}

/** A decision for many, as it is told. */
export interface DigestDecisionView {
  readonly id: string;
  readonly request: ManyRequest;
  readonly by: Principal;
  readonly at: Instant;
  /** On how many nodes it was taken. */
  readonly of: number;
  /** Absent while it is being applied. */
  readonly result?: {
    readonly applied: number;
    readonly refused: number;
    readonly refusals: readonly { readonly node: string; readonly sentence: string }[];
  };
}

/** Everything that the message of a pool digest is rendered from. */
export interface PoolDigestData {
  readonly cluster: string;
  /** By which people tell the cluster from others. */
  readonly colour?: ClusterColour;
  /** The cluster has been removed from the configuration: nothing is decided here. */
  readonly unserved?: true;
  readonly channel: string;
  readonly pool: string;
  readonly id: string;
  /** Buttons carry it: a decision holds for what this revision shows. */
  readonly revision: number;
  readonly chat: DigestChat;
  readonly now: Instant;
  readonly openedAt: Instant;
  readonly closedAt?: Instant;
  /** When the first of them asked. */
  readonly firstAskedAt: Instant;
  readonly counts: DigestCounts;
  /** How many nodes could take a decision other than approve, snooze and deny. */
  readonly offers: DigestOffers;
  /** Of those that are not done, at most eight. */
  readonly packages: readonly PackageGroup[];
  /** How many packages more there are. */
  readonly morePackages: number;
  /** Kernels that would run after the reboots, the most frequent first, at most four. */
  readonly kernels: readonly KernelGroup[];
  /** Kernels that run now. */
  readonly runningKernels: readonly KernelGroup[];
  /** Absent until the first node of the sample is assessed. */
  readonly impact?: DigestImpact;
  /** Nodes that ask or are snoozed, at most ten, the oldest first. */
  readonly rows: readonly DigestRow[];
  readonly running: readonly RunningRow[];
  /** Why approved nodes do not start, the most frequent first, at most four. */
  readonly waitsFor: readonly BlockerGroup[];
  readonly failed: readonly FailureGroup[];
  readonly undone: readonly UndoneGroup[];
  readonly decisions: readonly DigestDecisionView[];
  /** Nodes that left the digest and are decided on their own cards. */
  readonly alone: number;
  /** Nodes of the pool that ask and do not fit into the digest. */
  readonly left: number;
  /** When the rule approves the first of those that ask, and how many it will approve then or later. */
  readonly automatic?: { readonly at: Instant; readonly nodes: number };
  /** Why the rule approves none of them, where the pool has a rule. */
  readonly beyondRule?: string;
  readonly approvers: PoolPolicy['approvers'];
  readonly approvalsNeeded: number;
  readonly approveNowAllowed: boolean;
  /** A reminder that is due, since when nobody has decided, and the groups that a late one names. */
  readonly reminder?: {
    readonly stage: ReminderStage;
    readonly since: Instant;
    readonly groups: readonly string[];
  };
  /** What the pool demands with a decision. Absent: nothing. */
  readonly demands?: Demands;
  readonly window?: NonNullable<CardData['window']>;
  readonly noWindow?: string;
  /** How many nodes of the pool at a time. */
  readonly concurrency: number;
  /** Who has chosen fewer than the pool allows. */
  readonly concurrencyBy?: Principal;
  /** Until all that are approved or running are done, from measured durations. Absent: none is measured. */
  readonly timeLeft?: Millis;
  /** How long the reboots of all that ask would take. */
  readonly wouldTake?: Millis;
  readonly rollout?: RolloutView;
}

/** A node of the digest, for choosing among them. */
export interface DigestMember {
  readonly reboot: string;
  readonly node: string;
  readonly phase: Phase;
  readonly zone?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kernel: { readonly running: string; readonly next?: string };
  /** Names, the riskiest first. */
  readonly packages: readonly string[];
  readonly since: Instant;
  /** Whether it still asks, with the packages that the revision shows. */
  readonly asks: boolean;
  /** The decisions that its state allows. */
  readonly offers: readonly RebootDecision['kind'][];
}
