import type { Timestamp } from '../ports/time.ts';
import type { Need } from './need.ts';
import type { Impact, DrainProgress, Delay, DrainSummary } from './drain-facts.ts';
import type { WorkloadReadiness } from '../rollout/workloads.ts';
import type { ChatRecord } from './chat-record.ts';
import type { HistoryEntry, Approval, Lapse, Principal, Decision } from './decision.ts';
import type { DrainRetry, Undo } from './undo-facts.ts';
import type { Blocker } from '../scheduling/blockers.ts';
import type { HookRun } from './hook-facts.ts';
import type { GoesDown, CleanUp } from './clean-up.ts';
import type { Missing } from './missing.ts';

/**
 * One wished-for end of one boot of one node, from detection to proof. Stored as a `Reboot` custom resource.
 */
export interface Reboot {
  /** Made of node name, node UID and boot ID, so that asking twice for the same boot is one Reboot. */
  readonly name: string;
  /** The UID of the stored object; absent until it is stored. */
  readonly uid?: string;
  readonly node: { readonly name: string; readonly uid: string };
  /** The boot to end. */
  readonly bootId: string;
  readonly pool: string;
  readonly createdAt: Timestamp;
  readonly need: Need;
  readonly facts: NodeFacts;
  /** What a drain would do, as far as it is known. */
  readonly impact?: Impact;
  /**
   * How ready the workloads of its node were when it began; only where its pool goes in stages. Gone when
   * somebody let the rollout go on although they are not as ready any more.
   */
  readonly workloads?: readonly WorkloadReadiness[];
  /**
   * DaemonSets (`namespace/name`) that had a pod on the node which was not ready before the cordon. The node
   * is not asked for them to be proven. Bounded. Absent: not noted, as in records of earlier versions.
   */
  readonly daemonsBefore?: readonly string[];
  readonly state: RebootState;
  /** Written by the chat worker alone. */
  readonly chat: ChatRecord;
  /** Every decision ever taken on this Reboot, oldest first, bounded. */
  readonly history: readonly HistoryEntry[];
  /** The store's version: a save is a compare-and-swap on it. */
  readonly version: string;
}

/** What people know the node by, as last observed. */
export interface NodeFacts {
  readonly osImage: string;
  readonly controlPlane: boolean;
  readonly zone?: string;
  /** When the boot to end began, if the node tells. */
  readonly bootedAt?: Timestamp;
}

/** Who cordoned the node: `other` means that it was cordoned before us, and stays so. */
export type CordonOwner = 'us' | 'other';

export interface Pending {
  readonly phase: 'Pending';
  readonly since: Timestamp;
  /** Fewer than needed. */
  readonly approvals: readonly Approval[];
  readonly lapse?: Lapse;
}

export interface Snoozed {
  readonly phase: 'Snoozed';
  readonly since: Timestamp;
  readonly until: Timestamp;
  readonly by: Principal;
  readonly reason?: string;
}

export interface Denied {
  readonly phase: 'Denied';
  readonly since: Timestamp;
  readonly by: Principal;
  readonly reason: string;
  readonly riskDigest: string;
}

export interface Approved {
  readonly phase: 'Approved';
  readonly since: Timestamp;
  readonly decision: Decision;
  /** Its drain was undone: when it is tried again. */
  readonly retry?: DrainRetry;
  /** Its next drain breaks budgets: somebody said so after one was undone. */
  readonly force?: Force;
  /**
   * What was in the way when it was about to start, by what only the outside knows: alerts, pods, a webhook.
   * `cleared`: that was seen to be gone since, so the answer is out of date.
   */
  readonly held?: {
    readonly at: Timestamp;
    readonly blockers: readonly Blocker[];
    readonly cleared?: Timestamp;
  };
  /**
   * How many milliseconds Jobs have held it back in all, without the present time, which began at `since`.
   */
  readonly jobs?: { readonly waited: number; readonly since?: Timestamp };
  /** What held it back when that was last written down: for whoever reads the record, never to decide on. */
  readonly waits?: { readonly at: Timestamp; readonly blockers: readonly Blocker[] };
}

