import { isCleaningUp } from '../state/clean-up.ts';
import { type Effect, nothingToTell } from './effect.ts';

export const withdrawOrder: Effect<'withdraw-order'> = {
  name: 'withdraw-order',
  owed: isCleaningUp,
  async carryOut({ deps, reboot }) {
    await deps.cluster.withdrawOrder(reboot.node.name, reboot.bootId);
    return nothingToTell;
  },
  does: 'Clears the order in the spec of the NodeAgent.',
  repeated: 'Clears an order for this boot only, and does nothing where there is none.',
  crash: 'The order is cleared, or stands until the clean-up goes on. Until then the node stays cordoned.',
};
