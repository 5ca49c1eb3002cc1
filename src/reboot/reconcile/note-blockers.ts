import type { Blocker } from '../scheduling/blockers.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { applyTo } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { planNow } from './start.ts';

/** What holds an approved Reboot back now. The record of it follows, for those who read it with kubectl. */
export async function noteBlockers(
  deps: ServiceDeps,
  reboot: Reboot,
): Promise<{ readonly reboot: Reboot; readonly blockers: readonly Blocker[] }> {
  if (!isIn(reboot, 'Approved')) return { reboot, blockers: [] };
  const blockers = (await planNow(deps, reboot)).blocked.get(reboot.name) ?? [];
  // Who was faster has said it, or knows better: the next look writes what is true then.
  const applied = await applyTo(deps, reboot, { type: 'waits', blockers });
  return {
    reboot: applied !== 'conflict' && applied.outcome === 'saved' ? applied.reboot : reboot,
    blockers,
  };
}