export interface Draining {
  readonly phase: 'Draining';
  readonly since: Timestamp;
  readonly deadline: Timestamp;
  readonly decision: Decision;
  /** Absent until the node is known to be cordoned. */
  readonly cordon?: CordonOwner;
  readonly drain?: DrainProgress;
  /** From the cordon to the first eviction. */
  readonly drainDelay?: Delay;
  /** Since it was empty for the first time: before the order it is looked through once more. */
  readonly rebootDelay?: Delay & { readonly pods: number };
  /**
   * The hook before the order, since the node was found empty. When it has ended the node is looked through
   * once more.
   */
  readonly beforeHook?: HookRun & { readonly pods: number };
  readonly force?: Force;
  /** How often its drain was undone before this one; absent: never. */
  readonly undone?: number;
}

export interface Force {
  readonly by: Principal;
  readonly at: Timestamp;
  readonly reason: string;
}

/**
 * A drain that is undone: nothing was rebooted, and when that is tidied it waits for its next try by the same
 * decision.
 */
export interface Undoing {
  readonly phase: 'Undoing';
  readonly since: Timestamp;
  readonly decision: Decision;
  /** Absent where the node is not known to be cordoned. */
  readonly cordon?: CordonOwner;
  readonly undo: Undo;
  readonly goesDown?: GoesDown;
}

export interface Rebooting {
  readonly phase: 'Rebooting';
  /** When the order was decided; the order itself names the boot. */
  readonly since: Timestamp;
  readonly deadline: Timestamp;
  readonly decision: Decision;
  readonly cordon: CordonOwner;
  readonly drained: DrainSummary;
  /** When the node was first seen not Ready after the order. */
  readonly downSince?: Timestamp;
  /** What the agent said last about the order, if not simply obeying. */
  readonly trouble?: string;
}

export interface Settling {
  readonly phase: 'Settling';
  /** When the new boot was first seen. */
  readonly since: Timestamp;
  readonly deadline: Timestamp;
  readonly decision: Decision;
  readonly cordon: CordonOwner;
  readonly drained: DrainSummary;
  readonly orderedAt: Timestamp;
  readonly newBootId: string;
  readonly kernel: string;
  /** Since when nothing has been missing. */
  readonly healthySince?: Timestamp;
  /** What is not yet as it should be, one sentence each. */
  readonly missing: readonly Missing[];
  /** The hook before the uncordon, since the node was first proven. */
  readonly afterHook?: HookRun;
}

export interface Succeeded extends CleanUp {
  readonly phase: 'Succeeded';
  readonly since: Timestamp;
  readonly decision: Decision;
  readonly cordon: CordonOwner;
  readonly newBootId: string;
  readonly kernel: string;
  /** A newer one that is installed and does not run. */
  readonly newerKernel?: string;
  readonly pods: number;
  readonly took: {
    readonly drain: number;
    readonly boot: number;
    readonly settle: number;
    readonly total: number;
  };
}

export type Active = Draining | Rebooting | Settling;

export interface Failed extends CleanUp {
  readonly phase: 'Failed';
  readonly since: Timestamp;
  readonly code: FailureCode;
  /** What is the matter, in words. */
  readonly sentence: string;
  /** The state it failed in, from which a retry goes on. */
  readonly from: Active;
  /** Set by Skip: the reboot is given up and the pool goes on. */
  readonly givenUp?: { readonly by: Principal; readonly at: Timestamp; readonly leaveCordoned: boolean };
}

export type FailureCode =
  | 'drain-refused'
  | 'drain-timeout'
  | 'drain-error'
  | 'uncordoned-by-other'
  | 'did-not-reboot'
  | 'did-not-come-back'
  | 'not-healthy'
  | 'still-required'
  | 'wrong-kernel'
  | 'rebooted-again'
  | 'hook-failed';

export interface Cancelled extends CleanUp {
  readonly phase: 'Cancelled';
  readonly since: Timestamp;
  readonly by: Principal;
  readonly reason?: string;
  readonly from: Phase;
}

export interface Superseded extends CleanUp {
  readonly phase: 'Superseded';
  readonly since: Timestamp;
  readonly why: 'booted' | 'node-gone' | 'node-replaced' | 'no-longer-required';
  readonly from: Phase;
}

export type RebootState =
  | Pending
  | Snoozed
  | Denied
  | Approved
  | Draining
  | Undoing
  | Rebooting
  | Settling
  | Succeeded
  | Failed
  | Cancelled
  | Superseded;

export type Phase = RebootState['phase'];

export type In<P extends Phase> = Reboot & { readonly state: Extract<RebootState, { phase: P }> };

export const isIn = <P extends Phase>(reboot: Reboot, ...phases: readonly P[]): reboot is In<P> =>
  (phases as readonly Phase[]).includes(reboot.state.phase);
