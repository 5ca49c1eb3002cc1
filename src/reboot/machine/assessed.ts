/**
 * What a fresh dry-run of the drain does to a Reboot: it is kept, and held against what was known when it was
 * decided.
 */
import type { AfterDecision, Impact } from '../state/drain-facts.ts';
import type { Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { type Timestamp, toInstant } from '../ports/time.ts';
import { changed, type Step } from './events.ts';

export function assessed(reboot: Reboot, impact: Impact): Step {
  if (!isIn(reboot, 'Approved')) return changed(reboot, { impact });
  const afterDecision = newSince(reboot.state.decision.at, reboot.impact, impact);
  return changed(reboot, { impact: { ...impact, afterDecision } });
}

/**
 * Whoever decided saw the impact that was stored then. What is not in it is new, and stays so in later looks;
 * what goes and comes back counts as new as well, which errs on the side of being told.
 */
function newSince(decision: Timestamp, before: Impact | undefined, now: Impact): AfterDecision {
  const told = before?.afterDecision?.decision === decision ? before.afterDecision : undefined;
  const fresh = (found: readonly string[], known: readonly string[] = [], still: readonly string[] = []) =>
    found.filter((each) => !known.includes(each) || still.includes(each));
  return {
    decision,
    lost: fresh(now.lost, before?.lost, told?.lost),
    goesDown: fresh(workloads(now), before && workloads(before), told?.goesDown),
    refusals: fresh(now.refusals, before?.refusals, told?.refusals),
    ...(isDownSince(told, before, now) ? { nodeNotReady: true } : {}),
  };
}

const isDownSince = (told: AfterDecision | undefined, before: Impact | undefined, now: Impact): boolean =>
  now.nodeNotReady === true && (before?.nodeNotReady !== true || told?.nodeNotReady === true);

const workloads = ({ goesDown = [] }: Impact): readonly string[] => goesDown.map(({ workload }) => workload);

/**
 * Whether it has been looked at since it was decided. The decision is named, because clocks of several bots
 * may differ; where a custom resource definition of an earlier version does not keep the name, the time has
 * to do, or it would be looked at again and again.
 */
export function isLookedAtSince({ impact }: Reboot, decision: Timestamp): boolean {
  if (impact === undefined) return false;
  if (impact.afterDecision) return impact.afterDecision.decision === decision;
  return toInstant(impact.at) > toInstant(decision);
}

export const isWorse = ({ afterDecision }: Impact): boolean =>
  afterDecision !== undefined &&
  afterDecision.lost.length + afterDecision.goesDown.length + afterDecision.refusals.length > 0;
