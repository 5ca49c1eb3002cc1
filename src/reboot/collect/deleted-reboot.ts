/**
 * What follows when somebody deletes the record of a Reboot: it stops at once, and its node is put back as
 * far as we had changed it.
 */
import { cardData } from '../words/card-data.ts';
import { isOpen } from '../state/ownership.ts';
import { PortError } from '../ports/port-error.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { deleted, isItsBoot } from '../machine/deleted.ts';
import { announce } from '../show/announce.ts';
import { fieldsOf, poolFor } from '../reconcile/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { collectGarbage } from './collect-garbage.ts';

/**
 * An order that stands is withdrawn before anything else. Then the record is written anew, as that of a
 * Reboot that was cancelled: what it owes is carried out as for any other, by whichever bot is there, and no
 * rule approves it. Without a record (`last` could not be read), recovery does it.
 */
export async function rebootDeleted(deps: ServiceDeps, last: Reboot | undefined): Promise<void> {
  if (last === undefined) return collectGarbage(deps);
  // Before the first await: what is read from the node meanwhile tells less than the last state does.
  deps.deletions.add(last.name);
  try {
    await handleDeletion(deps, last);
  } finally {
    deps.deletions.delete(last.name);
  }
}

async function handleDeletion(deps: ServiceDeps, last: Reboot): Promise<void> {
  // Pruned, or deleted when it was over: not worth a request.
  if (!isOpen(last) && !deps.cluster.nodes().some((node) => isItsBoot(last, { node }))) return;
  if (await deps.store.get(last.name)) return;
  if (isIn(last, 'Rebooting')) await deps.cluster.withdrawOrder(last.node.name, last.bootId);
  const observation = await deps.cluster.observe(last.node.name);
  const context = { pool: poolFor(deps, last), now: deps.clock.now() };
  const step = deleted(last, { type: 'deleted', observation }, context);
  if (!step.ok || step.reboot === last) return;
  deps.logger.warn('reboot was deleted, and is written anew', {
    ...fieldsOf(step.reboot),
    from: last.state.phase,
  });
  await writeAnew(deps, step.reboot);
}

/**
 * Where it cannot be written, since its definition is gone too, the node is put back all the same, and the
 * card told once.
 */
async function writeAnew(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  try {
    if ((await deps.store.create(reboot)) === 'exists') return;
    deps.unwritten.delete(reboot.name);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    if (!deps.unwritten.has(reboot.name)) await withoutRecord(deps, reboot, error);
    return;
  }
  await deps.queue.reconcile(reboot.name);
  await announce(deps, reboot);
}

async function withoutRecord(deps: ServiceDeps, reboot: Reboot, error: PortError): Promise<void> {
  deps.unwritten.set(reboot.name, reboot);
  deps.logger.error('reboot was deleted, and cannot be written anew', { ...fieldsOf(reboot), err: error });
  // There is no record to owe anything: its node is put back by recovery.
  deps.deletions.delete(reboot.name);
  await collectGarbage(deps);
  const tidied = 'tidied' in reboot.state ? { ...reboot, state: { ...reboot.state, tidied: true } } : reboot;
  const pool = poolFor(deps, reboot);
  const about = { cluster: deps.policy().cluster, pool, blockers: [], now: deps.clock.now() };
  await deps.chat.show(cardData(tidied, about), async () => undefined);
}

/** Their definition may be back. */
export async function writeUnwritten(deps: ServiceDeps): Promise<void> {
  for (const reboot of deps.unwritten.values()) await writeAnew(deps, reboot);
}
