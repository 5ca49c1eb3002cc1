import { automaticApproval } from './automatic.ts';
import type { PoolPolicy } from './policy.ts';
import type { Reboot } from './reboot.ts';
import { type Instant, minute, toInstant } from './time.ts';
import { nextOfAll } from './windows.ts';

/** How old a dry-run of the drain may get while a card waits for a decision. */
export const impactTtl = 5 * minute;

/** How often a node that is out of service is looked at even if nothing is heard: a watch may have missed something. */
const look = 15_000;

/** When the Reboot wants its next step, if nothing happens before; undefined when only an event can move it. */
export function wakeAt(reboot: Reboot, pool: PoolPolicy, now: Instant): Instant | undefined {
  const { state } = reboot;
  switch (state.phase) {
    case 'Pending': {
      const automatic = automaticApproval(reboot, pool, now);
      return automatic === undefined ? undefined : Math.max(automatic.at, now);
    }
    case 'Snoozed':
      return toInstant(state.until);
    case 'Approved':
      return state.decision.mode === 'window' ? opensAt(pool, now) : undefined;
    case 'Draining':
      return Math.min(toInstant(state.deadline) + minute + 1, now + look);
    case 'Rebooting':
      return Math.min(toInstant(state.deadline), now + look);
    case 'Settling': {
      const due = state.healthySince === undefined ? toInstant(state.deadline) : toInstant(state.healthySince) + pool.settleTime;
      return Math.max(now, Math.min(due, now + look));
    }
    case 'Denied':
    case 'Succeeded':
    case 'Failed':
    case 'Cancelled':
    case 'Superseded':
      return undefined;
  }
}

function opensAt(pool: PoolPolicy, now: Instant): Instant | undefined {
  const opening = nextOfAll(pool.windows, now);
  return opening && opening.opens > now ? opening.opens : undefined;
}
