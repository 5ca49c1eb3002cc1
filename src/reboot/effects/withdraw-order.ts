import { isCleaningUp } from '../state/clean-up.ts';
import { isIn } from '../state/reboot.ts';
import { type Effect, nothingToTell } from './effect.ts';

export const withdrawOrder: Effect<'withdraw-order'> = {
  name: 'withdraw-order',
  owed: isCleaningUp,
  async carryOut({ deps, reboot }) {
    // Only an order whose phase has failed may still be about to be given: nothing else ends that phase in
    // the same boot.
    const late = isIn(reboot, 'Failed') ? 'late-too' : undefined;
    await deps.cluster.withdrawOrder(reboot.node.name, reboot.bootId, late);
    return nothingToTell;
  },
  does: 'Clears the order in the spec of the NodeAgent.',
  repeated:
    'Clears an order for this boot only. Where there is none, a failed reboot makes one fail that is about to be given.',
  crash: 'The order is cleared, or stands until the clean-up goes on. Until then the node stays cordoned.',
};
