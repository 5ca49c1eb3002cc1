import { automaticApproval } from '../approval/automatic-approval.ts';
import { type Reboot, isIn } from '../state/reboot.ts';
import { second } from '../time/time.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { stepOf } from '../machine/step.ts';
import { rebootReminder } from '../deadlines/reminders.ts';
import { wakeAt } from '../deadlines/next-wake.ts';
import { type Applied, apply, applyTo, type Decide } from '../loop/apply.ts';
import type { Basis, ServiceDeps } from '../loop/deps.ts';
import { announce, announceHook, announceOverdue, announceCleanUp, recordPhase } from '../show/announce.ts';
import { assessIfDue } from '../start/assess.ts';
import { carryOut } from '../effects/effects.ts';
import { followPool, rulesFor } from '../loop/follow-pool.ts';
import { basisOf, noteRested } from '../loop/rested.ts';
import { giveUpTurn } from '../start/give-up-turn.ts';
import { giveWay } from '../start/give-way.ts';
import { observeIfDue } from './reobserve.ts';
import { observedEvent, passOn } from '../loop/observed.ts';
import { leaderFor } from '../start/rollout-progress.ts';
import { type JobReport, silentReport } from '../ports/job-report.ts';
import { jobLog } from '../show/job-log.ts';
import { resultOf } from './job-result.ts';
import { type Outcome, recorder } from '../loop/outcome.ts';
import { isRenderDue, blockersOfCard } from '../render/rendered.ts';
import { isCheckDue } from '../start/gate-check.ts';
import { postUnreadable } from '../show/post-unreadable.ts';
import { nextStepAt, queueNextStep } from './next-step.ts';
import { noteBlockers } from './note-blockers.ts';

/** A step takes a handful of rounds. More than this in one reconcile is a bug. */
const maxRounds = 12;

/**
 * Reconciles a Reboot: observes the node, applies the observation, runs the pending effects, and repeats
 * until nothing changes or the step is done. Level-triggered: the result does not depend on what woke it, how
 * often, or after which crash. Returns what is to happen next, also after an error: a turn that was released
 * before it has to wake the next Reboot.
 */
export async function reconcile(
  deps: ServiceDeps,
  name: string,
  report: JobReport = silentReport,
): Promise<Outcome> {
  const record = recorder(name, { queue: deps.queue, now: () => deps.clock.now() });
  const log = jobLog({ ...deps, queue: record.queue }, report);
  try {
    const ran = await carryOutStep(log.deps, name, () => record.outcome().render.length > 0);
    return { ...record.outcome(), result: resultOf(ran.before, ran.after, log.messages) };
  } catch (error) {
    return { ...record.outcome(), failure: { error } };
  }
}

/** The Reboot as a run found it, and as it left it; undefined where there is none. */
interface Run {
  readonly before: Reboot | undefined;
  readonly after: Reboot | undefined;
}

async function carryOutStep(deps: ServiceDeps, name: string, isAnnounced: () => boolean): Promise<Run> {
  const unreadable = deps.store.unreadable().find((record) => record.name === name);
  if (unreadable) await postUnreadable(deps, unreadable);
  const before = unreadable ? undefined : await deps.store.latest(name);
  if (before === undefined) return { before, after: undefined };
  const waitsUntil = deps.steps.get(name)?.notBefore ?? 0;
  if (waitsUntil <= deps.clock.now()) return { before, after: await runRounds(deps, before, isAnnounced) };
  await deps.queue.reconcile(name, waitsUntil, stepOf(before));
  return { before, after: before };
}

/** Ends at rest, after the step, or with news for the card, which is rendered before the next step. */
async function runRounds(
  deps: ServiceDeps,
  before: Reboot,
  isAnnounced: () => boolean,
): Promise<Reboot | undefined> {
  const { name } = before;
  // Read before the rounds: a change during them is found at the next resync.
  const basis = basisOf(deps, before);
  let reboot: Reboot | undefined = before;
  for (let round = 0; round < maxRounds; round += 1) {
    if (!reboot) return undefined;
    if (stepOf(reboot) !== stepOf(before) || isAnnounced()) {
      await queueNextStep(deps, before, reboot);
      return reboot;
    }
    const after = await oneRound(deps, reboot);
    if (after !== 'again' && after.version === reboot.version) return atRest(deps, after, basis);
    reboot = after === 'again' ? await deps.store.get(name) : after;
  }
  const next = await nextStepAt(deps, before, reboot ?? before);
  await deps.queue.reconcile(name, Math.max(next, deps.clock.now() + second));
  return reboot;
}

