import type { Millis } from '../time/time.ts';

/** When people are reminded of a decision that nobody takes. */
export interface ReminderPolicy {
  readonly after: Millis;
  /** Other groups, later. */
  readonly escalate?: { readonly after: Millis; readonly groups: readonly string[] };
  /** Minutes of the day on the wall clock. An end that is not after the start is on the next day. */
  readonly quiet?: { readonly from: number; readonly to: number; readonly timeZone: string };
}
