/** Reboots that wait for something which may change at any moment: what to watch for them, and what to do when it has changed. */
import { inOrder } from '../order.ts';
import type { StartQuestion } from '../ports.ts';
import { isIn } from '../reboot.ts';
import { advance } from './advance.ts';
import { poolFor } from './apply.ts';
import type { ServiceDeps } from './deps.ts';
import { snapshotOf, startNext } from './start.ts';

/** What the outside holds back now, the longest wait first. */
export function heldBack(deps: ServiceDeps): readonly StartQuestion[] {
  const held = deps.store
    .all()
    .filter((reboot) => isIn(reboot, 'Approved') && reboot.state.held !== undefined);
  if (held.length === 0) return [];
  const nodes = new Map(deps.cluster.nodes().map((node) => [node.name, node]));
  return held
    .sort((a, b) => (a.state.since < b.state.since ? -1 : 1))
    .flatMap((reboot) => {
      const node = nodes.get(reboot.node.name);
      return node ? [{ reboot, node, pool: poolFor(deps, reboot) }] : [];
    });
}

/**
 * What held these back seems to be gone: each is asked about at once, whatever was said a moment ago. One after the other, in the order in which they
 * start: when the first has taken the turn of its pool, the others need not be asked about.
 */
export async function cleared(deps: ServiceDeps, names: readonly string[]): Promise<void> {
  const at = deps.clock.now();
  const order = inOrder(await snapshotOf(deps), deps.policy());
  for (const { name } of order) if (names.includes(name)) await advance(deps, name, at);
}

/** A node came back, was let go, or went away: whoever waited for room starts now, and not at the next scan. */
export async function roomChanged(deps: ServiceDeps): Promise<void> {
  if (deps.store.all().some((reboot) => isIn(reboot, 'Approved'))) await startNext(deps);
}
