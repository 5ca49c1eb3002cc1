/** When an approval that has not started stops to hold. */
import type { Blocker, BlockerCode } from '../scheduling/blockers.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { type Decision, isPerson } from './decision.ts';
import type { In } from './reboot.ts';
import { day, hour, type Instant, type Millis, toInstant } from '../ports/time.ts';
import { nextOpening } from '../windows/openings.ts';

/** Its time has not come: that is how it was approved, and no sign that the approval is out of date. */
const notYetItsTime: ReadonlySet<BlockerCode> = new Set([
  'outside-window',
  'calendar-unread',
  'rollout-waits',
] as const);

/** A rule decides anew whenever it is asked: its approvals do not age. */
const mayExpire = ({ approvals }: Decision, { approvalExpires }: PoolPolicy): boolean =>
  approvalExpires > 0 && approvals.some(({ by }) => isPerson(by));

/**
 * Whether it is to be noted of an approved reboot that it could have started: once, when its time has come
 * and something else holds it.
 */
export const couldStartNow = (
  { state: { decision } }: In<'Approved'>,
  found: readonly Blocker[],
  pool: PoolPolicy,
): boolean =>
  decision.couldStart === undefined &&
  mayExpire(decision, pool) &&
  found.length > 0 &&
  !found.some(({ code }) => notYetItsTime.has(code));

/**
 * A weekly window comes after seven days on the wall clock, which clocks that change make some hours more or
 * less.
 */
const clockChange: Millis = 2 * hour;

/** Longer than any window: where one follows on the other without end, none is waited for. */
const longestWindow: Millis = 8 * day;

/**
 * Undefined: never, or not before it could have started. Whoever waits for windows has the whole of the one
 * in which the time is over.
 */
export function expiresAt({ decision }: In<'Approved'>['state'], pool: PoolPolicy): Instant | undefined {
  if (decision.couldStart === undefined || !mayExpire(decision, pool)) return undefined;
  const end = toInstant(decision.couldStart) + pool.approvalExpires;
  if (decision.mode === 'now' && pool.approveNowOutsideWindow) return end;
  const opening = nextOpening(pool, end);
  if (opening === undefined || opening.opens > end + clockChange) return end;
  return opening.closes > end + longestWindow ? end : opening.closes;
}
