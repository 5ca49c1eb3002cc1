import type { Reboot } from '../../state/reboot.ts';

/**
 * Sort order by node name, then by Reboot name. Watch caches of different replicas list Reboots in different
 * orders; without a fixed order the replicas would name different Reboots in a blocker and keep re-editing
 * one card.
 */
export const byNode = (one: Reboot, other: Reboot): number =>
  one.node.name === other.node.name
    ? one.name < other.name
      ? -1
      : 1
    : one.node.name < other.node.name
      ? -1
      : 1;
