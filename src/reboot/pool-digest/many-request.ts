/** What a person may decide for many Reboots at once. */
import type { ApprovalMode } from '../state/decision.ts';
import type { Instant } from '../time/time.ts';

export type ManyRequest =
  | {
      readonly kind: 'approve';
      readonly mode: ApprovalMode;
      /** How many at a time, at most the concurrency of the pool. Absent: the concurrency of the pool. */
      readonly atMost?: number;
    }
  | { readonly kind: 'snooze'; readonly until: Instant; readonly reason?: string }
  | { readonly kind: 'deny'; readonly reason: string };
