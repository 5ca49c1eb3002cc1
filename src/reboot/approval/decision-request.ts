/** What a person may decide on a Reboot, and the answer to a decision that is rejected. */
import type { ApprovalMode } from '../state/decision.ts';
import type { SnoozeUntil } from './snooze-times.ts';

export type DecisionRequest =
  | {
      readonly kind: 'approve';
      readonly mode: ApprovalMode;
      readonly digest: string;
      readonly changeTicket?: string;
      readonly reason?: string;
    }
  | { readonly kind: 'snooze'; readonly until: SnoozeUntil; readonly reason?: string }
  | { readonly kind: 'deny'; readonly reason: string }
  | { readonly kind: 'ask-again'; readonly reason?: string }
  | { readonly kind: 'cancel'; readonly reason?: string }
  | { readonly kind: 'retry'; readonly reason?: string }
  | { readonly kind: 'skip'; readonly reason?: string }
  | { readonly kind: 'force'; readonly reason: string }
  /** Concerns the rollout that the Reboot leads; `seen` identifies the halt that was displayed. */
  | { readonly kind: 'go-on'; readonly seen: string };

/** A decision on the Reboot itself. */
export type RebootDecision = Exclude<DecisionRequest, { kind: 'go-on' }>;

export type DecisionKind = DecisionRequest['kind'];

/** Every kind of a decision on a Reboot: what is listed by kind does not compile without each. */
const kinds: Readonly<Record<RebootDecision['kind'], true>> = {
  approve: true,
  snooze: true,
  deny: true,
  'ask-again': true,
  cancel: true,
  retry: true,
  skip: true,
  force: true,
};
export const rebootDecisionKinds = Object.keys(kinds) as readonly RebootDecision['kind'][];

/** Why a decision was rejected, as a sentence for the person. */
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
  | 'pool-changed'
  | 'halt-changed'
  | 'unknown-digest'
  | 'digest-full'
  | 'already-approved-by-you'
  | 'requester-alone'
  | 'outside-window'
  | 'no-window'
  | 'reason-missing'
  | 'ticket-missing'
  | 'cluster-unreachable';
