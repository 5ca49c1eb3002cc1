import type { Blocker } from '../blockers.ts';
import type { PoolRoom } from '../ledger.ts';
import { mostOut } from '../pools.ts';
import type { NodeView } from '../ports.ts';
import type { Policy, PoolPolicy } from '../policy.ts';
import type { Reboot } from '../reboot.ts';
import { membersOf, type Situation, type Snapshot } from './situation.ts';

const isOut = (node: NodeView): boolean => !node.ready || node.unschedulable;

/** What a pool can spare now: for the write that takes a turn. */
export function roomOf(snapshot: Pick<Snapshot, 'nodes'>, policy: Policy, pool: PoolPolicy): PoolRoom {
  const members = membersOf(snapshot, policy).get(pool.name) ?? [];
  return {
    members: members.map(({ name }) => name),
    out: members.filter(isOut).map(({ name }) => name),
    mostOut: mostOut(pool, members.length),
  };
}

export function tooManyOut(reboot: Reboot, { snapshot, members: all, pool }: Situation): Blocker | undefined {
  const members = all.get(pool.name) ?? [];
  const turns = new Set(snapshot.ledger.turns.map((turn) => turn.node));
  const out = new Map<string, string>();
  for (const node of members) {
    if (node.name === reboot.node.name) continue;
    if (turns.has(node.name)) out.set(node.name, 'has its turn');
    else if (!node.ready) out.set(node.name, 'is not Ready');
    else if (node.unschedulable) out.set(node.name, 'is cordoned');
  }
  const limit = mostOut(pool, members.length);
  if (out.size < limit) return undefined;
  const named = [...out].map(([name, why]) => `${name} ${why}`).join(', ');
  return {
    code: 'too-many-out',
    sentence: `Pool ${pool.name} may have ${limit} of ${members.length} nodes out of service, and has: ${named}.`,
    clears: 'It starts when one of them is back.',
  };
}
