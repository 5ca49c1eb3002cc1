import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { applyTo } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { blockersOf } from '../render/shown.ts';

/** The blockers of an approved Reboot now. They are also stored, for readers of kubectl. */
export async function noteBlockers(
  deps: ServiceDeps,
  reboot: Reboot,
): Promise<{ readonly reboot: Reboot; readonly blockers: readonly Blocker[] }> {
  if (!isIn(reboot, 'Approved')) return { reboot, blockers: [] };
  const blockers = await blockersOf(deps, reboot);
  // After a conflict the next reconcile stores the current blockers.
  const applied = await applyTo(deps, reboot, { type: 'blocked', by: 'plan', blockers });
  return {
    reboot: applied !== 'conflict' && applied.outcome === 'saved' ? applied.reboot : reboot,
    blockers,
  };
}
