/**
 * Deadlock between two drains that wait for the same budget: pods evicted from one node may find no place
 * while the other node is cordoned. Pure.
 */
import { isNever } from '../../state/drain-facts.ts';
import type { PoolPolicy } from '../../policy/policy.ts';
import { type Draining, type In, isIn, type Reboot } from '../../state/reboot.ts';
import { stuckSince } from '../../deadlines/stuck.ts';
import { type Instant, toInstant } from '../../time/time.ts';

/**
 * The share of the drain timeout after which a drain gives way. The other drain must be able to finish within
 * its own timeout.
 */
const giveWayShare = 1 / 3;

/**
 * When a drain gives way to another one; undefined where it does not. Of two drains the later one gives way,
 * so that exactly one does.
 */
export function givesWayAt(
  reboot: In<'Draining'>,
  others: readonly Reboot[],
  { drain }: PoolPolicy,
): Instant | undefined {
  const since = stuckSince(reboot.state);
  if (since === undefined) return undefined;
  const times = others.flatMap((other) => {
    if (!isIn(other, 'Draining') || !beganBefore(other, reboot) || !shareBudget(other.state, reboot.state))
      return [];
    return stuckSince(other.state) ?? [];
  });
  return times.length === 0 ? undefined : Math.max(since, Math.min(...times)) + drain.timeout * giveWayShare;
}

function beganBefore(one: In<'Draining'>, other: In<'Draining'>): boolean {
  const [first, second] = [toInstant(one.state.since), toInstant(other.state.since)];
  return first === second ? one.name < other.name : first < second;
}

/** Budgets that never allow an eviction do not count: undoing one of the two drains would not free them. */
function shareBudget(one: Draining, other: Draining): boolean {
  const blockingBudgets = (state: Draining): readonly string[] =>
    (state.drain?.waiting ?? []).filter((block) => !isNever(block)).map(({ budget }) => budget);
  const budgets = new Set(blockingBudgets(one));
  return blockingBudgets(other).some((budget) => budgets.has(budget));
}
