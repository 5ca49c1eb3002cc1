import { clearedByTurn } from '../scheduling/blockers/blocker-facts.ts';
import type { Planned } from '../loop/deps.ts';

const known = new WeakMap<Planned, ReadonlySet<string>>();

/**
 * For each pool the first Reboots that wait for a turn only, as many as may be out at once. They are assessed
 * before their turn comes, so that the assessment does not delay their start.
 */
export function nextToStart(planned: Planned): ReadonlySet<string> {
  const next = known.get(planned) ?? found(planned);
  known.set(planned, next);
  return next;
}

function found({ blocked, snapshot: { reboots }, policy }: Planned): ReadonlySet<string> {
  const pools = new Map(reboots.map(({ name, pool }) => [name, pool]));
  const left = new Map(policy.pools.map(({ name, concurrency }) => [name, concurrency]));
  const next = new Set<string>();
  for (const [name, blockers] of blocked) {
    const pool = pools.get(name) ?? '';
    const room = left.get(pool) ?? 0;
    if (room === 0 || !blockers.every(({ code }) => clearedByTurn.has(code))) continue;
    left.set(pool, room - 1);
    next.add(name);
  }
  return next;
}
