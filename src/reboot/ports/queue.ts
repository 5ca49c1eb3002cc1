import type { LoopStep } from '../machine/step.ts';
import type { Instant } from '../time/time.ts';

/** The name that the jobs of shown lists have in place of a pool: no pool has it. */
export const listsJob = '_lists';

/** The work queue. Its content can be rebuilt from the cluster. */
export interface Queue {
  /** Reconcile a node: create its Reboot if one is required, and wake its open Reboots. */
  reconcileNode(node: string): Promise<void>;
  /**
   * Reconcile a Reboot, now or at a time. `step` names the job; any job carries out any step. Those that are
   * at rest (`decide`, `wait`) come after the steps of Reboots that are under way, however many wait.
   */
  reconcile(reboot: string, at?: Instant, step?: LoopStep): Promise<void>;
  /** Plan what may start, now or at a time. One job for all Reboots. */
  plan(at?: Instant): Promise<void>;
  /** Start a Reboot, if it still may. */
  start(reboot: string): Promise<void>;
  /** Start or resume the drain of a Reboot. */
  drain(reboot: string): Promise<void>;
  /** Render a Reboot's card. */
  render(reboot: string): Promise<void>;
  /** Update the digest of a pool, its list and its message, now or at a time. */
  updateDigest(pool: string, at?: Instant): Promise<void>;
  /** Apply the decisions for many that are stored in the digest of a pool, or in the lists (`listsJob`). */
  spread(of: string): Promise<void>;
}
