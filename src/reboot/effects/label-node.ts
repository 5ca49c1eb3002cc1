/**
 * Managed labels, annotations and taints for other tools: written as a node's Reboots require, and removed
 * when none of them does.
 */
import { isOpen } from '../ownership/ownership.ts';
import {
  isLabelled,
  labelsOwner,
  noManagedLabels,
  relabel,
  wantedLabels,
  type WantedLabels,
} from '../ownership/managed-labels.ts';
import { rebootName } from '../nodes/reboot-name.ts';
import { PortError } from '../ports/port-error.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { StillOwed } from '../ports/cluster/node-writes.ts';
import type { Reboot } from '../state/reboot.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Whether this Reboot, as read, owns the labels of its node, among all known Reboots of the node. */
function ownsLabels(deps: ServiceDeps, reboot: Reboot): boolean {
  const others = deps.store
    .all()
    .filter((other) => other.node.uid === reboot.node.uid && other.name !== reboot.name);
  return labelsOwner([...others, reboot])?.name === reboot.name;
}

/** Whether the node lacks labels of the Reboot, or has some that it should not have. */
export const owesLabels = (deps: ServiceDeps, reboot: Reboot, node: NodeView | undefined): boolean =>
  node !== undefined &&
  node.uid === reboot.node.uid &&
  relabel(node, wantedLabels(reboot, poolFor(deps, reboot), node)) !== undefined &&
  ownsLabels(deps, reboot);

/**
 * Writes the labels of the Reboot to its node, unless they are there already. False: the write is no longer
 * due, or the node has another boot.
 */
export async function labelNode(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
  still: StillOwed = stillCurrent(deps, reboot),
): Promise<boolean> {
  if (node === undefined || !owesLabels(deps, reboot, node)) return true;
  const pool = poolFor(deps, reboot);
  const wanted = (seen: NodeView): WantedLabels => wantedLabels(reboot, pool, seen);
  const { name, uid, bootId } = node;
  const answer = await deps.cluster.label({ node: name, uid, bootId }, wanted, still);
  deps.logger.debug('node labelled', { ...fieldsOf(reboot), answer });
  return answer === 'done' || answer === 'gone';
}

/**
 * True while the stored Reboot is open, owns the labels of its node, and is in the same phase since the same
 * time.
 */
const stillCurrent =
  (deps: ServiceDeps, reboot: Reboot): StillOwed =>
  async () => {
    const stored = await deps.store.get(reboot.name);
    if (!stored || !isOpen(stored) || !ownsLabels(deps, stored)) return false;
    return stored.state.phase === reboot.state.phase && stored.state.since === reboot.state.since;
  };

/** The labels of a wait must not delay the wait itself: a failed write is repeated at the next reconcile. */
export async function tryLabelNode(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
): Promise<void> {
  try {
    await labelNode(deps, reboot, node);
  } catch (error) {
    deps.logger.warn('node not labelled', { ...fieldsOf(reboot), err: error });
  }
}

/** At the end no label may remain: a failed removal throws, and the effect stays pending. */
export async function labelOrThrow(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
): Promise<void> {
  if (await labelNode(deps, reboot, node)) return;
  throw new PortError('conflict', `${reboot.node.name} changed while its labels were taken away.`, {
    retryable: true,
  });
}

/**
 * Removes the labels of a Reboot that has ended or is gone. While one of the node's Reboots (`known`) is
 * open, its own reconcile does that. False when the node has changed: try again.
 */
export async function collectLabels(
  deps: ServiceDeps,
  node: NodeView,
  known: readonly Reboot[],
): Promise<boolean> {
  // A node that stayed cordoned after it was given up may also have lost its labels to a later Reboot that
  // has ended.
  if (!isLabelled(node) && node.cordonedBy === undefined) return true;
  const owner = labelsOwner(known);
  if (owner && isOpen(owner)) return true;
  const names = namesOn(deps, node);
  if (deps.store.unreadable().some((record) => names.has(record.name))) return true;
  const wanted = (seen: NodeView): WantedLabels =>
    owner ? wantedLabels(owner, poolFor(deps, owner), seen) : noManagedLabels;
  if (!relabel(node, wanted(node))) return true;
  const { name, uid, bootId } = node;
  const answer = await deps.cluster.label({ node: name, uid, bootId }, wanted, async () => {
    for (const named of names) {
      const stored = await deps.store.get(named);
      if (stored && stored.node.uid === uid && isOpen(stored)) return false;
    }
    return true;
  });
  if (answer === 'done')
    deps.logger.info('labels taken off a node whose reboot is over', { node: name, for: owner?.name });
  return answer !== 'wrong-boot';
}

/** The watch may lag: these Reboots are read from the API server before the removal. */
const namesOn = (deps: ServiceDeps, node: NodeView): ReadonlySet<string> =>
  new Set(
    [node.managed?.reboot, node.managed?.labelsFor, rebootName(node, node.bootId, deps.hash)].filter(
      (name) => name !== undefined,
    ),
  );
