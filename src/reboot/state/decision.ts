/** Decisions: the principal, the time, and the package set that the principal saw. */
import type { Timestamp } from '../ports/time.ts';

export type Principal =
  | { readonly kind: 'user'; readonly id: string; readonly name: string }
  | { readonly kind: 'window'; readonly pool: string; readonly window: string }
  | { readonly kind: 'rule'; readonly pool: string }
  | { readonly kind: 'kubernetes'; readonly name: string };

export const isPerson = ({ kind }: Principal): boolean => kind === 'user' || kind === 'kubernetes';

export type ApprovalMode = 'now' | 'window';
export interface Approval {
  readonly by: Principal;
  readonly at: Timestamp;
  readonly mode: ApprovalMode;
  /** `Need.digest` at the time of the approval. */
  readonly digest: string;
  readonly riskDigest: string;
}

/** The approvals that were sufficient, with time and package set. No reboot starts without a decision. */
export interface Decision {
  readonly mode: ApprovalMode;
  readonly at: Timestamp;
  readonly digest: string;
  readonly riskDigest: string;
  readonly approvals: readonly Approval[];
  /** When the reboot could first have started. `approvalExpires` counts from here. Absent until then. */
  readonly couldStart?: Timestamp;
}

export interface HistoryEntry {
  readonly at: Timestamp;
  readonly what:
    | 'approved'
    | 'snoozed'
    | 'denied'
    | 'cancelled'
    | 'retried'
    | 'skipped'
    | 'forced'
    | 'asked-again'
    | 'lapsed'
    /** The node belongs to another pool. */
    | 'moved'
    /** Written by earlier versions: the drain was undone. */
    | 'put-back'
    /** The drain was undone. The reason gives the cause and the next step. */
    | 'undone'
    /** A person requested another try of an undone drain. */
    | 'tried-again'
    /** A person accepted that workloads are less ready than before this reboot, and the rollout continues. */
    | 'accepted'
    /** Somebody deleted the stored object, and it was created again. */
    | 'deleted'
    /** A hook failed, and its pool has `onFailure: continue`. */
    | 'hook-failed'
    /** Alerts of the node could not be silenced. */
    | 'silence-failed';
  readonly by?: Principal;
  readonly reason?: string;
  readonly digest?: string;
}

/** Why an earlier decision no longer holds. */
export interface Lapse {
  readonly at: Timestamp;
  /** Absent: the packages changed. */
  readonly why?: 'expired' | 'moved';
  /** The previous pool of a node that moved. */
  readonly fromPool?: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Absent when no decision lapsed: a denial also ends when the denied packages change. */
  readonly before?: Decision;
}