/** Nothing more can be done now: renders the card if it has changed, and schedules the next reconcile. */
async function atRest(deps: ServiceDeps, found: Reboot, basis: Basis): Promise<Reboot> {
  const { reboot, blockers } = await noteBlockers(deps, found);
  const last = deps.rendered.get(reboot.name);
  if (isCheckDue(deps, reboot)) await deps.queue.start(reboot.name);
  const renders = await isRenderDue(deps, reboot, blockers);
  if (renders) await deps.queue.render(reboot.name);
  await renderLeaderIfDue(deps, reboot);
  const wake = wakeAt(reboot, rulesFor(deps, reboot), deps.clock.now());
  if (wake !== undefined) await deps.queue.reconcile(reboot.name, wake, stepOf(reboot));
  noteRested(deps, reboot, {
    ...basis,
    blockers,
    ...(renders ? { render: { last } } : {}),
    ...(wake === undefined ? {} : { wakeAt: wake }),
  });
  return reboot;
}

/** The card with the view of the rollout shows its other Reboots, too. */
async function renderLeaderIfDue(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const name = leaderFor(deps, reboot);
  const leader = name === undefined || name === reboot.name ? undefined : deps.store.cached(name);
  if (leader && (await isRenderDue(deps, leader, await blockersOfCard(deps, leader))))
    await deps.queue.render(leader.name);
}

async function oneRound(deps: ServiceDeps, found: Reboot): Promise<Reboot | 'again'> {
  const seen = await observeIfDue(deps, found);
  const { observation } = seen;
  if (await followPool(deps, found, observation.node)) return 'again';
  const observed = await applyTo(deps, found, observedEvent(deps, found, observation));
  const reboot = storedReboot(observed);
  if (reboot === undefined) return 'again';
  // Success is announced only once the node is uncordoned.
  if (reboot.state.phase !== found.state.phase && !isIn(reboot, 'Succeeded')) await announce(deps, reboot);
  // Its effects belong to the next step.
  if (stepOf(reboot) !== stepOf(found)) {
    passOn(deps, reboot, seen);
    return reboot;
  }
  const events = await carryOut(deps, reboot, seen);
  if (events.length > 0) return applyAll(deps, reboot, events);
  return (
    (await giveUpTurn(deps, reboot)) ??
    (await giveWay(deps, reboot)) ??
    (await decideByRule(deps, reboot)) ??
    (await remindIfDue(deps, reboot)) ??
    (await assessIfDue(deps, reboot)) ??
    reboot
  );
}

/** Stored by compare-and-swap before it is posted, so that two bots do not remind twice. */
async function remindIfDue(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  if (rebootReminder(reboot, rulesFor(deps, reboot), deps.clock.now()).due === undefined) return undefined;
  const next = storedReboot(await applyTo(deps, reboot, { type: 'reminded' }));
  return next === reboot ? undefined : next;
}

const storedReboot = (applied: Applied | 'conflict'): Reboot | undefined =>
  applied === 'conflict' || applied.outcome === 'gone' ? undefined : applied.reboot;

async function applyAll(
  deps: ServiceDeps,
  reboot: Reboot,
  events: readonly RebootEvent[],
): Promise<Reboot | 'again'> {
  let current = reboot;
  for (const event of events) {
    const applied = await apply(
      deps,
      reboot.name,
      event.type === 'cleaned-up' ? unlessRestarted(reboot, event) : event,
    );
    if (applied.outcome === 'gone') return 'again';
    const before = current;
    current = applied.reboot;
    if (applied.outcome === 'saved' && event.type === 'cordoned') await recordPhase(deps, current);
    if (applied.outcome === 'saved' && event.type === 'hook-answered') await announceHook(deps, current);
    if (event.type === 'goes-down' && applied.outcome === 'saved') await announceOverdue(deps, current);
    // The turn is free now: the next Reboot starts at once, not at the next resync.
    if (event.type !== 'cleaned-up' || applied.outcome !== 'saved') continue;
    await deps.queue.plan();
    if (isIn(before, 'Undoing')) await recordPhase(deps, before);
    await announceCleanUp(deps, current);
  }
  return current;
}

/**
 * A late worker may only conclude the clean-up that it did: the Reboot may have been restarted since, with
 * another clean-up pending.
 */
const unlessRestarted =
  ({ state }: Reboot, event: RebootEvent): Decide =>
  ({ state: stored }) =>
    stored.phase === state.phase && stored.since === state.since
      ? event
      : { code: 'too-late', sentence: 'Another clean-up is owed by now.' };

/** Applies the automatic approval of the pool's rule, when it is due. */
async function decideByRule(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  const now = deps.clock.now();
  const due = automaticApproval(reboot, rulesFor(deps, reboot), now);
  if (!due || due.at > now) return undefined;
  const mode = due.by.kind === 'window' ? 'window' : 'now';
  const applied = await applyTo(deps, reboot, {
    type: 'approved',
    by: due.by,
    mode,
    digest: reboot.need.digest,
  });
  const next = storedReboot(applied);
  if (next && next !== reboot) await announce(deps, next);
  return next === reboot ? undefined : next;
}
