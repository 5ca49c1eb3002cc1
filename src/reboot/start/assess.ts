import type { PoolPolicy } from '../policy/policy.ts';
import type { Impact } from '../state/impact.ts';
import { type Millis, minute, second, toInstant } from '../time/time.ts';
import { isAssessedSince, isWorse } from '../machine/decisions/assessed.ts';
import { impactTtl } from '../deadlines/next-wake.ts';
import { apply, fieldsOf, poolFor } from '../loop/apply.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { digestFor, isInSample } from '../loop/decided-in.ts';
import type { Planned, ServiceDeps } from '../loop/deps.ts';
import { nextToStart } from './next-to-start.ts';

/**
 * When thousands of Reboots wait, the API server receives one assessment in this time on average
 * (milliseconds).
 */
const intervalPerWaiting: Millis = 3 * second;

/** More waiting Reboots than people look at one by one. */
const crowd = 50;

/** If many wait, the least age of an impact that is refreshed (milliseconds). */
const crowdTtl: Millis = 30 * minute;

const waitingOnes = (deps: ServiceDeps): readonly Reboot[] =>
  deps.store.all().filter((each) => isIn(each, 'Pending', 'Snoozed', 'Approved'));

/** The age from which the impact of a waiting Reboot is assessed anew, by how many wait. */
export const impactMaxAge = (waiting: number): Millis =>
  Math.max(waiting > crowd ? crowdTtl : impactTtl, waiting * intervalPerWaiting);

/** Whether the stored impact is missing or too old. */
function isStale(deps: ServiceDeps, { impact }: Reboot): boolean {
  const now = deps.clock.now();
  if (impact !== undefined && now - toInstant(impact.at) < impactTtl) return false;
  const waiting = waitingOnes(deps);
  if (impact !== undefined) return now - toInstant(impact.at) >= impactMaxAge(waiting.length);
  // If many wait, only the first: nobody looks at the others one by one.
  return waiting.filter((each) => each.impact !== undefined).length < crowd;
}

/** Maximum age, at the start, of a dry-run from before the decision. A younger one is not repeated. */
const startTtl: Millis = minute;

/** The approval of a node that is not Ready requires a dry-run after the decision. */
const isRecent = ({ clock }: ServiceDeps, { impact }: Reboot): boolean =>
  impact !== undefined && impact.nodeNotReady !== true && clock.now() - toInstant(impact.at) < startTtl;

/** Whether its impact has to be assessed between the decision and the start. */
const isOwedBeforeStart = (deps: ServiceDeps, reboot: Reboot): boolean =>
  isIn(reboot, 'Approved') && !isAssessedSince(reboot, reboot.state.decision.at) && !isRecent(deps, reboot);

function isDue(deps: ServiceDeps, reboot: Reboot): boolean {
  if (!isOwedBeforeStart(deps, reboot)) return isInSample(deps, reboot) && isStale(deps, reboot);
  // If many wait, only those that start next: the others wait for hours.
  if (digestFor(deps, reboot) === undefined && waitingOnes(deps).length <= crowd) return true;
  return deps.planned.last !== undefined && nextToStart(deps.planned.last).has(reboot.name);
}

/** The Reboots to wake for an assessment, each once: after a failure it is left to the start. */
export function toAssessAhead(deps: ServiceDeps, planned: Planned): ReadonlySet<string> {
  const next = nextToStart(planned);
  const due = planned.snapshot.reboots.filter(
    (reboot) =>
      next.has(reboot.name) && !deps.assessedAhead.has(reboot.name) && isOwedBeforeStart(deps, reboot),
  );
  for (const { name } of due) deps.assessedAhead.add(name);
  return new Set(due.map(({ name }) => name));
}

/**
 * Assesses the impact before a decision, for the card, and again between the decision and the start, unless
 * the first one is less than a minute old by then. The decision itself does not wait for the second
 * assessment; if it is worse, the thread reports the difference. A failed assessment delays neither the card
 * nor the start.
 *
 * 'again': the Reboot has to be read anew. Undefined: nothing was due, or the assessment failed.
 */
export async function assessIfDue(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | 'again' | undefined> {
  if (!isIn(reboot, 'Pending', 'Snoozed', 'Approved') || !isDue(deps, reboot)) return undefined;
  return assess(deps, reboot);
}

/** Assesses one that is about to start, unless that was done. Returns it as it is then. */
export async function assessForStart(deps: ServiceDeps, reboot: Reboot): Promise<Reboot> {
  if (!isOwedBeforeStart(deps, reboot)) return reboot;
  const assessed = await assess(deps, reboot);
  if (assessed !== 'again') return assessed ?? reboot;
  return (await deps.store.latest(reboot.name)) ?? reboot;
}

async function assess(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | 'again' | undefined> {
  try {
    const fresh = isIn(reboot, 'Approved');
    const impact = await assessIn(deps, poolFor(deps, reboot), { node: reboot.node.name, fresh });
    // The record may have changed meanwhile. An impact read before a decision does not count as one after it.
    const { phase, since } = reboot.state;
    const applied = await apply(deps, reboot.name, ({ state }) =>
      state.phase === phase && state.since === since ? { type: 'assessed', impact } : decidedMeanwhile,
    );
    if (applied.outcome === 'gone' || applied.outcome === 'rejected') return 'again';
    await announceIfWorse(deps, applied.reboot);
    // One that a budget blocks goes behind the others that were decided on with it.
    if (isIn(applied.reboot, 'Approved') && impact.blockedBy.length > 0) await deps.queue.plan();
    return applied.reboot;
  } catch (error) {
    deps.logger.warn('impact cannot be assessed', { ...fieldsOf(reboot), err: error });
    return undefined;
  }
}

export const assessIn = (
  { cluster }: Pick<ServiceDeps, 'cluster'>,
  { drain, gates: { podAnnotations } }: PoolPolicy,
  { node, fresh }: { readonly node: string; readonly fresh: boolean },
): Promise<Impact> =>
  cluster.assess(node, drain, { fresh, ...(podAnnotations.length === 0 ? {} : { podAnnotations }) });

const decidedMeanwhile = { code: 'too-late', sentence: 'It was decided meanwhile.' } as const;

async function announceIfWorse(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const { impact } = reboot;
  if (!isIn(reboot, 'Approved') || impact === undefined || !isWorse(impact)) return;
  const { lost, goesDown, refusals } = impact.afterDecision ?? {};
  deps.logger.warn('the reboot disturbs more than was known when it was approved', {
    ...fieldsOf(reboot),
    lost,
    goes_down: goesDown,
    refusals,
  });
  // Posted before the drain starts, unless Slack is slow.
  await deps.queue.render(reboot.name);
}
