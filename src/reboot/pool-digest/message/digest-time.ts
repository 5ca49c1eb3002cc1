/** How long the reboots of a digest take, from measured durations. Pure. */
import type { PoolPolicy } from '../../policy/policy.ts';
import { isIn, type Reboot } from '../../state/reboot.ts';
import { type Instant, type Millis, toInstant } from '../../time/time.ts';
import { startedAt } from '../../rollout/rollout.ts';

/** How many of the pool's last reboots are used. */
const sampleSize = 20;

/** The mean of the pool's last reboots; undefined while there was none. */
function usualDuration(all: readonly Reboot[], pool: string): Millis | undefined {
  const last = all
    .flatMap((reboot) => (reboot.pool === pool && isIn(reboot, 'Succeeded') ? [reboot.state] : []))
    .toSorted((one, other) => toInstant(other.since) - toInstant(one.since))
    .slice(0, sampleSize);
  if (last.length === 0) return undefined;
  return last.reduce((sum, { took }) => sum + took.total, 0) / last.length;
}

interface World {
  readonly all: readonly Reboot[];
  readonly pool: PoolPolicy;
  readonly now: Instant;
}

/**
 * `timeLeft` for those that run or are approved; `wouldTake` for those that ask. As many at a time as the
 * pool allows, and without the waits for windows, gates and people.
 */
export function hoursOf(
  members: readonly Reboot[],
  { all, pool, now }: World,
): { readonly timeLeft?: Millis; readonly wouldTake?: Millis } {
  const usual = usualDuration(all, pool.name);
  if (usual === undefined) return {};
  const slots = Math.max(1, pool.concurrency);
  const each = usual + pool.minTimeBetween.pool;
  const running = members.filter((reboot) => isIn(reboot, 'Draining', 'Rebooting', 'Settling'));
  const waiting = members.filter((reboot) => isIn(reboot, 'Approved', 'Undoing')).length;
  const asking = members.filter((reboot) => isIn(reboot, 'Pending', 'Snoozed')).length;
  const remaining = running.map((reboot) => Math.max(0, usual - (now - (startedAt(reboot) ?? now))));
  const work = remaining.reduce((sum, one) => sum + one, 0) + waiting * each;
  // The last of them takes its whole time, however many run beside it.
  const longest = waiting > 0 ? usual : Math.max(0, ...remaining);
  return {
    ...(running.length + waiting === 0 ? {} : { timeLeft: Math.max(longest, work / slots) }),
    ...(asking === 0 ? {} : { wouldTake: Math.max(usual, Math.ceil(asking / slots) * each) }),
  };
}
