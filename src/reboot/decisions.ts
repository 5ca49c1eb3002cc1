/** The door through which chat decides and asks. Implemented by src/reboot/service.ts, called by src/bot/listeners. */
import type { Blocker } from './blockers.ts';
import type { Person } from './ports.ts';
import type { ApprovalMode, Phase, Reboot } from './reboot.ts';
import type { Instant } from './time.ts';

export type DecisionRequest =
  | { readonly kind: 'approve'; readonly mode: ApprovalMode; readonly digest: string }
  | { readonly kind: 'snooze'; readonly until: Instant; readonly reason?: string }
  | { readonly kind: 'deny'; readonly reason: string }
  | { readonly kind: 'ask-again' }
  | { readonly kind: 'cancel'; readonly reason?: string }
  | { readonly kind: 'retry' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'force'; readonly reason: string };

export type DecisionKind = DecisionRequest['kind'];

export type DecisionResult =
  | { readonly ok: true; readonly reboot: Reboot; readonly approvalsMissing: number }
  | { readonly ok: false; readonly rejection: Rejection };

/** Why a decision was not taken, in words for the person who tried. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly sentence: string;
}

export type RejectionCode =
  | 'unknown-reboot'
  | 'not-allowed'
  | 'already-decided'
  | 'too-late'
  | 'not-possible-now'
  | 'packages-changed'
  | 'already-approved-by-you'
  | 'outside-window'
  | 'no-window'
  | 'reason-missing'
  | 'cluster-unreachable';

/** What `/reboot status` shows. */
export interface StatusView {
  readonly cluster: string;
  readonly nodes: number;
  readonly quiet: number;
  readonly rows: readonly StatusRow[];
  /** When the cluster was last heard from; older than a minute is worth a sentence. */
  readonly heardAt: Instant;
  readonly now: Instant;
}

export interface StatusRow {
  readonly reboot: Reboot;
  readonly phase: Phase;
  readonly blockers: readonly Blocker[];
  readonly approvalsNeeded: number;
}

export type StatusAnswer =
  | { readonly ok: true; readonly status: StatusView }
  | { readonly ok: false; readonly sentence: string };

export interface Decisions {
  /**
   * Takes a person's decision on a Reboot: checks who they are against the pool's policy, what they saw against what is
   * stored, and writes it by compare-and-swap. Never throws for what a person can do; a cluster that cannot be reached is a rejection too.
   */
  decide(reboot: string, request: DecisionRequest, person: Person): Promise<DecisionResult>;
  /** What is going on, everywhere or for one node or pool. */
  status(of?: string): Promise<StatusAnswer>;
  /** The Reboot as stored, for Details. */
  find(reboot: string): Promise<Reboot | undefined>;
}
