/** The job that starts a Reboot: one that the plan allows, or whose gates are due to be checked again. */
import { type JobReport, silentReport } from '../ports/job-report.ts';
import { owesCleanUp } from '../state/clean-up.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { exponential } from '../time/exponential.ts';
import { second } from '../time/time.ts';
import { stepOf } from '../machine/step.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Outcome, recorder } from '../loop/outcome.ts';
import { jobLog } from '../show/job-log.ts';
import { assessForStart } from '../start/assess.ts';
import { startIfPlanned } from '../start/start.ts';
import { resultOf } from './job-result.ts';
import { queueNextStep } from './next-step.ts';

/** Returns what is to happen next, also after an error. */
export async function startReboot(
  deps: ServiceDeps,
  name: string,
  report: JobReport = silentReport,
): Promise<Outcome> {
  const record = recorder(name, { queue: deps.queue, now: () => deps.clock.now() });
  const log = jobLog({ ...deps, queue: record.queue }, report);
  const running = { isWanted: false };
  deps.starting.set(name, running);
  try {
    const before = await deps.store.latest(name);
    const after = before && (await tryToStart(log.deps, before, () => record.outcome().render.length > 0));
    deps.starting.delete(name);
    // A plan made meanwhile left the start to this job, which may have used an older state.
    if (running.isWanted && after && isIn(after, 'Approved')) await deps.queue.plan();
    return { ...record.outcome(), result: resultOf(before, after, log.messages) };
  } catch (error) {
    return { ...record.outcome(), failure: { error } };
  } finally {
    deps.starting.delete(name);
  }
}

async function tryToStart(deps: ServiceDeps, found: Reboot, isAnnounced: () => boolean): Promise<Reboot> {
  const until = Math.max(
    deps.startRefusals.get(found.name)?.until ?? 0,
    deps.steps.get(found.name)?.notBefore ?? 0,
  );
  if (until > deps.clock.now()) {
    await deps.queue.plan(until);
    return found;
  }
  const reboot = await assessForStart(deps, found);
  if (!isIn(reboot, 'Approved') || owesCleanUp(reboot)) return continued(deps, reboot);
  // The card shows what has become worse before the turn is taken.
  if (isAnnounced()) {
    await deps.queue.start(reboot.name);
    return reboot;
  }
  const start = await startIfPlanned(deps, reboot);
  if (start.outcome === 'refused') {
    await deps.queue.plan(noteRefusal(deps, reboot));
    return reboot;
  }
  deps.startRefusals.delete(reboot.name);
  if (start.outcome === 'turns-restored') await deps.queue.plan();
  if (start.outcome === 'turns-restored' || start.outcome === 'blocked') return reboot;
  if (start.outcome === 'started') {
    await queueNextStep(deps, found, start.reboot);
    return start.reboot;
  }
  // Another Reboot may start in its place.
  await deps.queue.plan();
  return continued(deps, start.reboot);
}

/** Leaves the rest to the reconcile of the Reboot. */
async function continued(deps: ServiceDeps, reboot: Reboot): Promise<Reboot> {
  await deps.queue.reconcile(reboot.name, deps.clock.now(), stepOf(reboot));
  return reboot;
}

const refusalPauses = { first: second / 4, most: 10 * second, factor: 2 };

/**
 * The plan of the watches allows a start that what was read afresh does not, or another write was faster. The
 * next try waits, longer each time: until the watches show the reason, every plan would ask for it again.
 */
function noteRefusal({ startRefusals, clock }: ServiceDeps, { name }: Reboot): number {
  const times = (startRefusals.get(name)?.times ?? 0) + 1;
  const until = clock.now() + exponential(refusalPauses, times);
  startRefusals.set(name, { times, until });
  return until;
}
