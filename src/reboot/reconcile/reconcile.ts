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
import { tellUnreadable } from '../collect/tell-unreadable.ts';
import { noteBlockers } from './note-blockers.ts';

/**
 * One Reboot goes from approval to its drain in a handful of steps; more in a row than this is a fault of
 * ours.
 */
const mostSteps = 12;

/**
 * Advances a Reboot by what can be done now: looks at the node, applies what it sees, carries out what the
 * state owes, and goes on until nothing changes. Level-triggered: it does not matter what woke it, nor how
 * often, nor after which crash.
 */
export async function reconcile(deps: ServiceDeps, name: string): Promise<void> {
  const unreadable = deps.store.unreadable().find((record) => record.name === name);
  if (unreadable) return tellUnreadable(deps, unreadable);
  let reboot = await deps.store.latest(name);
  for (let step = 0; step < mostSteps; step += 1) {
    if (!reboot) return;
    const after = await oneStep(deps, reboot);
    if (after !== 'again' && after.version === reboot.version) {
      await settleDown(deps, after);
      return;
    }
    reboot = after === 'again' ? await deps.store.get(name) : after;
  }
  deps.logger.warn('reboot does not come to rest', { reboot: name, steps: mostSteps });
  await deps.queue.reconcile(name, deps.clock.now() + 1000);
}

/** Nothing more can be done now: show it, and say when to come back. */
async function settleDown(deps: ServiceDeps, found: Reboot): Promise<void> {
  const { reboot, blockers } = await noteBlockers(deps, found);
  await deps.queue.render(reboot.name);
  await renderRollout(deps, reboot);
  const now = deps.clock.now();
  const wakes = [wakeAt(reboot, rulesFor(deps, reboot), now), clearsAt(blockers, now)];
  const wake = Math.min(...wakes.filter((each) => each !== undefined));
  if (Number.isFinite(wake)) await deps.queue.reconcile(reboot.name, wake);
}

/** When the first of the things that hold it back ends by itself: a pause, a window that is closed. */
function clearsAt(blockers: readonly Blocker[], now: Instant): Instant | undefined {
  const times = blockers.flatMap(({ until }) => (until === undefined ? [] : [until]));
  return times.length === 0 ? undefined : Math.max(now, Math.min(...times));
}

async function oneStep(deps: ServiceDeps, found: Reboot): Promise<Reboot | 'again'> {
  const observation = await observeIfDue(deps, found);
  if (await followPool(deps, found, observation.node)) return 'again';
  const observed = await applyTo(deps, found, observedEvent(deps, found, observation));
  const reboot = survivor(observed);
  if (reboot === undefined) return 'again';
  // Success is shown when the node is back at work, not a moment before.
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

const survivor = (applied: Applied | 'conflict'): Reboot | undefined =>
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
      event.type === 'tidied' ? ofThisEnd(reboot, event) : event,
    );
    if (applied.outcome === 'gone') return 'again';
    const before = current;
    current = applied.reboot;
    if (applied.outcome === 'saved' && event.type === 'cordoned') await recordPhase(deps, current);
    if (applied.outcome === 'saved' && event.type === 'hook-answered') await announceHook(deps, current);
    if (event.type === 'goes-down' && applied.outcome === 'saved') await announceOverdue(deps, current);
    // What an ended reboot held is free now: whoever waits for it starts at once, not at the next scan.
    if (event.type !== 'tidied' || applied.outcome !== 'saved') continue;
    await startNext(deps);
    if (isIn(before, 'Undoing')) await recordPhase(deps, before);
    await announceCleanUp(deps, current);
  }
  return current;
}

/**
 * A late worker ends the clean-up that it did: since then the Reboot may have been begun anew, and owe
 * another.
 */
const ofThisEnd =
  ({ state }: Reboot, event: RebootEvent): Decide =>
  ({ state: stored }) =>
    stored.phase === state.phase && stored.since === state.since && isGivenUp(stored) === isGivenUp(state)
      ? event
      : { code: 'too-late', sentence: 'Another clean-up is owed by now.' };

const isGivenUp = (state: RebootState): boolean => state.phase === 'Failed' && state.givenUp !== undefined;

/** The rule of the pool decides in the name of the window, where nobody objected. */
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
  const next = survivor(applied);
  if (next && next !== reboot) {
    deps.logger.info('approved by rule', { ...fieldsOf(next), rule: due.by.kind });
    await announce(deps, next);
  }
  return next === reboot ? undefined : next;
}
