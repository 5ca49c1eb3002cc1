/** The order in which approved Reboots start. */
import { type Snapshot, zoneOf } from '../snapshot/snapshot.ts';
import type { Policy, PoolPolicy } from '../../policy/policy.ts';
import { type In, isIn, type Reboot } from '../../state/reboot.ts';
import { hour, type Instant, toInstant } from '../../time/time.ts';

type Approved = In<'Approved'>;

/**
 * Workers before the control plane, and nodes that run Tugboot last. Then Reboots whose drain was undone go
 * to the back. Then by age of the need, in whole hours; inside an hour, nodes whose drain meets no blocking
 * budget go first, then those with the fewest pods to move.
 */
export function startQueue(snapshot: Snapshot, policy: Policy): readonly Approved[] {
  const { reboots, ownNodes } = snapshot;
  const rank = (reboot: Reboot): number =>
    (reboot.facts.controlPlane ? 2 : 0) + (ownNodes.includes(reboot.node.name) ? 1 : 0);
  const sorted = reboots
    .filter((reboot) => isIn(reboot, 'Approved'))
    .map((reboot) => ({ reboot, since: toInstant(reboot.need.since) }))
    .sort(
      ({ reboot: a, since: aSince }, { reboot: b, since: bSince }) =>
        rank(a) - rank(b) ||
        undoneRank(a) - undoneRank(b) ||
        hourOf(aSince) - hourOf(bSince) ||
        budgetRank(a) - budgetRank(b) ||
        podsToMove(a) - podsToMove(b) ||
        aSince - bSince ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ reboot }) => reboot);
  return policy.pools.reduce<readonly Approved[]>(
    (order, pool) => (pool.topology ? groupByZone(order, pool, snapshot) : order),
    sorted,
  );
}

const hourOf = (since: Instant): number => Math.floor(since / hour);
/**
 * Reboots decided on in a digest are assessed just before their start. An unknown impact ranks between the
 * known ones, so that a Reboot without a blocking budget keeps its place after its assessment.
 */
const budgetRank = ({ impact }: Reboot): number =>
  impact === undefined ? 1 : impact.blockedBy.length > 0 ? 2 : 0;
/**
 * A Reboot whose drain was undone goes to the back of the queue; one that only lost its window keeps its
 * place.
 */
const undoneRank = ({ state }: Approved): number =>
  state.retry === undefined || state.retry.why === 'window-closed' ? 0 : 1;
const podsToMove = ({ impact }: Reboot): number => impact?.podsToMove ?? 0;

/**
 * Reorders the Reboots of one pool so that a zone is finished before the next one starts. Reboots of other
 * pools keep their places.
 */
function groupByZone(order: readonly Approved[], pool: PoolPolicy, snapshot: Snapshot): readonly Approved[] {
  const labels = new Map(snapshot.nodes.map((node) => [node.name, zoneOf(node, pool) ?? '']));
  const zone = (node: string): string => labels.get(node) ?? '';
  const begun = zonesBegun(pool, snapshot, zone);
  const places = order.flatMap((reboot, index) => (reboot.pool === pool.name ? [index] : []));
  const place = (reboot: Approved): number => {
    const known = begun.indexOf(zone(reboot.node.name));
    return known < 0 ? begun.length : known;
  };
  const ofPool = places
    .flatMap((index) => order[index] ?? [])
    .map((reboot, index) => ({ reboot, index }))
    .sort(
      (a, b) =>
        place(a.reboot) - place(b.reboot) ||
        zone(a.reboot.node.name).localeCompare(zone(b.reboot.node.name), 'en') ||
        a.index - b.index,
    );
  const changed = [...order];
  places.forEach((index, nth) => {
    const next = ofPool[nth];
    if (next) changed[index] = next.reboot;
  });
  return changed;
}

/**
 * Zones of a pool that have started: those with a turn first, then the zone of the Reboot that ended last.
 */
function zonesBegun(
  pool: PoolPolicy,
  { ledger, reboots }: Snapshot,
  zone: (node: string) => string,
): readonly string[] {
  const zonesTaken = ledger.turns.filter((turn) => turn.pool === pool.name).map((turn) => turn.zone ?? '');
  let last: In<'Succeeded'> | undefined;
  for (const reboot of reboots) {
    if (reboot.pool !== pool.name || !isIn(reboot, 'Succeeded')) continue;
    if (last === undefined || endedLater(reboot, last)) last = reboot;
  }
  return [...new Set([...zonesTaken, ...(last ? [zone(last.node.name)] : [])])];
}

/** Equal times are ordered by name, so that every replica continues in the same zone. */
function endedLater(one: In<'Succeeded'>, other: In<'Succeeded'>): boolean {
  const [at, otherAt] = [toInstant(one.state.since), toInstant(other.state.since)];
  return at === otherAt ? one.name < other.name : at > otherAt;
}
