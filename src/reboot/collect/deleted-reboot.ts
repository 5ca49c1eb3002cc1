/**
 * Handles the deletion of a Reboot's record: the Reboot stops at once, and our changes to its node are
 * undone.
 */
import { cardData } from '../card/card-data.ts';
import { isOpen, isUnderWay } from '../ownership/ownership.ts';
import { PortError } from '../ports/port-error.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { deleted, isItsBoot } from '../machine/end/deleted.ts';
import { announce } from '../show/announce.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { collectGarbage } from './collect-garbage.ts';
import { toTimestamp } from '../time/time.ts';

/**
 * Handles a deleted Reboot. A standing order is withdrawn first. Then the record is re-created as a cancelled
 * Reboot: any replica runs its clean-up, and no rule approves it. If the record could not be read (`last` is
 * undefined), garbage collection does the clean-up.
 */
export async function rebootDeleted(deps: ServiceDeps, last: Reboot | undefined): Promise<void> {
  if (last === undefined) return collectGarbage(deps);
  // Set before the first await: a concurrent reconcile of the node must not re-create the record from the
  // node, which says less than the last state.
  deps.deletions.add(last.name);
  await handleDeletion(deps, last);
}

/**
 * What fails now is retried at a later resync, from the same last state. Until then garbage collection leaves
 * the node as it is.
 */
async function handleDeletion(deps: ServiceDeps, last: Reboot): Promise<void> {
  try {
    const reboot = await afterDeletion(deps, last);
    if (reboot === undefined) handled(deps, last.name);
    else await recreate(deps, reboot);
  } catch (error) {
    // Unless its deletion was handled meanwhile: then a newer state is stored, and `last` must not replace
    // it.
    if (deps.deletions.has(last.name)) deps.unwritten.set(last.name, last);
    throw error;
  }
}

function handled({ deletions, unwritten }: ServiceDeps, name: string): void {
  deletions.delete(name);
  unwritten.delete(name);
}

/** The record to create. Undefined when none is needed: nothing is left to clean up. */
async function afterDeletion(deps: ServiceDeps, last: Reboot): Promise<Reboot | undefined> {
  // Pruned, or deleted after its end: no request is needed.
  if (!isOpen(last) && !deps.cluster.nodes().some((node) => isItsBoot(last, { node }))) return undefined;
  if (await deps.store.get(last.name)) return undefined;
  if (isIn(last, 'Rebooting')) await deps.cluster.withdrawOrder(last.node.name, last.bootId, 'late-too');
  const observation = await deps.cluster.observe(last.node.name);
  const context = { pool: poolFor(deps, last), now: deps.clock.now() };
  const step = deleted(last, { type: 'deleted', observation }, context);
  if (!step.ok || step.reboot === last) return undefined;
  deps.logger.warn('reboot was deleted, and is written anew', {
    ...fieldsOf(step.reboot),
    from: last.state.phase,
  });
  return step.reboot;
}

/**
 * Re-creates the record. Where that fails the node is still cleaned up, and the card is updated once. But a
 * boot that has to be proven first waits for an API server that fails for the moment.
 */
async function recreate(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const { name } = reboot;
  try {
    const created = await deps.store.create(reboot);
    handled(deps, name);
    if (created === 'exists') return;
  } catch (error) {
    if (!(error instanceof PortError) || (isTransient(error) && isUnderWay(reboot))) throw error;
    if (deps.deletions.has(name)) await cleanUpWithoutRecord(deps, reboot, error);
    return;
  }
  await deps.queue.reconcile(name, deps.clock.now(), 'uncordon');
  await announce(deps, reboot);
}

const isTransient = ({ retryable, code }: PortError): boolean => retryable && code !== 'definition-missing';

async function cleanUpWithoutRecord(deps: ServiceDeps, reboot: Reboot, error: PortError): Promise<void> {
  deps.unwritten.set(reboot.name, reboot);
  deps.logger.error('reboot was deleted, and cannot be written anew', { ...fieldsOf(reboot), err: error });
  // Without a record, garbage collection cleans up the node.
  deps.deletions.delete(reboot.name);
  await collectGarbage(deps);
  const endedAt = toTimestamp(deps.clock.now());
  const cleaned = reboot.cleanup ? { ...reboot, cleanup: { ...reboot.cleanup, endedAt } } : reboot;
  const pool = poolFor(deps, reboot);
  const about = { cluster: deps.policy().cluster, pool, blockers: [], now: deps.clock.now() };
  await deps.chat.show(cardData(cleaned, about), async () => undefined);
}

/** Retries to re-create the records: the API server may answer again, and their CRD may be back. */
export async function recreateUnwritten(deps: ServiceDeps): Promise<void> {
  for (const reboot of deps.unwritten.values()) {
    try {
      await (deps.deletions.has(reboot.name) ? handleDeletion : recreate)(deps, reboot);
    } catch (error) {
      // No failure may keep garbage collection from the other nodes.
      deps.logger.warn('reboot that was deleted is not written anew yet', {
        ...fieldsOf(reboot),
        err: error,
      });
    }
  }
}
