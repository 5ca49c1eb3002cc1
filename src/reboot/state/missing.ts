import { z } from 'zod';
import { openChoice, type Stored, text } from '../schema/field.ts';

/** A condition of the proof that a booted node does not meet yet. */
export const missing = z.object({
  // As with blockers, unknown codes count as missing until the next check of the node.
  code: openChoice(
    [
      'not-ready',
      'no-report',
      'still-required',
      /** By a signal that other tools clear in the cluster, which may take them some time. */
      'still-asked',
      'wrong-kernel',
      'daemon-pods',
    ],
    'What kind of condition it is.',
  ),
  sentence: text('The condition, in words.'),
});
export type Missing = Stored<typeof missing>;
export type MissingCode = Missing['code'];
