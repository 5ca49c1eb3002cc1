import { automaticApproval } from '../scheduling/automatic-approval.ts';
import type { Blocker } from '../scheduling/blockers.ts';
import type { Reboot, RebootState } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import type { Instant } from '../ports/time.ts';
import type { RebootEvent } from '../machine/events.ts';
import { wakeAt } from '../state/next-wake.ts';
import { type Applied, apply, applyTo, type Decide, fieldsOf } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { announce, announceHook, announceOverdue, announceCleanUp, recordPhase } from '../show/announce.ts';
import { assessIfDue } from './assess.ts';
import { carryOut } from './carry-out.ts';
import { followPool, rulesFor } from '../collect/follow-pool.ts';
import { giveUpTurn } from './give-up-turn.ts';
import { giveWay } from './give-way.ts';
import { observedEvent, observeIfDue } from './reobserve.ts';
import { renderRollout } from './rollout-progress.ts';
import { startIfPlanned, startNext } from './start.ts';
import { postUnreadable } from '../collect/post-unreadable.ts';
import { noteBlockers } from './note-blockers.ts';

/** From approval to drain takes a handful of steps. More than this in one reconcile is a bug. */
const maxSteps = 12;

/**
 * Reconciles a Reboot: observes the node, applies the observation, runs the pending effects, and repeats
 * until nothing changes. Level-triggered: the result does not depend on what woke it, how often, or after
 * which crash.
 */
export async function reconcile(deps: ServiceDeps, name: string): Promise<void> {
  const unreadable = deps.store.unreadable().find((record) => record.name === name);
  if (unreadable) return postUnreadable(deps, unreadable);
  let reboot = await deps.store.latest(name);
  for (let step = 0; step < maxSteps; step += 1) {
    if (!reboot) return;
    const after = await oneStep(deps, reboot);
    if (after !== 'again' && after.version === reboot.version) {
      await scheduleNext(deps, after);
      return;
    }
    reboot = after === 'again' ? await deps.store.get(name) : after;
  }
  deps.logger.warn('reboot does not come to rest', { reboot: name, steps: maxSteps });
  await deps.queue.reconcile(name, deps.clock.now() + 1000);
}

/** Nothing more can be done now: renders the card and schedules the next reconcile. */
async function scheduleNext(deps: ServiceDeps, found: Reboot): Promise<void> {
  const { reboot, blockers } = await noteBlockers(deps, found);
  await deps.queue.render(reboot.name);
  await renderRollout(deps, reboot);
  const now = deps.clock.now();
  const wakes = [wakeAt(reboot, rulesFor(deps, reboot), now), clearsAt(blockers, now)];
  const wake = Math.min(...wakes.filter((each) => each !== undefined));
  if (Number.isFinite(wake)) await deps.queue.reconcile(reboot.name, wake);
}

/** When the first blocker with a known end clears, such as a pause or a closed window. */
function clearsAt(blockers: readonly Blocker[], now: Instant): Instant | undefined {
  const times = blockers.flatMap(({ until }) => (until === undefined ? [] : [until]));
  return times.length === 0 ? undefined : Math.max(now, Math.min(...times));
}

async function oneStep(deps: ServiceDeps, found: Reboot): Promise<Reboot | 'again'> {
  const observation = await observeIfDue(deps, found);
  if (await followPool(deps, found, observation.node)) return 'again';
  const observed = await applyTo(deps, found, observedEvent(deps, found, observation));
  const reboot = storedReboot(observed);
  if (reboot === undefined) return 'again';
  // Success is announced only once the node is uncordoned.
  if (reboot.state.phase !== found.state.phase && !isIn(reboot, 'Succeeded')) await announce(deps, reboot);
  const events = await carryOut(deps, reboot, observation);
  if (events.length > 0) return applyAll(deps, reboot, events);
  return (
    (await giveUpTurn(deps, reboot)) ??
    (await giveWay(deps, reboot)) ??
    (await decideByRule(deps, reboot)) ??
    (await assessIfDue(deps, reboot)) ??
    (await startIfPlanned(deps, reboot)) ??
    reboot
  );
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
      event.type === 'tidied' ? unlessRestarted(reboot, event) : event,
    );
    if (applied.outcome === 'gone') return 'again';
    const before = current;
    current = applied.reboot;
    if (applied.outcome === 'saved' && event.type === 'cordoned') await recordPhase(deps, current);
    if (applied.outcome === 'saved' && event.type === 'hook-answered') await announceHook(deps, current);
    if (event.type === 'goes-down' && applied.outcome === 'saved') await announceOverdue(deps, current);
    // The turn is free now: the next Reboot starts at once, not at the next resync.
    if (event.type !== 'tidied' || applied.outcome !== 'saved') continue;
    await startNext(deps);
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
    stored.phase === state.phase && stored.since === state.since && isGivenUp(stored) === isGivenUp(state)
      ? event
      : { code: 'too-late', sentence: 'Another clean-up is owed by now.' };

const isGivenUp = (state: RebootState): boolean => state.phase === 'Failed' && state.givenUp !== undefined;

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
  if (next && next !== reboot) {
    deps.logger.info('approved by rule', { ...fieldsOf(next), rule: due.by.kind });
    await announce(deps, next);
  }
  return next === reboot ? undefined : next;
}
