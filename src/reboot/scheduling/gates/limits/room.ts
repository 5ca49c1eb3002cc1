import type { Blocker } from '../../blockers/blockers.ts';
import type { PoolRoom } from '../../snapshot/ledger.ts';
import { isOutOfService } from '../../../policy/departure.ts';
import { mostOut } from '../../../policy/pools.ts';
import type { Policy, PoolPolicy } from '../../../policy/policy.ts';
import type { Reboot } from '../../../state/reboot.ts';
import { membersOf, type Situation, type Snapshot } from '../../snapshot/snapshot.ts';
import { onceForTurns } from '../../snapshot/once.ts';
import { holdersIn } from './turn-limits.ts';

/** The room of a pool now, an input of the write that takes a turn. */
export function roomOf(snapshot: Pick<Snapshot, 'nodes'>, policy: Policy, pool: PoolPolicy): PoolRoom {
  const members = membersOf(snapshot, policy).get(pool.name) ?? [];
  return {
    members: members.map(({ name }) => name),
    out: members.filter((node) => isOutOfService(node, policy.departing)).map(({ name }) => name),
    mostOut: mostOut(pool, members.length),
  };
}

export function tooManyOut(reboot: Reboot, situation: Situation): Blocker<'too-many-out'> | undefined {
  const { name: pool } = situation.pool;
  const out = onceForTurns(situation, `out ${pool}`, () => outIn(situation));
  const { name: self } = reboot.node;
  if (out.has(self)) return tooMany(new Map([...out].filter(([name]) => name !== self)), situation);
  return onceForTurns(situation, `too many out ${pool}`, () => tooMany(out, situation));
}

/** By name: nodes of the pool that are out of service or hold a turn, each with the reason. */
const outIn = (situation: Situation): ReadonlyMap<string, string> =>
  new Map([
    ...(situation.known.out.get(situation.pool.name) ?? []),
    ...holdersIn(situation).map((name) => [name, 'has its turn'] as const),
  ]);

function tooMany(
  out: ReadonlyMap<string, string>,
  { members, pool }: Situation,
): Blocker<'too-many-out'> | undefined {
  const size = members.get(pool.name)?.length ?? 0;
  const limit = mostOut(pool, size);
  if (out.size < limit) return undefined;
  const named = [...out]
    .map(([name, why]) => `${name} ${why}`)
    .sort()
    .join(', ');
  return {
    code: 'too-many-out',
    sentence: `Pool ${pool.name} may have ${limit} of ${size} nodes out of service, and has: ${named}.`,
    clears: 'It starts when one of them is back.',
  };
}

/**
 * Whether the pool has no room even without its own turns: nodes that are down, or cordoned by others, may
 * stay so for weeks.
 */
export function isRoomTakenByOthers({ node }: Pick<Reboot, 'node'>, situation: Situation): boolean {
  const { members, known, pool } = situation;
  const holders = onceForTurns(situation, `holders ${pool.name}`, () => new Set(holdersIn(situation)));
  const others = [...(known.out.get(pool.name)?.keys() ?? [])].filter(
    (name) => name !== node.name && !holders.has(name),
  );
  return others.length >= mostOut(pool, members.get(pool.name)?.length ?? 0);
}
