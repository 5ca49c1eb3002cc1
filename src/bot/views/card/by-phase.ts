import type { Phase, RebootState } from '../../../reboot/state/reboot.ts';

type StateOf<P extends Phase> = Extract<RebootState, { phase: P }>;

/**
 * One entry for each phase: a new phase in the union does not compile until every view has an entry for it.
 */
export type ByPhase<Rest extends readonly unknown[], Result> = {
  readonly [P in Phase]: (state: StateOf<P>, ...rest: Rest) => Result;
};

export function byPhase<Rest extends readonly unknown[], Result>(
  table: ByPhase<Rest, Result>,
  state: RebootState,
  ...rest: Rest
): Result {
  // The table's type pairs each phase with its own state; TypeScript does not preserve that pairing through
  // an index.
  const entry = table[state.phase] as (state: RebootState, ...rest: Rest) => Result;
  return entry(state, ...rest);
}
