import type { Phase, RebootState } from '../../reboot/state/states.ts';
import { field } from '../api/json-value.ts';

/**
 * `from` is a state in one phase and the name of a phase in others. A structural schema allows one type per
 * field.
 */
export const storedFrom: Partial<Readonly<Record<Phase, string>>> = {
  Failed: 'failedFrom',
  GivenUp: 'failedFrom',
  Cancelled: 'endedFrom',
  Superseded: 'endedFrom',
};

/** The state as fields of the status. */
export function flatState(state: RebootState): Readonly<Record<string, unknown>> {
  const stored = storedFrom[state.phase];
  if (stored === undefined || !('from' in state)) return { ...state };
  const { from, ...rest } = state;
  return { ...rest, [stored]: from };
}

/** The fields of a state, of any version, from the status. */
export function stateFields(status: unknown): object {
  const from = field(status, 'failedFrom') ?? field(status, 'endedFrom');
  return { ...(status as object), ...(from === undefined ? {} : { from }) };
}
