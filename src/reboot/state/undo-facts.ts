import { z } from 'zod';
import { choice, count, names, type Stored, text, time } from '../schema/field.ts';

/** Why a drain was undone before the order to reboot. */
const undoReason = choice(
  [
    'timeout',
    /** The drain found pods that it may not evict. */
    'refused',
    /** The API server, or a webhook, refused evictions until the retries were used up. */
    'error',
    'window-closed',
    /** Budgets blocked it while other reboots waited for its turn. */
    'stuck',
    /** The same budget blocked it and another drain. */
    'deadlock',
  ],
  'Why the drain was undone.',
);
export type UndoReason = Stored<typeof undoReason>;

export const undo = z
  .object({
    why: undoReason,
    // Continues "its drain was undone:", without a full stop.
    cause: text('The cause, as a part of a sentence.'),
    times: count('How often the drain has been undone in a row, including this time.'),
    pods: names('Pods that blocked it.'),
    budgets: names('PodDisruptionBudgets that blocked it.'),
    needsPerson: choice(
      ['tried-enough', 'cannot-succeed', 'forced'],
      'Why it is not retried without a person. Absent: it is.',
    ).exactOptional(),
  })
  .meta({ description: 'Why its drain is undone.' });
export type Undo = Stored<typeof undo>;

export const drainRetry = undo
  .extend({
    at: time('When the node was restored.'),
    notBefore: time('Earliest time of the next try. Absent: a person decides.').exactOptional(),
  })
  .meta({ description: 'Its drain was undone. It is retried after notBefore, or when a person says so.' });
export type DrainRetry = Stored<typeof drainRetry>;
