import { automaticApproval } from './automatic.ts';
import type { Blocker } from './blockers.ts';
import { approvalsNeeded } from './pools.ts';
import type { CardData } from './ports.ts';
import type { PoolPolicy } from './policy.ts';
import { isIn, type Reboot } from './reboot.ts';
import { beyondRule } from './rule-limits.ts';
import type { Instant } from './time.ts';
import { hasWindows, nextOpening, openingLabel, openingShort, whyNoneOpens } from './windows.ts';

/** Everything that a card shows, gathered from the stored state and the policy. */
export function cardData(
  reboot: Reboot,
  about: { cluster: string; pool: PoolPolicy; blockers: readonly Blocker[]; now: Instant },
): CardData {
  const { cluster, pool, blockers, now } = about;
  const opening = nextOpening(pool, now);
  const open = opening !== undefined && opening.opens <= now;
  // Once it is approved, the plan says what it waits for.
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
