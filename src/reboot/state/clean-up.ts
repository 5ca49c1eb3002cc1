import { z } from 'zod';
import { choice, flag, type Stored, time } from './field.ts';

const staysCordoned = choice(
  [
    /** Somebody else cordoned it, or removed our annotation from its cordon. */
    'not-ours',
    /** It booted again between its proof and the uncordon. */
    'another-boot',
    /** Its agent reports a requested reboot of the host, and a person stopped the wait for that boot. */
    'goes-down',
  ],
  'Why the node stays cordoned after the end. A person has to uncordon it.',
);
export type StaysCordoned = Stored<typeof staysCordoned>;

/**
 * Set while the clean-up waits for a boot that the agent has announced. `overdue`: the wait has exceeded
 * the pool's `rebootTimeout`, and a person has to decide.
 */
export const goesDown = z
  .object({
    since: time('Since when the agent reports it.'),
    until: time('When a person is asked.'),
    overdue: flag('A person is asked.'),
  })
  .meta({ description: 'The clean-up waits for a boot that the agent has announced.' });
export type GoesDown = Stored<typeof goesDown>;

/**
 * Clean-up after the end of a Reboot: withdraw the order, uncordon, remove the managed labels, release the
 * turn.
 */
export const cleanUp = {
  tidied: flag('The clean-up is complete: order withdrawn, node uncordoned, turn released.'),
  // Absent when the node is uncordoned or will be.
  staysCordoned: staysCordoned.exactOptional(),
  goesDown: goesDown.exactOptional(),
};
const cleanUpFields = z.object(cleanUp);
export type CleanUp = Stored<typeof cleanUpFields>;
