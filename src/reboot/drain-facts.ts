/** What is known of a drain before it, and while it runs. */
import type { Timestamp } from './time.ts';

/** A dry-run of the drain. Pod and budget names are `namespace/name`. */
export interface Impact {
  readonly at: Timestamp;
  readonly podsToMove: number;
  readonly podsStaying: number;
  /** Budgets that would refuse an eviction now. */
  readonly blockedBy: readonly BudgetBlock[];
  /** Pods that nothing brings back. */
  readonly lost: readonly string[];
  readonly emptyDir: readonly string[];
  /** Why the drain would refuse to begin, one sentence each. */
  readonly refusals: readonly string[];
}

export interface BudgetBlock {
  readonly budget: string;
  readonly needed: number;
  readonly healthy: number;
  readonly allowed: number;
  /** The pod that waits for it. */
  readonly pod: string;
  /** Since when it has waited, in a drain. */
  readonly since?: Timestamp;
}

export interface DrainProgress {
  readonly at: Timestamp;
  readonly total: number;
  readonly gone: number;
  /** Pods being terminated now, some of them. */
  readonly leaving: readonly string[];
  /** Pods that a budget holds back. */
  readonly waiting: readonly BudgetBlock[];
  /** Other trouble met and being retried, one sentence each. */
  readonly trouble: readonly string[];
}
