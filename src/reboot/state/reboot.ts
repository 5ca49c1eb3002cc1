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
 * One requested end of one boot of one node, from detection to proof. Stored as a `Reboot` custom resource.
 */
export interface Reboot {
  /** Derived from node name, node UID and boot ID, so two requests for the same boot give one Reboot. */
  readonly name: string;
  /** UID of the stored object. Absent until it is stored. */
  readonly uid?: string;
  readonly node: { readonly name: string; readonly uid: string };
  /** The boot to end. */
  readonly bootId: string;
  readonly pool: string;
  readonly createdAt: Timestamp;
  readonly need: Need;
  readonly facts: NodeFacts;
  /** The last dry-run of the drain. Absent until there is one. */
  readonly impact?: Impact;
  /**
   * Readiness of the node's workloads at the start, only where the pool has a staged rollout. Removed when a
   * person lets the rollout continue although they are less ready.
   */
  readonly workloads?: readonly WorkloadReadiness[];
  /**
   * DaemonSets (`namespace/name`) that had a pod on the node which was not ready before the cordon. The proof
   * does not require them. Bounded. Absent: not recorded, as in records of earlier versions.
   */
  readonly daemonsBefore?: readonly string[];
  readonly state: RebootState;
  /** Written by the chat worker only. */
  readonly chat: ChatRecord;
  /** Every decision on this Reboot, oldest first, bounded. */
  readonly history: readonly HistoryEntry[];
  /** Version of the stored object. A save is a compare-and-swap on it. */
  readonly version: string;
}

/** Facts of the node that are shown to people, as last observed. */
export interface NodeFacts {
  readonly osImage: string;
  readonly controlPlane: boolean;
  readonly zone?: string;
  /** When the boot to end began, where the agent reports it. */
  readonly bootedAt?: Timestamp;
}

/** `other`: the node was cordoned before us, and stays cordoned. */
export type CordonOwner = 'us' | 'other';

export interface Pending {
  readonly phase: 'Pending';
  readonly since: Timestamp;
  /** Fewer than the pool requires. */
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
  /** Set when the drain was undone. */
  readonly retry?: DrainRetry;
  /** The next drain may violate budgets: a person forced it after one was undone. */
  readonly force?: Force;
  /**
   * Blockers that the gates outside of the plan (alerts, pods, a webhook) gave before a start. `cleared`:
   * when they were observed to be gone, which makes them outdated.
   */
  readonly held?: {
    readonly at: Timestamp;
    readonly blockers: readonly Blocker[];
    readonly cleared?: Timestamp;
  };
  /**
   * Milliseconds in which Jobs have blocked the start, without the current period, which began at `since`.
   */
  readonly jobs?: { readonly waited: number; readonly since?: Timestamp };
  /** Blockers of the plan when they were last stored. For people who read the object, never for decisions. */
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
  /** From the first time the node was empty. The drain lists its pods again before the order. */
  readonly rebootDelay?: Delay & { readonly pods: number };
  /** The hook before the order, from the time the node was empty. The drain lists its pods again after it. */
  readonly beforeHook?: HookRun & { readonly pods: number };
  readonly force?: Force;
  /** How often the drain was undone before this one. Absent: never. */
  readonly undone?: number;
}

export interface Force {
  readonly by: Principal;
  readonly at: Timestamp;
  readonly reason: string;
}

/**
 * A drain that is being undone. Nothing was rebooted. After its clean-up the Reboot is `Approved` again, with
 * the same decision, and waits for its next try.
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
  /** When the order was decided. The order itself names the boot. */
  readonly since: Timestamp;
  readonly deadline: Timestamp;
  readonly decision: Decision;
  readonly cordon: CordonOwner;
  readonly drained: DrainSummary;
  /** When the node was first observed not Ready after the order. */
  readonly downSince?: Timestamp;
  /** The agent's answer to the order, in words, unless it obeys. */
  readonly trouble?: string;
}

export interface Settling {
  readonly phase: 'Settling';
  /** When the new boot was first observed. */
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
  /** Conditions of the proof that are not met yet. */
  readonly missing: readonly Missing[];
  /** The hook before the uncordon, from the first proof of the node. */
  readonly afterHook?: HookRun;
}

export interface Succeeded extends CleanUp {
  readonly phase: 'Succeeded';
  readonly since: Timestamp;
  readonly decision: Decision;
  readonly cordon: CordonOwner;
  readonly newBootId: string;
  readonly kernel: string;
  /** A newer kernel that is installed and not running. */
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
  /** The cause, in words. */
  readonly sentence: string;
  /** The state that it failed in, from which a retry continues. */
  readonly from: Active;
  /** Set by Skip: the reboot is given up and the pool continues. */
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
