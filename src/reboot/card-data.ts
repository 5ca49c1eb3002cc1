import { automaticApproval } from './automatic.ts';
import type { Blocker } from './blockers.ts';
import { approvalsNeeded } from './pools.ts';
import type { CardData } from './ports.ts';
import type { PoolPolicy } from './policy.ts';
import type { Reboot } from './reboot.ts';
import type { Instant } from './time.ts';
import { nextOfAll, openingLabel, openingShort } from './windows.ts';

/** Everything that a card shows, gathered from the stored state and the policy. */
export function cardData(
  reboot: Reboot,
  about: { cluster: string; pool: PoolPolicy; blockers: readonly Blocker[]; now: Instant },
): CardData {
  const { cluster, pool, blockers, now } = about;
  const opening = nextOfAll(pool.windows, now);
  const open = opening !== undefined && opening.opens <= now;
  const automatic = automaticApproval(reboot, pool, now);
  return {
    cluster,
    channel: pool.channel,
    reboot,
    blockers,
    approvers: pool.approvers,
    approvalsNeeded: approvalsNeeded(pool, reboot.facts),
    approveNowAllowed: pool.windows.length === 0 || open || pool.approveNowOutsideWindow,
    ...(opening
      ? {
          window: {
            opens: opening.opens,
            closes: opening.closes,
            label: openingLabel(opening),
            short: openingShort(opening),
            open,
          },
        }
      : {}),
    ...(automatic ? { automatic: { at: automatic.at } } : {}),
    rebootTimeout: pool.rebootTimeout,
    settleTime: pool.settleTime,
  };
}
