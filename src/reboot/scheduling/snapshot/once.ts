import type { Situation } from './snapshot.ts';

/**
 * Values that depend on the turns and on the pool, and not on the Reboot. Computed once until the plan gives
 * out a turn, since thousands of Reboots may wait for one.
 */
export function onceForTurns<V>({ forTurns }: Situation, key: string, make: () => V): V {
  if (forTurns === undefined) return make();
  if (!forTurns.has(key)) forTurns.set(key, make());
  return forTurns.get(key) as V;
}
