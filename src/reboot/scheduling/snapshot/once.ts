import type { Situation } from './snapshot.ts';

/**
 * What depends on the turns and on the pool, and not on the Reboot: of thousands that wait for a turn, each
 * is told the same. Computed once until the plan gives out a turn.
 */
export function onceForTurns<V>({ forTurns }: Situation, key: string, make: () => V): V {
  if (forTurns === undefined) return make();
  if (!forTurns.has(key)) forTurns.set(key, make());
  return forTurns.get(key) as V;
}
