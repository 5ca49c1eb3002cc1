import * as fc from 'fast-check';
import { commonRecord, type Reboot } from '../../../src/reboot/state/reboot.ts';
import { rebootState, type RebootState } from '../../../src/reboot/state/states.ts';
import { arbitraryOf } from './arbitrary-of.ts';

export const arbitraryState: fc.Arbitrary<RebootState> = arbitraryOf(rebootState);

const identity = fc.record({
  name: fc.stringMatching(/^[a-z0-9]{8,20}$/),
  node: fc.record({ name: fc.stringMatching(/^[a-z0-9-]{1,20}$/), uid: fc.uuid() }),
  bootId: fc.uuid(),
  pool: fc.stringMatching(/^[a-z]{1,10}$/),
});

/** Any Reboot that the types allow. */
export const arbitraryReboot: fc.Arbitrary<Omit<Reboot, 'version' | 'createdAt'>> = fc
  .tuple(identity, arbitraryOf(commonRecord), arbitraryState)
  .map(([who, common, state]) => ({ ...who, ...common, state }));
