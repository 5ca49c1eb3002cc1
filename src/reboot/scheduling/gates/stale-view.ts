import type { Blocker } from '../blockers/blockers.ts';
import type { Reboot } from '../../state/reboot.ts';
import { inWords } from '../../time/time.ts';
import type { Situation } from '../snapshot/snapshot.ts';

/**
 * Milliseconds. An API server sends a bookmark about once a minute; a watch that is silent for longer may be
 * dead.
 */
const staleAfter = 90_000;

export const unknownPool = (reboot: Reboot): Blocker<'unknown-pool'> => ({
  code: 'unknown-pool',
  sentence: `Pool ${reboot.pool} is no longer in the configuration.`,
  clears: 'Name the pool again, or cancel this reboot.',
});

/** The decision, and the right to take it, applied to a node of this pool. */
export function outsidePool(
  reboot: Reboot,
  { known, pool }: Situation,
): Blocker<'stale-view' | 'unknown-pool'> | undefined {
  const { name } = reboot.node;
  if (known.members.get(pool.name)?.has(name) === true) return undefined;
  if (!known.nodes.has(name)) {
    return {
      code: 'stale-view',
      sentence: `${name} is not among the nodes that were heard of.`,
      clears: 'It goes on when the cluster shows the node.',
    };
  }
  return {
    code: 'unknown-pool',
    sentence: `${name} does not belong to pool ${pool.name} any more.`,
    clears: 'Give the node its labels back, or cancel this reboot.',
  };
}

export function staleView({ snapshot, now }: Situation): Blocker<'stale-view'> | undefined {
  const silent = now - snapshot.heardAt;
  if (silent < staleAfter) return undefined;
  return {
    code: 'stale-view',
    sentence: `Nothing was heard from the cluster for ${inWords(silent)}.`,
    clears: 'It goes on when the cluster answers.',
  };
}
