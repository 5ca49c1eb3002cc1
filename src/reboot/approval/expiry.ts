/** When an approval that has not started expires. */
import { beforeItsTime } from '../scheduling/blockers/blocker-facts.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { type Decision, isPerson } from '../state/decision.ts';
import type { In } from '../state/reboot.ts';
import { day, hour, type Instant, type Millis, toInstant } from '../time/time.ts';
import { nextOpening } from '../windows/openings.ts';

/** Approvals by a rule do not expire: a rule decides anew each time it is evaluated. */
const mayExpire = ({ approvals }: Decision, { approvalExpires }: PoolPolicy): boolean =>
  approvalExpires > 0 && approvals.some(({ by }) => isPerson(by));

/**
 * Whether to record that an approved reboot could have started. Recorded once, when its time has come and
 * another blocker defers it.
 */
export const couldStartNow = (
  { state: { decision } }: In<'Approved'>,
  found: readonly Blocker[],
  pool: PoolPolicy,
): boolean =>
  decision.couldStart === undefined &&
  mayExpire(decision, pool) &&
  found.length > 0 &&
  !found.some(({ code }) => beforeItsTime.has(code));

/**
 * A weekly window returns after seven days of wall-clock time. A change to or from daylight saving time makes
 * that some hours more or less.
 */
const clockChange: Millis = 2 * hour;

/** Longer than any window. Consecutive windows without a gap are not waited for. */
const longestWindow: Millis = 8 * day;

/**
 * Undefined: the approval does not expire, or could not have started yet. An approval that waits for windows,
 * and would expire in one or shortly before one, expires when that window closes.
 */
export function expiresAt({ decision }: In<'Approved'>['state'], pool: PoolPolicy): Instant | undefined {
  if (decision.couldStart === undefined || !mayExpire(decision, pool)) return undefined;
  const end = toInstant(decision.couldStart) + pool.approvalExpires;
  if (decision.mode === 'now' && pool.approveNowOutsideWindow) return end;
  const opening = nextOpening(pool, end);
  if (opening === undefined || opening.opens > end + clockChange) return end;
  return opening.closes > end + longestWindow ? end : opening.closes;
}
