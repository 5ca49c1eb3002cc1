import * as fc from 'fast-check';
import { beginsCleanUp, type CleanUp } from '../../../src/reboot/state/clean-up.ts';
import { commonRecord, type Reboot } from '../../../src/reboot/state/reboot.ts';
import { rebootState, type RebootState } from '../../../src/reboot/state/states.ts';
import { arbitraryOf } from '../../fakes/arbitrary-of.ts';

/** A blocker of an earlier phase is a leftover, which is not read. */
function consistent(state: RebootState): RebootState {
  if (state.phase !== 'Approved') return state;
  const { blockers = [], since, ...rest } = state;
  if (blockers.length === 0) return { ...rest, since };
  return { ...rest, since, blockers: blockers.map((each) => ({ ...each, at: since })) };
}

/** Phases that begin with a clean-up have one from their beginning on; an undone drain owes it. */
function cleanUpIn({ phase, since }: RebootState, cleanup: CleanUp | undefined): Pick<Reboot, 'cleanup'> {
  if (!beginsCleanUp(phase)) return {};
  if (phase !== 'Undoing') return cleanup === undefined ? {} : { cleanup: { ...cleanup, since } };
  const { goesDown } = cleanup ?? {};
  return { cleanup: { since, ...(goesDown === undefined ? {} : { goesDown }) } };
}

export const arbitraryState: fc.Arbitrary<RebootState> = arbitraryOf(rebootState).map(consistent);

const identity = fc.record({
  name: fc.stringMatching(/^[a-z0-9]{8,20}$/),
  node: fc.record({ name: fc.stringMatching(/^[a-z0-9-]{1,20}$/), uid: fc.uuid() }),
  bootId: fc.uuid(),
  pool: fc.stringMatching(/^[a-z]{1,10}$/),
});

/** Any Reboot that the types allow. */
export const arbitraryReboot: fc.Arbitrary<Omit<Reboot, 'version' | 'createdAt'>> = fc
  .tuple(identity, arbitraryOf(commonRecord), arbitraryState)
  .map(([who, { cleanup, ...common }, state]) => ({
    ...who,
    ...common,
    state,
    ...cleanUpIn(state, cleanup),
  }));
