import type { Instant } from './time.ts';

/** All of it can be rebuilt from the cluster. */
export interface Queue {
  /** Look at a node: does it need a Reboot, does its Reboot need a step? */
  reconcileNode(node: string): Promise<void>;
  /** Advance a Reboot by one step, now or at a time. */
  reconcile(reboot: string, at?: Instant): Promise<void>;
  /** Carry out or take up the drain of a Reboot. */
  drain(reboot: string): Promise<void>;
  /** Show a Reboot's card. */
  render(reboot: string): Promise<void>;
}
