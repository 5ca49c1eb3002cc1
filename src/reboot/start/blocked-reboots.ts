/**
 * Reboots that wait for an external condition: which conditions to watch, and what to do when one has
 * changed.
 */
import { inOrder } from '../scheduling/plan/start-order.ts';
import type { StartQuestion } from '../ports/outside.ts';
import { type In, isIn } from '../state/reboot.ts';
import type { Instant } from '../time/time.ts';
import { gateCheck } from '../state/stored-blockers.ts';
import { pendingRetry } from '../deadlines/retry.ts';
import { apply, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { snapshotOf, startNext } from './start.ts';

/** Reboots blocked by external conditions now, the longest wait first. */
export function blockedReboots(deps: ServiceDeps): readonly StartQuestion[] {
  const now = deps.clock.now();
  const waiting = deps.store
    .all()
    .filter((reboot) => isIn(reboot, 'Approved') && waitsForChange(reboot, now));
  if (waiting.length === 0) return [];
  const nodes = new Map(deps.cluster.nodes().map((node) => [node.name, node]));
  return waiting
    .sort((a, b) => (a.state.since < b.state.since ? -1 : 1))
    .flatMap((reboot) => {
      const node = nodes.get(reboot.node.name);
      return node ? [{ reboot, node, pool: poolFor(deps, reboot) }] : [];
    });
}

/** Blocked by a gate check, or in back-off after a drain that budgets blocked. */
const waitsForChange = ({ state }: In<'Approved'>, now: Instant): boolean =>
  gateCheck(state) !== undefined || pendingRetry(state, now)?.notBefore !== undefined;

/**
 * The external conditions of these Reboots seem to be met. That is stored by compare-and-swap, so that
 * exactly one replica checks the gates at once. In start order: when the first has taken the turn of its
 * pool, the gates of the others need no check.
 */
export async function cleared(deps: ServiceDeps, names: readonly string[]): Promise<void> {
  const seenAt = deps.clock.now();
  const order = inOrder(await snapshotOf(deps), deps.policy()).filter(({ name }) => names.includes(name));
  for (const { name } of order) {
    await apply(deps, name, { type: 'cleared', seenAt });
    await deps.queue.reconcile(name, seenAt, 'start');
  }
}

/**
 * A node came back, was uncordoned, or was deleted: Reboots that waited for room start now, and not at the
 * next resync.
 */
export async function roomChanged(deps: ServiceDeps): Promise<void> {
  if (deps.store.all().some((reboot) => isIn(reboot, 'Approved'))) await startNext(deps);
}
