import type { Blocker } from '../blockers.ts';
import { admit, type Turn } from '../ledger.ts';
import { isIn, type Reboot } from '../reboot.ts';
import { standingOf } from '../words.ts';
import { type Situation, type Snapshot, turnFor } from './situation.ts';

export function noTurn(reboot: Reboot, { snapshot, policy, pool, now }: Situation): Blocker | undefined {
  const result = admit(snapshot.ledger, turnFor(reboot, now), {
    cluster: policy.concurrency,
    pool: pool.concurrency,
  });
  // Without the room of the pool nothing is said of it: tooManyOut names the nodes.
  if (result.taken || result.why === 'too-many-out') return undefined;
  const codes = {
    pool: 'turn-taken',
    cluster: 'cluster-turns-taken',
    'control-plane': 'control-plane-busy',
  } as const;
  return {
    code: codes[result.why],
    sentence: turnsTaken(
      result.holders,
      { pool: `pool ${pool.name}`, cluster: 'the cluster', 'control-plane': 'the control plane' }[result.why],
      snapshot,
    ),
    clears: 'It starts when a turn is free.',
  };
}

function turnsTaken(holders: readonly Turn[], whose: string, snapshot: Snapshot): string {
  const described = holders.map((turn) => describeHolder(turn, snapshot));
  const [only] = described;
  if (only !== undefined && described.length === 1)
    return `${only.node} has the one turn of ${whose}; it ${only.doing}.`;
  return `All ${holders.length} turns of ${whose} are taken: ${described.map(({ node, doing }) => `${node} ${doing}`).join(', ')}.`;
}

/** Without spans that run: a card that waits would be edited with every look at the clock. */
function describeHolder(turn: Turn, snapshot: Snapshot): { node: string; doing: string } {
  const holder = snapshot.reboots.find((reboot) => reboot.name === turn.reboot);
  // Earlier in this very plan: it has its turn, and starts first.
  if (!holder || isIn(holder, 'Approved')) return { node: turn.node, doing: 'goes first' };
  return {
    node: turn.node,
    doing: standingOf(holder.state.phase),
  };
}
