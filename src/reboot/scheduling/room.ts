import type { Blocker } from './blockers.ts';
import type { PoolRoom } from './ledger.ts';
import { isOutOfService } from '../nodes/departure.ts';
import { mostOut } from '../policy/pools.ts';
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import type { Reboot } from '../state/reboot.ts';
import { membersOf, type Situation, type Snapshot } from './snapshot.ts';
import { holdersIn } from './turn-limits.ts';

/** What a pool can spare now: for the write that takes a turn. */
export function roomOf(snapshot: Pick<Snapshot, 'nodes'>, policy: Policy, pool: PoolPolicy): PoolRoom {
  const members = membersOf(snapshot, policy).get(pool.name) ?? [];
  return {
    members: members.map(({ name }) => name),
    out: members.filter((node) => isOutOfService(node, policy.departing)).map(({ name }) => name),
    mostOut: mostOut(pool, members.length),
  };
}

export function tooManyOut(reboot: Reboot, situation: Situation): Blocker | undefined {
  const { members: all, known, pool } = situation;
  const size = all.get(pool.name)?.length ?? 0;
  const limit = mostOut(pool, size);
  const turns = new Map(holdersIn(situation).map((name) => [name, 'has its turn']));
  const still = known.out.get(pool.name) ?? new Map<string, string>();
  const { name: self } = reboot.node;
  const beside = [...turns.keys()].filter((name) => !still.has(name)).length + still.size;
  // Asked of each that waits: whoever does not have to be named is only counted.
  if (beside - (turns.has(self) || still.has(self) ? 1 : 0) < limit) return undefined;
  const named = [...new Map([...still, ...turns])]
    .flatMap(([name, why]) => (name === self ? [] : [`${name} ${why}`]))
    .sort()
    .join(', ');
  return {
    code: 'too-many-out',
    sentence: `Pool ${pool.name} may have ${limit} of ${size} nodes out of service, and has: ${named}.`,
    clears: 'It starts when one of them is back.',
  };
}

/**
 * Whether the pool has no room even when none of its nodes holds a turn: nodes that are down, or cordoned by
 * others, may stay so for weeks.
 */
export function isRoomTakenByOthers({ node }: Pick<Reboot, 'node'>, situation: Situation): boolean {
  const { members, known, pool } = situation;
  const holders = new Set(holdersIn(situation));
  const others = [...(known.out.get(pool.name)?.keys() ?? [])].filter(
    (name) => name !== node.name && !holders.has(name),
  );
  return others.length >= mostOut(pool, members.get(pool.name)?.length ?? 0);
}
