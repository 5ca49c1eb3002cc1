import { drainsSince, isHeld } from './hook-waits.ts';
import type { Draining } from './reboot.ts';
import { type Instant, toInstant } from '../ports/time.ts';

/**
 * Since when budgets have held a drain back without a pod that went; undefined where none does. Pods wait in
 * line before a budget that lets one of them go at a time: such a drain is slow, and not stuck.
 */
export function stuckSince(state: Draining): Instant | undefined {
  const { drain } = state;
  if (state.force !== undefined || isHeld(state) || drain === undefined || drain.waiting.length === 0)
    return undefined;
  const begun = drainsSince(state);
  const oldest = Math.min(...drain.waiting.map(({ since = begun }) => toInstant(since)));
  return Math.max(toInstant(begun), toInstant(drain.wentAt ?? begun), oldest);
}
