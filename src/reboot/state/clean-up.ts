import { z } from 'zod';
import { choice, flag, type Stored, time } from '../schema/field.ts';
import type { Phase } from './phases.ts';

export const staysCordoned = choice(
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
 * What a Reboot owes after its end, and an undone drain before it waits again: withdraw the order, uncordon,
 * restore the managed labels, end the silence, release the turn. Like a finalizer, it begins with the end.
 */
export const cleanUp = z
  .object({
    since: time('Since when it is owed.'),
    endedAt: time('When it was complete. Absent: it is owed.').exactOptional(),
    // Absent when the node is uncordoned or will be.
    staysCordoned: staysCordoned.exactOptional(),
    goesDown: goesDown.exactOptional(),
  })
  .meta({ description: 'What is owed after the end: order withdrawn, node uncordoned, turn released.' });
export type CleanUp = Stored<typeof cleanUp>;

/** The phases that begin with a clean-up. */
const cleaningPhases: ReadonlySet<Phase> = new Set([
  'Undoing',
  'Succeeded',
  'Failed',
  'GivenUp',
  'Cancelled',
  'Superseded',
] as const);

export const beginsCleanUp = (phase: Phase): boolean => cleaningPhases.has(phase);

export const isOwed = (cleanup: CleanUp | undefined): boolean =>
  cleanup !== undefined && cleanup.endedAt === undefined;

export const owesCleanUp = ({ cleanup }: { readonly cleanup?: CleanUp }): boolean => isOwed(cleanup);

/** The clean-up is what its state requires next. */
export const isCleaningUp = ({
  state,
  cleanup,
}: {
  readonly state: { readonly phase: Phase };
  readonly cleanup?: CleanUp;
}): boolean => state.phase === 'Undoing' || (beginsCleanUp(state.phase) && isOwed(cleanup));
