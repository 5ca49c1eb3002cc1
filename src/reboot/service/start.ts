import type { Snapshot } from '../gates/situation.ts';
import { type Plan, plan } from '../plan.ts';
import { matchesPool } from '../pools.ts';
import type { PoolPolicy } from '../policy.ts';
import type { Reboot } from '../reboot.ts';
import { isIn } from '../reboot.ts';
import { apply, poolFor } from './apply.ts';
import { announce } from './announce.ts';
import type { ServiceDeps } from './deps.ts';
import { releaseUnclaimed, restoreTurns, takeTurn } from './turns.ts';

async function snapshotOf(deps: ServiceDeps, about?: Reboot): Promise<Snapshot> {
  const ledger = await deps.ledger.read();
  const others = deps.store.all().filter((reboot) => reboot.name !== about?.name);
  return {
    nodes: deps.cluster.nodes(),
    reboots: about ? [...others, about] : others,
    ledger,
    heardAt: deps.cluster.heardAt(),
    ownNodes: deps.own().nodes,
  };
}

export async function planNow(deps: ServiceDeps, about?: Reboot): Promise<Plan> {
  return plan(await snapshotOf(deps, about), deps.policy(), deps.clock.now());
}

/**
 * Starts an approved Reboot if the plan says so. The plan is made twice: on what the watches say, which is cheap, and, for a Reboot that
 * would start, on nodes read afresh. The turn is then taken by compare-and-swap, with the limits checked in that very write.
 */
export async function startIfPlanned(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  if (!isIn(reboot, 'Approved')) return undefined;
  const snapshot = await snapshotOf(deps, reboot);
  const now = deps.clock.now();
  if (!plan(snapshot, deps.policy(), now).starts.includes(reboot.name)) {
    // Taken before a crash, and much has changed since: whoever may not start does not keep others from it.
    if (snapshot.ledger.turns.some((turn) => turn.reboot === reboot.name))
      await releaseUnclaimed(deps, reboot.name, (stored) => !isIn(stored, 'Approved'));
    return undefined;
  }
  if (await restoreTurns(deps, snapshot.ledger)) {
    await deps.queue.advance(reboot.name);
    return undefined;
  }
  const fresh = await withFreshNodes(deps, snapshot, poolFor(deps, reboot));
  if (!plan(fresh, deps.policy(), now).starts.includes(reboot.name)) return undefined;
  return (await takeTurn(deps, reboot, fresh)) ? begin(deps, reboot) : undefined;
}

async function withFreshNodes(deps: ServiceDeps, snapshot: Snapshot, pool: PoolPolicy): Promise<Snapshot> {
  const members = await deps.cluster.freshNodes(pool);
  const others = snapshot.nodes.filter((node) => !matchesPool(pool, node));
  return { ...snapshot, nodes: [...others, ...members], heardAt: deps.clock.now() };
}

async function begin(deps: ServiceDeps, { name }: Reboot): Promise<Reboot | undefined> {
  const applied = await apply(deps, name, { type: 'turn-taken' });
  if (applied.outcome === 'saved' || applied.outcome === 'unchanged') {
    await announce(deps, applied.reboot);
    return applied.reboot;
  }
  // Cancelled or gone between the plan and here: the turn has no owner. Or another worker took it up long ago, and the node is out by now.
  await releaseUnclaimed(deps, name);
  return undefined;
}

/** A turn was freed: wake what the plan would start now. */
export async function startNext(deps: ServiceDeps): Promise<void> {
  const { starts } = await planNow(deps);
  for (const name of starts) await deps.queue.advance(name);
}
