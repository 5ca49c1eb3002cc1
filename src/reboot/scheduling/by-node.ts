import type { Reboot } from '../state/reboot.ts';

/**
 * Of several that are in the way the same one is named wherever the plan is made: replicas list what they
 * watch in orders of their own, and would edit one card to and fro.
 */
export const byNode = (one: Reboot, other: Reboot): number =>
  one.node.name === other.node.name
    ? one.name < other.name
      ? -1
      : 1
    : one.node.name < other.node.name
      ? -1
      : 1;
