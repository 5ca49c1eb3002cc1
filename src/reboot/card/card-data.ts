import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { automaticApproval, type RebootRules } from '../approval/automatic-approval.ts';
import { approvalsNeeded } from '../policy/pools.ts';
import type { CardData } from './card-facts.ts';
import { demandsIn } from '../approval/demands.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { beyondRule } from '../approval/rule-limits.ts';
import type { Instant } from '../time/time.ts';
import { hasWindows } from '../windows/schedule.ts';
import { nextOpening } from '../windows/openings.ts';
import { openingLabel, openingShort } from '../windows/labels.ts';
import { whyNoneOpens } from '../windows/notes.ts';

/** Everything that a card shows, gathered from the stored state and the policy. */
export function cardData(
  reboot: Reboot,
  about: { cluster: string; pool: RebootRules; blockers: readonly Blocker[]; now: Instant },
): CardData {
  const { cluster, pool, blockers, now } = about;
  const opening = nextOpening(pool, now);
  const open = opening !== undefined && opening.opens <= now;
  // For approved Reboots the plan's blockers contain this.
  const noWindow = isIn(reboot, 'Pending', 'Snoozed') ? whyNoneOpens(pool, now) : undefined;
  const ruled = pool.approval !== 'manual' && isIn(reboot, 'Pending', 'Snoozed');
  const beyond = ruled ? beyondRule(reboot.need, pool) : undefined;
  const automatic = automaticApproval(reboot, pool, now);
  return {
    cluster,
    channel: pool.channel,
    reboot,
    blockers,
    approvers: pool.approvers,
    approvalsNeeded: approvalsNeeded(pool, reboot.facts),
    approveNowAllowed: !hasWindows(pool) || open || pool.approveNowOutsideWindow,
    ...demandsIn(pool),
    ...(pool.remind?.escalate ? { escalateTo: pool.remind.escalate.groups } : {}),
    ...(opening
      ? {
          window: {
            opens: opening.opens,
            closes: opening.closes,
            label: openingLabel(opening, now),
            short: openingShort(opening, now),
            open,
          },
        }
      : {}),
    ...(noWindow ? { noWindow: noWindow.sentence } : {}),
    ...(automatic ? { automatic: { at: automatic.at } } : {}),
    ...(beyond === undefined ? {} : { beyondRule: beyond }),
    rebootTimeout: pool.rebootTimeout,
    settleTime: pool.settleTime,
  };
}
