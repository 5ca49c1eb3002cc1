import type { Blocker } from '../../blockers/blockers.ts';
import type { PoolRoom } from '../../snapshot/ledger.ts';
import { isOutOfService } from '../../../policy/departure.ts';
import { mostOut } from '../../../policy/pools.ts';
import type { Policy, PoolPolicy } from '../../../policy/policy.ts';
import type { Reboot } from '../../../state/reboot.ts';
import { membersOf, type Situation, type Snapshot } from '../../snapshot/snapshot.ts';
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
  const { members: all, known, pool } = situation;
  const size = all.get(pool.name)?.length ?? 0;
  const limit = mostOut(pool, size);
  const turns = new Map(holdersIn(situation).map((name) => [name, 'has its turn']));
  const outOfService = known.out.get(pool.name) ?? new Map<string, string>();
  const { name: self } = reboot.node;
  const taken = [...turns.keys()].filter((name) => !outOfService.has(name)).length + outOfService.size;
  // This runs for each waiting Reboot, so names are only built when the limit is reached.
  if (taken - (turns.has(self) || outOfService.has(self) ? 1 : 0) < limit) return undefined;
  const named = [...new Map([...outOfService, ...turns])]
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
 * Whether the pool has no room even without its own turns: nodes that are down, or cordoned by others, may
 * stay so for weeks.
 */
export function isRoomTakenByOthers({ node }: Pick<Reboot, 'node'>, situation: Situation): boolean {
  const { members, known, pool } = situation;
  const holders = new Set(holdersIn(situation));
  const others = [...(known.out.get(pool.name)?.keys() ?? [])].filter(
    (name) => name !== node.name && !holders.has(name),
  );
  return others.length >= mostOut(pool, members.get(pool.name)?.length ?? 0);
}
