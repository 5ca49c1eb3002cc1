import { isCleaningUp } from '../state/clean-up.ts';
import type { Effect } from './effect.ts';

export const cleanedUp: Effect<'cleaned-up'> = {
  name: 'cleaned-up',
  owed: isCleaningUp,
  carryOut: async ({ left }) => ({ event: { type: 'cleaned-up', ...left } }),
  does: 'Records that the clean-up is complete.',
  repeated: 'Applies to the clean-up of the same phase only; a later one is not ended by it.',
  crash: 'The clean-up is repeated, and finds nothing to do.',
};
