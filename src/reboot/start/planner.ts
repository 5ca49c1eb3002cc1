/**
 * The job that plans, one for all replicas: wakes the Reboots that may start, and those whose blockers have
 * changed.
 */
import { clearedByTurn } from '../scheduling/blockers/blocker-facts.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { isSameWorld } from '../scheduling/snapshot/same-world.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import type { Instant } from '../time/time.ts';
import { nextWindowEdge } from '../deadlines/next-wake.ts';
import { transition } from '../machine/transition.ts';
import { stepOf } from '../machine/step.ts';
import { poolNamed } from '../policy/pools.ts';
import { type JobResult, nothingDone } from '../ports/job-report.ts';
import { PortError } from '../ports/port-error.ts';
import { gateCheck } from '../state/stored-blockers.ts';
import { poolFor } from '../loop/apply.ts';
import type { Planned, ServiceDeps } from '../loop/deps.ts';
import { toAssessAhead } from './assess.ts';
import { clearsAt, currentPlan } from './plans.ts';
import { watchedWorld } from './snapshot.ts';

const isApproved = (reboot: Reboot): reboot is In<'Approved'> => isIn(reboot, 'Approved');

/** Asks for a plan where somebody waits for one. */
export async function askForPlan({ store, queue }: Pick<ServiceDeps, 'store' | 'queue'>): Promise<void> {
  if (store.all().some(isApproved)) await queue.plan();
}

/**
 * Called after a change in a watch. Asks for a plan, unless the last one that this process has acted on was
 * made from the same state: most changes are the progress of running reboots. A change of the ledger asks for
 * a plan by itself.
 */
export async function askIfChanged(deps: ServiceDeps): Promise<void> {
  if (!deps.store.all().some(isApproved)) return;
  const { actedOn } = deps.planned;
  if (actedOn === undefined || !isMadeFrom(deps, actedOn)) await deps.queue.plan();
}

function isMadeFrom(deps: ServiceDeps, { policy, snapshot, blocked }: Planned): boolean {
  const { ledger, ledgerProblem } = snapshot;
  const now = { ...watchedWorld(deps), ledger, ...(ledgerProblem === undefined ? {} : { ledgerProblem }) };
  // A watch that is heard again changes no object.
  const wasStale = [...blocked.values()].some((blockers) =>
    blockers.some(({ code }) => code === 'stale-view'),
  );
  return !wasStale && policy === deps.policy() && isSameWorld(snapshot, now);
}

export async function planStarts(deps: ServiceDeps): Promise<JobResult> {
  // Without them nothing is read.
  if (!deps.store.all().some(isApproved)) return nothingDone;
  const planned = await planOnTurns(deps);
  const now = deps.clock.now();
  await Promise.all(planned.starts.map((name) => askForStart(deps, name)));
  await wakeWaiting(deps, planned);
  deps.planned.actedOn = planned;
  const next = nextChange(planned, now);
  if (Number.isFinite(next)) await deps.queue.plan(next);
  const { length } = planned.starts;
  return length === 0
    ? nothingDone
    : {
        kind: 'done',
        did: `${length} may start, ${planned.blocked.size} wait: ${planned.starts.slice(0, 5).join(', ')}`,
      };
}

/** Among the waiting Reboots: those whose blockers have changed, and those to assess before their turn. */
async function wakeWaiting(deps: ServiceDeps, planned: Planned): Promise<void> {
  const now = deps.clock.now();
  const ahead = toAssessAhead(deps, planned);
  const turns = new Set(planned.snapshot.ledger.turns.map(({ reboot }) => reboot));
  const wake = async (reboot: Reboot): Promise<void> => {
    const blockers = planned.blocked.get(reboot.name);
    if (blockers === undefined || !isApproved(reboot)) return;
    // The turn was taken before a crash.
    if (turns.has(reboot.name)) await askForStart(deps, reboot.name);
    if (isNews(deps, reboot, blockers) || ahead.has(reboot.name))
      await deps.queue.reconcile(reboot.name, now, stepOf(reboot));
  };
  // Concurrent: adding hundreds of jobs one after the other would delay the next plan.
  await Promise.all(planned.snapshot.reboots.map(wake));
}

/** A start that is at work asks for a plan at its end, unless it has begun. */
async function askForStart(deps: ServiceDeps, name: string): Promise<void> {
  const running = deps.starting.get(name);
  if (running === undefined) await deps.queue.start(name);
  else running.isWanted = true;
}

/** Another replica may have given back a turn since this one has read the ledger. */
async function planOnTurns(deps: ServiceDeps): Promise<Planned> {
  const planned = await currentPlan(deps);
  if (planned.starts.length > 0 || !isAnyWithoutTurn(planned)) return planned;
  try {
    await deps.ledger.read();
  } catch (error) {
    // The plan says so.
    if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
  }
  return currentPlan(deps);
}

const isAnyWithoutTurn = ({ blocked }: Planned): boolean =>
  [...blocked.values()].some((blockers) => blockers.some(({ code }) => clearedByTurn.has(code)));

/** Whether the record would be changed by what the plan found, or what the last reconcile showed. */
function isNews(deps: ServiceDeps, reboot: In<'Approved'>, blockers: readonly Blocker[]): boolean {
  const rested = deps.rested.get(reboot.name);
  return (
    (rested !== undefined && !hasSameCodes(rested.blockers, blockers)) ||
    isOutdated(reboot, blockers) ||
    isNoteDue(deps, reboot, blockers)
  );
}

const hasSameCodes = (one: readonly Blocker[], other: readonly Blocker[]): boolean =>
  one.length === other.length && one.every(({ code }, index) => code === other[index]?.code);

/** Whether its stored gate check is to be dropped: the plan blocks it, and its gates are checked later. */
export const isOutdated = (reboot: In<'Approved'>, blockers: readonly Blocker[]): boolean =>
  gateCheck(reboot.state)?.cleared !== undefined && blockers.length > 0;

function isNoteDue(deps: ServiceDeps, reboot: Reboot, blockers: readonly Blocker[]): boolean {
  const context = { pool: poolFor(deps, reboot), now: deps.clock.now() };
  const step = transition(reboot, { type: 'blocked', by: 'plan', blockers }, context);
  return step.ok && step.reboot !== reboot;
}

/** When time alone changes the plan: a blocker ends, or a window of a pool that waits opens or closes. */
function nextChange(planned: Planned, now: Instant): Instant {
  const pools = new Set(planned.snapshot.reboots.filter(isApproved).map(({ pool }) => pool));
  const edges = [...pools].flatMap((name) => {
    const pool = poolNamed(planned.policy, name);
    return (pool && nextWindowEdge(pool, now)) ?? [];
  });
  return Math.min(clearsAt(planned, now), ...edges.filter((edge) => edge > now));
}
