import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { planBlockers } from '../state/stored-blockers.ts';
import { applyTo, fieldsOf } from '../loop/apply.ts';
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
  if (applied === 'conflict' || applied.outcome !== 'saved') return { reboot, blockers };
  logWait(deps, reboot, blockers);
  return { reboot: applied.reboot, blockers };
}

/** Once for each set of reasons: their sentences change with time. */
function logWait(deps: ServiceDeps, reboot: In<'Approved'>, blockers: readonly Blocker[]): void {
  const codes = codesOf(blockers);
  if (codes.length === 0 || isSame(codes, codesOf(planBlockers(reboot.state)))) return;
  deps.logger.info('approved reboot waits', {
    ...fieldsOf(reboot),
    codes,
    why: blockers.map(({ sentence }) => sentence),
  });
}

const codesOf = (blockers: readonly Pick<Blocker, 'code'>[]): readonly string[] =>
  [...new Set(blockers.map(({ code }) => code))].sort();

const isSame = (one: readonly string[], other: readonly string[]): boolean => one.join() === other.join();
