import type { Timestamp } from '../ports/time.ts';

/**
 * Why a node stays cordoned after its Reboot is over. `not-ours`: somebody else cordoned it, or took our mark
 * off its cordon. `another-boot`: it booted once more between its proof and the uncordon. `goes-down`: its
 * agent says that its host was asked to reboot, and a person gave up waiting for that.
 */
export type StaysCordoned = 'not-ours' | 'another-boot' | 'goes-down';

/** What follows an end: the order, the cordon, the marks and the turn are given back. */
export interface CleanUp {
  /** It is done. */
  readonly tidied: boolean;
  /** Absent where the node is free, or is to be freed. */
  readonly staysCordoned?: StaysCordoned;
  /**
   * It waits for a boot that the agent has announced; `overdue`: for longer than a boot may take, so that a
   * person is asked.
   */
  readonly goesDown?: GoesDown;
}

export interface GoesDown {
  readonly since: Timestamp;
  readonly until: Timestamp;
  readonly overdue: boolean;
}
