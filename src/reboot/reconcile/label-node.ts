/**
 * What a node wears for other tools: brought to what its Reboots want, and taken away when none of them does.
 */
import { isOpen } from '../state/ownership.ts';
import {
  isLabelled,
  labelsOwner,
  noManagedLabels,
  relabel,
  wantedLabels,
  type WantedLabels,
} from '../nodes/managed-labels.ts';
import { rebootName } from '../state/packages.ts';
import { PortError } from '../ports/port-error.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { StillOwed } from '../ports/cluster.ts';
import type { Reboot } from '../state/reboot.ts';
import { fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Everything that is known of the node's Reboots, with this one as it was read. */
function reign(deps: ServiceDeps, reboot: Reboot): boolean {
  const others = deps.store
    .all()
    .filter((other) => other.node.uid === reboot.node.uid && other.name !== reboot.name);
  return labelsOwner([...others, reboot])?.name === reboot.name;
}

/**
 * Writes what the Reboot wants on its node, where that is not there already. `false`: it is not owed any
 * more, or the node is another by now.
 */
export async function labelNode(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
  still: StillOwed = stillMeant(deps, reboot),
): Promise<boolean> {
  if (node === undefined || node.uid !== reboot.node.uid) return true;
  const pool = poolFor(deps, reboot);
  const wanted = (seen: NodeView): WantedLabels => wantedLabels(reboot, pool, seen);
  if (!relabel(node, wanted(node)) || !reign(deps, reboot)) return true;
  const { name, uid, bootId } = node;
  const answer = await deps.cluster.mark({ node: name, uid, bootId }, wanted, still);
  deps.logger.debug('node marked', { ...fieldsOf(reboot), answer });
  return answer === 'done' || answer === 'gone';
}

/** For as long as the stored Reboot says so, and the node wears its marks. */
const stillMeant =
  (deps: ServiceDeps, reboot: Reboot): StillOwed =>
  async () => {
    const stored = await deps.store.get(reboot.name);
    if (!stored || !isOpen(stored) || !reign(deps, stored)) return false;
    return stored.state.phase === reboot.state.phase && stored.state.since === reboot.state.since;
  };

/**
 * What tells other tools of a wait must not hold up the wait itself: what cannot be written now is written at
 * the next look.
 */
export async function labelIfPossible(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
): Promise<void> {
  try {
    await labelNode(deps, reboot, node);
  } catch (error) {
    deps.logger.warn('node not marked', { ...fieldsOf(reboot), err: error });
  }
}

/** At the end nothing may be left: what cannot be taken away now is owed still. */
export async function labelForGood(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
): Promise<void> {
  if (await labelNode(deps, reboot, node)) return;
  throw new PortError('conflict', `${reboot.node.name} changed while its marks were taken away.`, {
    retryable: true,
  });
}

/**
 * Takes away what a node wears for a Reboot that is over or gone. While one of its Reboots (`known`) is open,
 * its own steps see to that. False when it could not be told yet.
 */
export async function collectLabels(
  deps: ServiceDeps,
  node: NodeView,
  known: readonly Reboot[],
): Promise<boolean> {
  // A node that was given up cordoned may have lost its labels to a later Reboot that is over, too.
  if (!isLabelled(node) && node.cordonedBy === undefined) return true;
  const owner = labelsOwner(known);
  if (owner && isOpen(owner)) return true;
  const names = namesOn(deps, node);
  if (deps.store.unreadable().some((record) => names.has(record.name))) return true;
  const wanted = (seen: NodeView): WantedLabels =>
    owner ? wantedLabels(owner, poolFor(deps, owner), seen) : noManagedLabels;
  if (!relabel(node, wanted(node))) return true;
  const { name, uid, bootId } = node;
  const answer = await deps.cluster.mark({ node: name, uid, bootId }, wanted, async () => {
    for (const named of names) {
      const stored = await deps.store.get(named);
      if (stored && stored.node.uid === uid && isOpen(stored)) return false;
    }
    return true;
  });
  if (answer === 'done')
    deps.logger.info('marks taken off a node whose reboot is over', { node: name, for: owner?.name });
  return answer !== 'wrong-boot';
}

/** The watch may lag behind what was created or changed a moment ago. */
const namesOn = (deps: ServiceDeps, node: NodeView): ReadonlySet<string> =>
  new Set(
    [node.marks?.reboot, node.marks?.labelsFor, rebootName(node, node.bootId, deps.digest)].filter(
      (name) => name !== undefined,
    ),
  );
