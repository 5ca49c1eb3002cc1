import type { Blocker } from '../blockers/blockers.ts';
import { poolFinder } from '../../policy/pools.ts';
import type { Reboot } from '../../state/reboot.ts';
import { unreadableSentence } from '../../words/unreadable.ts';
import type { Situation } from '../snapshot/snapshot.ts';

/** Without the ledger the holders of turns are unknown, so nothing starts. */
export function ledgerUnreadable({ snapshot }: Situation): Blocker<'ledger-unreadable'> | undefined {
  if (snapshot.ledgerProblem === undefined) return undefined;
  return {
    code: 'ledger-unreadable',
    sentence: snapshot.ledgerProblem,
    clears: 'Starts go on by themselves when it can be read.',
  };
}

/**
 * A node of the pool is cordoned by a Reboot whose record cannot be read, so it may have failed and the pool
 * may be halted.
 */
export function recordUnreadable(
  reboot: Reboot,
  { snapshot, policy }: Situation,
): Blocker<'record-unreadable'> | undefined {
  if (snapshot.unreadable === undefined || snapshot.unreadable.length === 0) return undefined;
  const names = new Map(snapshot.unreadable.map((each) => [each.name, each]));
  const findPool = poolFinder(policy);
  for (const node of snapshot.nodes) {
    const owner = node.cordonedBy === undefined ? undefined : names.get(node.cordonedBy);
    if (owner && (owner.pool === reboot.pool || findPool(node)?.name === reboot.pool))
      return {
        code: 'record-unreadable',
        sentence: unreadableSentence(owner),
        clears: `Until then no other node of pool ${reboot.pool} starts.`,
      };
  }
  return undefined;
}
