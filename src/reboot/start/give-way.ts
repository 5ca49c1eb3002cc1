import { givesWayAt } from '../scheduling/plan/deadlock.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { announce } from '../show/announce.ts';
import { applyTo, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/**
 * Undoes a drain that is deadlocked with one that started earlier, whether or not another node waits for its
 * turn.
 */
export async function giveWay(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  if (!isIn(reboot, 'Draining')) return undefined;
  const at = givesWayAt(reboot, deps.store.all(), poolFor(deps, reboot));
  if (at === undefined || deps.clock.now() < at) return undefined;
  const applied = await applyTo(deps, reboot, { type: 'undone', why: 'deadlock' });
  if (applied === 'conflict' || applied.outcome !== 'saved') return undefined;
  await announce(deps, applied.reboot);
  return applied.reboot;
}
