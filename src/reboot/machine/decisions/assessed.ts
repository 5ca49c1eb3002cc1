/** Stores a fresh dry-run of the drain, compared with the impact that the decision was taken on. */
import type { AfterDecision, Impact } from '../../state/impact.ts';
import { type Reboot, isIn } from '../../state/reboot.ts';
import { type Timestamp, toInstant } from '../../time/time.ts';
import { changed, type Step } from '../events/events.ts';

export function assessed(reboot: Reboot, impact: Impact): Step {
  if (!isIn(reboot, 'Approved')) return changed(reboot, { impact });
  const afterDecision = newSince(reboot.state.decision.at, reboot.impact, impact);
  return changed(reboot, { impact: { ...impact, afterDecision } });
}

/**
 * The decision was taken on the impact stored at that time. Anything else is new, and stays new in later
 * dry-runs. A finding that disappears and returns counts as new too, because a repeated notice is the safer
 * error.
 */
function newSince(decision: Timestamp, before: Impact | undefined, now: Impact): AfterDecision {
  const previous = before?.afterDecision?.decision === decision ? before.afterDecision : undefined;
  const fresh = (found: readonly string[], known: readonly string[] = [], still: readonly string[] = []) =>
    found.filter((each) => !known.includes(each) || still.includes(each));
  return {
    decision,
    lost: fresh(now.lost, before?.lost, previous?.lost),
    goesDown: fresh(workloads(now), before && workloads(before), previous?.goesDown),
    refusals: fresh(now.refusals, before?.refusals, previous?.refusals),
    ...(isDownSince(previous, before, now) ? { nodeNotReady: true } : {}),
  };
}

const isDownSince = (previous: AfterDecision | undefined, before: Impact | undefined, now: Impact): boolean =>
  now.nodeNotReady === true && (before?.nodeNotReady !== true || previous?.nodeNotReady === true);

const workloads = ({ goesDown = [] }: Impact): readonly string[] => goesDown.map(({ workload }) => workload);

/**
 * Whether there was a dry-run after the decision. Compared by the decision's time, because the clocks of
 * replicas may differ. A custom resource definition of an earlier version drops that field. Then the time of
 * the dry-run has to do, or the dry-run would be repeated without end.
 */
export function isAssessedSince({ impact }: Reboot, decision: Timestamp): boolean {
  if (impact === undefined) return false;
  if (impact.afterDecision) return impact.afterDecision.decision === decision;
  return toInstant(impact.at) > toInstant(decision);
}

export const isWorse = ({ afterDecision }: Impact): boolean =>
  afterDecision !== undefined &&
  afterDecision.lost.length + afterDecision.goesDown.length + afterDecision.refusals.length > 0;
