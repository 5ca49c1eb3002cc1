import { drainsSince, isSuspended } from './hook-waits.ts';
import type { Draining } from '../state/reboot.ts';
import { type Instant, toInstant } from '../time/time.ts';

/**
 * Since when budgets have blocked the drain without any pod leaving; undefined where they do not. Pods that
 * wait for a budget which allows one eviction at a time make a drain slow, not stuck.
 */
export function stuckSince(state: Draining): Instant | undefined {
  const { drain } = state;
  if (state.force !== undefined || isSuspended(state) || drain === undefined || drain.waiting.length === 0)
    return undefined;
  const begun = drainsSince(state);
  const oldest = Math.min(...drain.waiting.map(({ since = begun }) => toInstant(since)));
  return Math.max(toInstant(begun), toInstant(drain.wentAt ?? begun), oldest);
}
