import type { Timestamp } from '../ports/time.ts';

/**
 * Why a node stays cordoned after its Reboot has ended. `not-ours`: somebody else cordoned it, or removed our
 * annotation from its cordon. `another-boot`: it booted again between its proof and the uncordon.
 * `goes-down`: its agent reports that the host was requested to reboot, and a person stopped the wait for
 * that boot.
 */
export type StaysCordoned = 'not-ours' | 'another-boot' | 'goes-down';

/**
 * Clean-up after the end of a Reboot: withdraw the order, uncordon, remove the managed labels, release the
 * turn.
 */
export interface CleanUp {
  /** The clean-up is complete. */
  readonly tidied: boolean;
  /** Absent when the node is uncordoned or will be. */
  readonly staysCordoned?: StaysCordoned;
  /**
   * Set while the clean-up waits for a boot that the agent has announced. `overdue`: the wait has exceeded
   * the pool's `rebootTimeout`, and a person has to decide.
   */
  readonly goesDown?: GoesDown;
}

export interface GoesDown {
  readonly since: Timestamp;
  readonly until: Timestamp;
  readonly overdue: boolean;
}
