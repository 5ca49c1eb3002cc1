import { clearedByTurn } from '../scheduling/blockers/blocker-facts.ts';
import type { Planned } from '../loop/deps.ts';

const known = new WeakMap<Planned, ReadonlySet<string>>();

/**
 * By pool as many as may be out at once, of those that wait for nothing but a turn, in their order. What is
 * read before their turn comes does not delay them then.
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
