/** Views of staged rollouts. */
import { membersOf } from '../scheduling/snapshot/snapshot.ts';
import { poolNamed } from '../policy/pools.ts';
import type { Reboot } from '../state/reboot.ts';
import { rolloutOf, rolloutsIn } from '../rollout/rollout.ts';
import type { RolloutView } from '../rollout/rollout-facts.ts';
import { rolloutView } from '../rollout/rollout-view.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { leaderFor, rolloutIn } from '../start/rollout-progress.ts';
import { currentPlan, recentPlan } from '../start/plans.ts';

/** The view of the rollout that this Reboot leads; undefined where it leads none. */
export async function rolloutLedBy(deps: ServiceDeps, reboot: Reboot): Promise<RolloutView | undefined> {
  if (leaderFor(deps, reboot) !== reboot.name) return undefined;
  const { blocked, snapshot } = await recentPlan(deps);
  const reboots = [...deps.store.all().filter(({ name }) => name !== reboot.name), reboot];
  const rollout = rolloutIn(deps, reboot, { ...snapshot, nodes: deps.cluster.nodes(), reboots });
  if (rollout === undefined) return undefined;
  return rolloutView(rollout, { pool: reboot.pool, blocked, now: deps.clock.now() });
}

/**
 * The views of a pool's rollouts that have nodes left, and of the last one that started. Limited to those:
 * there may be as many rollouts as kernels on record.
 */
export async function rolloutsOf(deps: ServiceDeps, name: string): Promise<readonly RolloutView[]> {
  const policy = deps.policy();
  const pool = poolNamed(policy, name);
  if (pool?.rollout === undefined) return [];
  const { blocked, snapshot } = await currentPlan(deps);
  const members = membersOf(snapshot, policy);
  const now = deps.clock.now();
  const views = rolloutsIn(snapshot.reboots, name)
    .flatMap((reboots) => {
      const [one] = reboots;
      const rollout = one && rolloutOf(one, { pool, snapshot: { reboots }, members });
      return (rollout && rolloutView(rollout, { pool: name, blocked, now })) ?? [];
    })
    .toSorted((one, other) => one.beganAt - other.beganAt);
  const last = views.at(-1);
  return views.filter((view) => view === last || view.underWay.length + view.waiting.length > 0);
}
