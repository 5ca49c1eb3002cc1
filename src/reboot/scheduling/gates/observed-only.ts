import type { Blocker } from '../blockers/blockers.ts';
import type { Situation } from '../snapshot/snapshot.ts';

/** For the first weeks: people see what would be asked and when, and nothing is touched. */
export function observedOnly({ pool }: Situation): Blocker<'observed-only'> | undefined {
  if (pool.observeOnly === undefined) return undefined;
  return {
    code: 'observed-only',
    sentence: `Pool ${pool.name} is only observed: nothing of it is drained or rebooted.`,
    clears: 'It starts when observeOnly is taken out of the configuration of the pool.',
  };
}
