import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { planBlockers } from '../state/stored-blockers.ts';
import { applyTo, fieldsOf } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { isOutdated } from '../start/planner.ts';
import { clearHeld } from '../start/gate-check.ts';
import { plannedBlockers } from '../start/plans.ts';

interface Noted {
  readonly reboot: Reboot;
  readonly blockers: readonly Blocker[];
}

/** The blockers of an approved Reboot by the last plan. They are also stored, for readers of kubectl. */
export async function noteBlockers(deps: ServiceDeps, found: Reboot): Promise<Noted> {
  const blockers = await plannedBlockers(deps, found);
  if (blockers === undefined || !isIn(found, 'Approved')) return { reboot: found, blockers: [] };
  const cleared = isOutdated(found, blockers) ? await clearHeld(deps, found) : undefined;
  const reboot = cleared && isIn(cleared, 'Approved') ? cleared : found;
  // After a conflict the next plan finds that they are not stored.
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
