/** What people are told of rollouts in stages. */
import type { Snapshot } from '../gates/situation.ts';
import { plan } from '../plan.ts';
import type { Reboot } from '../reboot.ts';
import type { Rollout } from '../rollout.ts';
import type { RolloutView } from '../rollout-facts.ts';
import { rolloutView } from '../rollout-view.ts';
import type { ServiceDeps } from './deps.ts';
import { leaderFor, rolloutIn } from './rollout.ts';
import { snapshotOf } from './start.ts';

/** What is told of the rollout that this Reboot leads; undefined where it leads none. */
export async function rolloutLedBy(deps: ServiceDeps, reboot: Reboot): Promise<RolloutView | undefined> {
  if (leaderFor(deps, reboot) !== reboot.name) return undefined;
  const snapshot = await snapshotOf(deps, reboot);
  const rollout = rolloutIn(deps, reboot, snapshot);
  return rollout && viewOf(deps, rollout, { pool: reboot.pool, snapshot });
}

/** Every rollout of a pool that has begun and has nodes left, and the last one that ended. */
export async function rolloutsOf(deps: ServiceDeps, pool: string): Promise<readonly RolloutView[]> {
  const snapshot = await snapshotOf(deps);
  const leaders = new Set(
    snapshot.reboots.filter((reboot) => reboot.pool === pool).map((reboot) => leaderFor(deps, reboot)),
  );
  const views = snapshot.reboots
    .filter(({ name }) => leaders.has(name))
    .flatMap((leader) => {
      const rollout = rolloutIn(deps, leader, snapshot);
      return (rollout && viewOf(deps, rollout, { pool, snapshot })) ?? [];
    })
    .toSorted((one, other) => one.beganAt - other.beganAt);
  const last = views.at(-1);
  return views.filter((view) => view === last || view.underWay.length + view.waiting.length > 0);
}

const viewOf = (
  deps: ServiceDeps,
  rollout: Rollout,
  { pool, snapshot }: { readonly pool: string; readonly snapshot: Snapshot },
): RolloutView | undefined => {
  const now = deps.clock.now();
  return rolloutView(rollout, { pool, blocked: plan(snapshot, deps.policy(), now).blocked, now });
};
