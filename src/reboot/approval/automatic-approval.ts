/** Automatic approval: when, and in whose name, the rule of a pool approves a Reboot. */
import type { PoolPolicy } from '../policy/policy.ts';
import type { Principal } from '../state/decision.ts';
import { type Reboot, isIn } from '../state/reboot.ts';
import { beyondRule } from './rule-limits.ts';
import { type Instant, toInstant } from '../time/time.ts';
import { hasWindows } from '../windows/schedule.ts';
import { nextOpening } from '../windows/openings.ts';
import { sourceLabel } from '../windows/labels.ts';

export interface AutomaticApproval {
  readonly at: Instant;
  readonly by: Principal;
}

/** The rules for one Reboot. */
export type RebootRules = PoolPolicy & {
  /** When the digest of the pool first showed it, where that asks for it. */
  readonly askedAt?: Instant;
};

/**
 * When the card was posted. Slack's message timestamps are seconds since the epoch; the microseconds are a
 * counter.
 */
function shownAt(reboot: Reboot, { askedAt }: RebootRules): Instant | undefined {
  if (reboot.chat.card === undefined) return askedAt;
  const at = Number.parseFloat(reboot.chat.card.ts) * 1000;
  // A record edited by hand may hold a `ts` that is no number. Then there is no start for the notice period.
  return Number.isFinite(at) ? at : undefined;
}

/**
 * When the rule will approve a Reboot that nobody objects to: once the window is open and the card has been
 * posted for the notice period. Undefined when no rule approves: manual pools, packages outside the rule's
 * limits, pools that demand change tickets, a card that is not posted yet, or any phase but Pending.
 */
export function automaticApproval(
  reboot: Reboot,
  pool: RebootRules,
  now: Instant,
): AutomaticApproval | undefined {
  if (pool.approval === 'manual' || !isIn(reboot, 'Pending')) return undefined;
  if (beyondRule(reboot.need, pool) !== undefined || pool.changeTicket !== undefined) return undefined;
  const shown = shownAt(reboot, pool);
  if (shown === undefined) return undefined;
  // A Reboot that became Pending again gets the whole notice period again. `auto` has no notice period.
  const noticePeriod = pool.approval === 'auto' ? 0 : pool.noticePeriod;
  const noticeEnds = Math.max(shown, toInstant(reboot.state.since)) + noticePeriod;
  if (!hasWindows(pool)) {
    return pool.approval === 'auto' ? { at: noticeEnds, by: { kind: 'rule', pool: pool.name } } : undefined;
  }
  const opening = nextOpening(pool, Math.max(noticeEnds, now));
  if (!opening) return undefined;
  return {
    at: Math.max(opening.opens, noticeEnds),
    by: { kind: 'window', pool: pool.name, window: sourceLabel(opening.source) },
  };
}
