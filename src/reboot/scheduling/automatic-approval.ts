/** When the rule of a pool approves by itself. */
import type { PoolPolicy } from '../policy/policy.ts';
import type { Principal } from '../state/decision.ts';
import type { Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { beyondRule } from './rule-limits.ts';
import { type Instant, toInstant } from '../ports/time.ts';
import { hasWindows } from '../windows/schedule.ts';
import { nextOpening } from '../windows/openings.ts';
import { sourceLabel } from '../windows/labels.ts';

export interface AutomaticApproval {
  readonly at: Instant;
  readonly by: Principal;
}

/** Slack's message timestamps are seconds since the epoch, with microseconds as a counter. */
function shownAt(reboot: Reboot): Instant | undefined {
  if (reboot.chat.card === undefined) return undefined;
  const at = Number.parseFloat(reboot.chat.card.ts) * 1000;
  // No notice can be counted from a time that is none.
  return Number.isFinite(at) ? at : undefined;
}

/**
 * When the rule will approve a Reboot that nobody objects to: when the window opens, and the card has been
 * there for the notice. Undefined when no rule will: manual pools, packages that no rule may approve, cards
 * that are not posted yet, decisions taken.
 */
export function automaticApproval(
  reboot: Reboot,
  pool: PoolPolicy,
  now: Instant,
): AutomaticApproval | undefined {
  if (pool.approval === 'manual' || !isIn(reboot, 'Pending')) return undefined;
  if (beyondRule(reboot.need, pool) !== undefined) return undefined;
  const shown = shownAt(reboot);
  if (shown === undefined) return undefined;
  // A question that was put again gets the whole notice again. `auto` gives none: it means at once.
  const notice = pool.approval === 'auto' ? 0 : pool.notice;
  const noticed = Math.max(shown, toInstant(reboot.state.since)) + notice;
  if (!hasWindows(pool)) {
    return pool.approval === 'auto' ? { at: noticed, by: { kind: 'rule', pool: pool.name } } : undefined;
  }
  const opening = nextOpening(pool, Math.max(noticed, now));
  if (!opening) return undefined;
  return {
    at: Math.max(opening.opens, noticed),
    by: { kind: 'window', pool: pool.name, window: sourceLabel(opening.source) },
  };
}
