import type { BootTarget } from '../nodes/observation.ts';
import type { Reboot } from '../state/reboot.ts';

/** The boot that this Reboot may end: the precondition of its writes until then. */
export const bootTargetOf = (reboot: Reboot): BootTarget => ({
  node: reboot.node.name,
  uid: reboot.node.uid,
  bootId: reboot.bootId,
});
