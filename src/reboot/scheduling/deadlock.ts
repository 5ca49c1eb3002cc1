/**
 * Two drains that are held by the same budget may hold each other: what one has evicted finds no place while
 * the other is cordoned. Pure.
 */
import { isNever } from '../state/drain-facts.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { type Draining, type In, isIn, type Reboot } from '../state/reboot.ts';
import { stuckSince } from '../state/stuck.ts';
import { type Instant, toInstant } from '../ports/time.ts';

/** The share of its time after which a drain gives way: early enough for the other to end in its own. */
const share = 1 / 3;

/**
 * When a drain gives way to another; undefined where it does not. Of two the one that began later, so that
 * exactly one does.
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
  return times.length === 0 ? undefined : Math.max(since, Math.min(...times)) + drain.timeout * share;
}

function beganBefore(one: In<'Draining'>, other: In<'Draining'>): boolean {
  const [first, second] = [toInstant(one.state.since), toInstant(other.state.since)];
  return first === second ? one.name < other.name : first < second;
}

/** One that never allows anything is no more open when one of them has gone. */
function shareBudget(one: Draining, other: Draining): boolean {
  const held = (state: Draining): readonly string[] =>
    (state.drain?.waiting ?? []).filter((block) => !isNever(block)).map(({ budget }) => budget);
  const budgets = new Set(held(one));
  return held(other).some((budget) => budgets.has(budget));
}
