import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import type { Instant, Timestamp } from '../../reboot/time/time.ts';
import type { PodView } from '../pods/pod-view.ts';

/** The state of one pod's eviction. */
export interface Attempt {
  pod: PodView;
  inFlight: boolean;
  /** No request before this time. */
  due: Instant;
  refused: number;
  troubles: number;
  accepted: boolean;
  block?: BudgetBlock;
  /**
   * The budget that blocks the pod, and since when without interruption. Other errors in between do not
   * interrupt it.
   */
  blockedBy?: { readonly budget: string; readonly since: Timestamp };
  trouble?: string;
}

export const newAttempt = (pod: PodView, now: Instant): Attempt => ({
  pod,
  inFlight: false,
  due: now,
  refused: 0,
  troubles: 0,
  accepted: false,
});

export const isIdle = (attempt: Attempt): boolean => !attempt.inFlight && attempt.pod.deletesAt === undefined;

/** Clears the last obstacle after an answer: it is gone, or another one follows. */
export function clear(attempt: Attempt, troubles = 0): void {
  delete attempt.block;
  delete attempt.trouble;
  attempt.troubles = troubles;
}

/** Clears the obstacle and the time since which a budget blocks the pod. */
export function release(attempt: Attempt): void {
  clear(attempt);
  delete attempt.blockedBy;
}
