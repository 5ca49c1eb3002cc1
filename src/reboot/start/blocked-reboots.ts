/**
 * Reboots that wait for an external condition: which conditions to watch, and what to do when one has
 * changed.
 */
import type { StartQuestion } from '../ports/outside.ts';
import { type In, isIn } from '../state/reboot.ts';
import type { Instant } from '../time/time.ts';
import { gateCheck } from '../state/stored-blockers.ts';
import { pendingRetry } from '../deadlines/retry.ts';
import { apply, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { askForPlan } from './planner.ts';

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
 * The external conditions of these Reboots seem to be met. That is stored, and the plan starts those for
 * which there is a turn: the gates of the others need no check.
 */
export async function cleared(deps: ServiceDeps, names: readonly string[]): Promise<void> {
  const seenAt = deps.clock.now();
  for (const name of names) await apply(deps, name, { type: 'cleared', seenAt });
  await askForPlan(deps);
}
