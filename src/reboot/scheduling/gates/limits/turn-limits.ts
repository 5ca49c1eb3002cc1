import type { Blocker } from '../../blockers/blockers.ts';
import { admit, type Turn, type TurnLimits } from '../../snapshot/ledger.ts';
import type { Policy, PoolPolicy } from '../../../policy/policy.ts';
import { isIn, type Reboot } from '../../../state/reboot.ts';
import { standingOf } from '../../../words/words.ts';
import type { Known } from '../../snapshot/known.ts';
import { onceForTurns } from '../../snapshot/once.ts';
import { type Situation, turnFor, zoneOf } from '../../snapshot/snapshot.ts';

/** The limits from a pool's policy. Its room is not included: that depends on the nodes. */
export const limitsOf = (policy: Policy, pool: PoolPolicy): TurnLimits => ({
  cluster: policy.concurrency,
  pool: pool.concurrency,
  ...(pool.topology ? { zones: pool.topology.atOnce } : {}),
});

type TurnCode = 'turn-taken' | 'cluster-turns-taken' | 'control-plane-busy' | 'zone-busy';

export function noTurn(reboot: Reboot, situation: Situation): Blocker<TurnCode> | undefined {
  const { snapshot, known, pool } = situation;
  const holders = onceForTurns(
    situation,
    'holders',
    () =>
      new Set(snapshot.ledger.turns.flatMap(({ reboot: name, node }) => [`reboot ${name}`, `node ${node}`])),
  );
  if (holders.has(`reboot ${reboot.name}`) || holders.has(`node ${reboot.node.name}`))
    return whyNoTurn(reboot, situation);
  const node = known.nodes.get(reboot.node.name);
  const zone = node ? zoneOf(node, pool) : reboot.facts.zone;
  const key = `turn ${pool.name} ${reboot.facts.controlPlane}${zone === undefined ? '' : ` in ${zone}`}`;
  return onceForTurns(situation, key, () => whyNoTurn(reboot, situation));
}

function whyNoTurn(reboot: Reboot, situation: Situation): Blocker<TurnCode> | undefined {
  const { snapshot, policy, pool, known, now } = situation;
  const node = known.nodes.get(reboot.node.name);
  const turn = turnFor(reboot, { pool, nodes: node ? [node] : [], now });
  const limits = {
    ...limitsOf(policy, pool),
    room: { members: holdersIn(situation), out: [], mostOut: Infinity },
  };
  const result = admit(snapshot.ledger, turn, limits);
  // `tooManyOut` reports missing room, with the names of the nodes.
  if (result.taken || result.why === 'too-many-out') return undefined;
  const codes = {
    pool: 'turn-taken',
    cluster: 'cluster-turns-taken',
    'control-plane': 'control-plane-busy',
  } as const;
  if (result.why === 'zone') return zoneBusy(result.holders, pool, known);
  return {
    code: codes[result.why],
    sentence: turnsTaken(
      result.holders,
      { pool: `pool ${pool.name}`, cluster: 'the cluster', 'control-plane': 'the control plane' }[result.why],
      known,
    ),
    clears: 'It starts when a turn is free.',
  };
}

/**
 * Names of the pool's nodes with a turn. A turn that was taken under another pool name counts too, as in the
 * write that takes a turn.
 */
export function holdersIn({ snapshot, known, pool }: Situation): readonly string[] {
  const members = known.members.get(pool.name);
  return snapshot.ledger.turns.flatMap(({ node }) => (members?.has(node) ? [node] : []));
}

function zoneBusy(
  holders: readonly Turn[],
  { name, topology }: PoolPolicy,
  known: Known,
): Blocker<'zone-busy'> {
  const described = holders.map((turn) => {
    const { node, doing } = describeHolder(turn, known);
    return `${node} (${turn.zone ?? 'without the label'}) ${doing}`;
  });
  const most = topology?.atOnce ?? 1;
  return {
    code: 'zone-busy',
    sentence: `Pool ${name} has nodes of ${most} ${most === 1 ? 'zone' : 'zones'} out at once, by ${topology?.label ?? 'zone'}: ${described.join(', ')}.`,
    clears: 'It starts when that zone is done.',
  };
}

function turnsTaken(holders: readonly Turn[], whose: string, known: Known): string {
  const described = holders.map((turn) => describeHolder(turn, known));
  const [only] = described;
  if (only !== undefined && described.length === 1)
    return `${only.node} has the one turn of ${whose}; it ${only.doing}.`;
  return `All ${holders.length} turns of ${whose} are taken: ${described.map(({ node, doing }) => `${node} ${doing}`).join(', ')}.`;
}

/** Contains no elapsed time: the card of a waiting Reboot would be edited at every render. */
function describeHolder(turn: Turn, known: Known): { node: string; doing: string } {
  const holder = known.reboots.get(turn.reboot);
  // It was chosen to start earlier in this plan.
  if (!holder || isIn(holder, 'Approved')) return { node: turn.node, doing: 'goes first' };
  return {
    node: turn.node,
    doing: standingOf(holder.state.phase),
  };
}
