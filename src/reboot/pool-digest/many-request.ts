/** What a person may decide for many Reboots at once. */
import type { RebootDecision } from '../approval/decision-request.ts';
import type { ApprovalMode } from '../state/decision.ts';

export type ManyRequest =
  | {
      readonly kind: 'approve';
      readonly mode: ApprovalMode;
      /** How many at a time, at most the concurrency of the pool. Absent: the concurrency of the pool. */
      readonly atMost?: number;
    }
  | Exclude<RebootDecision, { kind: 'approve' }>;

/** What it means for one Reboot, whose packages are known to be those that were shown. */
export const requestForOne = (request: ManyRequest, digest: string): RebootDecision =>
  request.kind === 'approve' ? { kind: 'approve', mode: request.mode, digest } : request;
