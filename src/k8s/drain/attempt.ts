import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import type { Instant, Timestamp } from '../../reboot/ports/time.ts';
import type { PodView } from '../pods/pod-view.ts';

/** How far one pod is on its way out. */
export interface Attempt {
  pod: PodView;
  asking: boolean;
  /** Not to be asked for before. */
  due: Instant;
  refused: number;
  troubles: number;
  accepted: boolean;
  block?: BudgetBlock;
  /** By which budget it is held back, and since when without a break; trouble in between is no break. */
  held?: { readonly budget: string; readonly since: Timestamp };
  trouble?: string;
}

export const newAttempt = (pod: PodView, now: Instant): Attempt => ({
  pod,
  asking: false,
  due: now,
  refused: 0,
  troubles: 0,
  accepted: false,
});

export const isIdle = (attempt: Attempt): boolean => !attempt.asking && attempt.pod.deletesAt === undefined;

/** What was in its way is so no longer, or something else is. */
export function clear(attempt: Attempt, troubles = 0): void {
  delete attempt.block;
  delete attempt.trouble;
  attempt.troubles = troubles;
}

/** Nothing holds it back any more. */
export function release(attempt: Attempt): void {
  clear(attempt);
  delete attempt.held;
}
