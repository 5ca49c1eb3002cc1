/** Who decided what, when, and on which packages. */
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
  /** The package set that was approved. */
  readonly digest: string;
  readonly riskDigest: string;
}

/** Approvals that were enough. Who, when and on which package set: no reboot exists without it. */
export interface Decision {
  readonly mode: ApprovalMode;
  readonly at: Timestamp;
  readonly digest: string;
  readonly riskDigest: string;
  readonly approvals: readonly Approval[];
  /**
   * Since when it could have started: its age counts from then (`approvalExpires`). Absent while its time has
   * not come.
   */
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
    /** Its node belongs to another pool. */
    | 'moved'
    /** Of earlier versions: its drain was undone. */
    | 'put-back'
    /** Its drain was undone; the reason says what held it and how it goes on. */
    | 'undone'
    /** Somebody has a drain that was undone tried again. */
    | 'tried-again'
    /** That workloads are less ready than before this reboot: the rollout goes on. */
    | 'accepted'
    /** Somebody deleted its record, which was written anew. */
    | 'deleted'
    /** A hook failed, and its pool lets the reboot go on. */
    | 'hook-failed'
    /** Alerts of its node could not be silenced. */
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
  /** Where its node moved: the pool that it came from. */
  readonly fromPool?: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Absent when there was none to lapse: a denial ends as well when what was denied changes. */
  readonly before?: Decision;
}
