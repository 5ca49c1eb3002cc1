/** The gates that need I/O, checked for one Reboot just before its start. */
import { haltsRollout } from '../scheduling/blockers/blocker-facts.ts';
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { jobsWaitEnds } from '../deadlines/jobs-wait.ts';
import { gateRetryInterval } from '../deadlines/next-wake.ts';
import type { StartQuestion } from '../ports/outside.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { gateCheck, planBlockers, withBlockers } from '../state/stored-blockers.ts';
import { applyTo, fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { toInstant } from '../time/time.ts';
import { baselineOf, renderWaiting } from './rollout-progress.ts';

/** The input of the gate checks for a start; undefined where the node is gone. */
export function questionAbout(
  deps: ServiceDeps,
  reboot: In<'Approved'>,
  snapshot: Snapshot,
): StartQuestion | undefined {
  const node = snapshot.nodes.find(({ name }) => name === reboot.node.name);
  if (!node) return undefined;
  const before = baselineOf(deps, reboot, snapshot);
  const question = { pool: poolFor(deps, reboot), node, reboot };
  return before.length === 0 ? question : { ...question, before };
}

/**
 * The Reboot without its stored gate blockers: for its own start the gates are checked again. Other Reboots
 * start without it meanwhile.
 */
export function withoutHeld(reboot: In<'Approved'>): In<'Approved'> {
  return { ...reboot, state: withBlockers(reboot.state, planBlockers(reboot.state)) };
}

/** Whether its gates blocked it at the last check, and are to be checked again now. */
export function isCheckDue(deps: ServiceDeps, reboot: Reboot): boolean {
  if (!isIn(reboot, 'Approved')) return false;
  const check = gateCheck(reboot.state);
  return check !== undefined && check.cleared === undefined && !isCheckRecent(deps, reboot);
}

/**
 * Limits the rate of gate checks: an answer that changes each time, such as "in 287 s", changes the Reboot
 * and would trigger the next check at once.
 */
export function isCheckRecent(deps: ServiceDeps, reboot: In<'Approved'>): boolean {
  const check = gateCheck(reboot.state);
  if (check === undefined || check.cleared !== undefined) return false;
  return deps.clock.now() - toInstant(check.at) < gateRetryInterval && !jobsWaitOver(deps, reboot);
}

/** True once: after the next check Jobs no longer block, which clears `jobs.since`. */
function jobsWaitOver(deps: ServiceDeps, reboot: In<'Approved'>): boolean {
  const { jobs } = reboot.state;
  const now = deps.clock.now();
  return jobs?.since !== undefined && jobsWaitEnds(jobs, poolFor(deps, reboot), now) <= now;
}

/**
 * Checks the gates. Blockers are stored, for the card and for other replicas, and the next Reboot may start
 * instead of this one. Undefined: they block as before.
 */
export async function checkGates(
  deps: ServiceDeps,
  reboot: In<'Approved'>,
  snapshot: Snapshot,
): Promise<'free' | Reboot | undefined> {
  const question = questionAbout(deps, reboot, snapshot);
  if (!question) return undefined;
  const blockers = await deps.gatekeeper.ask(question);
  if (blockers.length === 0) return 'free';
  const applied = await applyTo(deps, reboot, { type: 'blocked', by: 'gatekeeper', blockers });
  if (applied === 'conflict' || applied.outcome !== 'saved') return undefined;
  deps.logger.info('start deferred', {
    ...fieldsOf(reboot),
    codes: blockers.map(({ code }) => code),
    why: blockers.map(({ sentence }) => sentence),
  });
  if (blockers.some(({ code }) => haltsRollout.has(code))) await renderWaiting(deps, applied.reboot);
  return applied.reboot;
}

/** Clears stored gate blockers while something else blocks the Reboot: the gates are checked again later. */
export async function clearHeld(deps: ServiceDeps, reboot: In<'Approved'>): Promise<Reboot | undefined> {
  if (gateCheck(reboot.state) === undefined) return undefined;
  const applied = await applyTo(deps, reboot, { type: 'blocked', by: 'gatekeeper', blockers: [] });
  return applied === 'conflict' || applied.outcome !== 'saved' ? undefined : applied.reboot;
}
