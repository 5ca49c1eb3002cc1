/**
 * The plan, made once for each snapshot and shared by all its readers: cards, queries, digests, and the job
 * that wakes the Reboots that may start.
 */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { type Plan, plan } from '../scheduling/plan/plan.ts';
import { isSameWorld } from '../scheduling/snapshot/same-world.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Instant, type Millis, second } from '../time/time.ts';
import type { Planned, ServiceDeps } from '../loop/deps.ts';
import { snapshotOf } from './snapshot.ts';

/** A plan is repeated after this time although nothing has changed: some sentences name a duration. */
const planMaxAge: Millis = 1 * second;

/** The plan for the cached state; made anew only where that has changed. */
export async function currentPlan(deps: ServiceDeps): Promise<Planned> {
  const snapshot = await snapshotOf(deps);
  const policy = deps.policy();
  const now = deps.clock.now();
  const { last } = deps.planned;
  const isValid =
    last?.policy === policy && now >= last.at && now < last.until && isSameWorld(last.snapshot, snapshot);
  if (isValid) return last;
  const made = plan(snapshot, policy, now);
  const until = Math.min(now + planMaxAge, clearsAt(made, now));
  const planned = { ...made, snapshot, policy, at: now, until };
  deps.planned.last = planned;
  return planned;
}

/** When the first blocker with a known end clears; infinite where none does. */
export function clearsAt({ blocked }: Plan, now: Instant): Instant {
  let first = Number.POSITIVE_INFINITY;
  for (const blockers of blocked.values())
    for (const { until } of blockers) if (until !== undefined && until > now && until < first) first = until;
  return first;
}

/**
 * How old a plan may be that is only displayed, while hundreds of records change in a row. The job that plans
 * wakes the Reboots whose blockers have changed.
 */
const readEvery: Millis = second / 4;

/** For display: may lack the changes of the last moments. */
export async function recentPlan(deps: ServiceDeps): Promise<Planned> {
  const { last } = deps.planned;
  const age = last === undefined ? readEvery : deps.clock.now() - last.at;
  return last !== undefined && age >= 0 && age < readEvery ? last : currentPlan(deps);
}

/** For display: empty, without a read of the ledger, while no Reboot is approved. */
export const planForWords = async (deps: ServiceDeps): Promise<Plan> =>
  deps.store.all().some((reboot) => isIn(reboot, 'Approved')) ? recentPlan(deps) : nothingPlanned;

const nothingPlanned: Plan = { starts: [], blocked: new Map() };

/**
 * The blockers of an approved Reboot, for display. Undefined where the last plan is older than the approval.
 */
export async function plannedBlockers(
  deps: ServiceDeps,
  reboot: Reboot,
): Promise<readonly Blocker[] | undefined> {
  if (!isIn(reboot, 'Approved')) return [];
  const { blocked, starts } = await recentPlan(deps);
  return blocked.get(reboot.name) ?? (starts.includes(reboot.name) ? [] : undefined);
}
