/**
 * Reboots that wait for something which may change at any moment: what to watch for them, and what to do when
 * it has changed.
 */
import { inOrder } from '../scheduling/start-order.ts';
import type { StartQuestion } from '../ports/outside.ts';
import { type In, isIn } from '../state/reboot.ts';
import type { Instant } from '../ports/time.ts';
import { pendingRetry } from '../state/retry.ts';
import { apply, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { snapshotOf, startNext } from './start.ts';

/** What the outside holds back now, the longest wait first. */
export function blockedReboots(deps: ServiceDeps): readonly StartQuestion[] {
  const now = deps.clock.now();
  const held = deps.store.all().filter((reboot) => isIn(reboot, 'Approved') && waitsForChange(reboot, now));
  if (held.length === 0) return [];
  const nodes = new Map(deps.cluster.nodes().map((node) => [node.name, node]));
  return held
    .sort((a, b) => (a.state.since < b.state.since ? -1 : 1))
    .flatMap((reboot) => {
      const node = nodes.get(reboot.node.name);
      return node ? [{ reboot, node, pool: poolFor(deps, reboot) }] : [];
    });
}

/** Held by what only the outside knows, or resting after a drain that budgets held. */
const waitsForChange = ({ state }: In<'Approved'>, now: Instant): boolean =>
  state.held !== undefined || pendingRetry(state, now)?.notBefore !== undefined;

/**
 * What held these back seems to be gone. That is stored, so that whichever bot takes up the job asks at once,
 * and only one of them does. In the order in which they start: when the first has taken the turn of its pool,
 * the others need not be asked about.
 */
export async function cleared(deps: ServiceDeps, names: readonly string[]): Promise<void> {
  const seenAt = deps.clock.now();
  const order = inOrder(await snapshotOf(deps), deps.policy()).filter(({ name }) => names.includes(name));
  for (const { name } of order) {
    await apply(deps, name, { type: 'cleared', seenAt });
    await deps.queue.reconcile(name);
  }
}

/**
 * A node came back, was let go, or went away: whoever waited for room starts now, and not at the next scan.
 */
export async function roomChanged(deps: ServiceDeps): Promise<void> {
  if (deps.store.all().some((reboot) => isIn(reboot, 'Approved'))) await startNext(deps);
}
