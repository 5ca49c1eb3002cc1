import { askAgainAt } from '../approval/asks-again.ts';
import { expiresAt } from '../approval/expiry.ts';
import type { HookRun } from '../state/hook-facts.ts';
import { automaticApproval, type RebootRules } from '../approval/automatic-approval.ts';
import { pendingHook, waitOf } from './hook-waits.ts';
import { jobsWaitEnds } from './jobs-wait.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Approved, Draining, Reboot, RebootState } from '../state/reboot.ts';
import { type CleanUp, isOwed } from '../state/clean-up.ts';
import { gateCheck } from '../state/stored-blockers.ts';
import { rebootReminder, type ReminderRules } from './reminders.ts';
import { stuckSince } from './stuck.ts';
import { exponential } from '../time/exponential.ts';
import { type Instant, type Millis, minute, second, toInstant } from '../time/time.ts';
import { nextOpening } from '../windows/openings.ts';

/** Maximum age of a dry-run while a card waits for a decision. */
export const impactTtl = 5 * minute;

/** How often a node that is out of service is reconciled without an event, since a watch may miss one. */
const reconcileInterval = 15 * second;

/** How often a healthy node is reconciled without an event: only its DaemonSet pods are not watched. */
const settleInterval = 30 * second;

/**
 * How often the gates that need a query (alerts, pods, a webhook) are evaluated again before a start. Alerts
 * and webhooks send no event when they clear.
 */
export const gateRetryInterval = 15 * second;

/** When a hook is called next. The last call is at its time limit, and decides. */
export function hookDueAt({ since, until, askedAt }: HookRun): Instant {
  if (askedAt === undefined) return toInstant(since);
  const next = toInstant(askedAt) + gateRetryInterval;
  return toInstant(askedAt) < toInstant(until) ? Math.min(next, toInstant(until)) : next;
}

function hookCallAt(state: RebootState, now: Instant): Instant | undefined {
  const asked = pendingHook(state);
  return asked && Math.max(now, hookDueAt(asked.run));
}

/**
 * Some conditions of the proof are not watched (the DaemonSet pods), so they are checked often at first and
 * less often with time.
 */
const proofInterval = (waited: Millis): Millis =>
  exponential(proofIntervals, 1 + Math.floor(Math.log2(Math.max(1, waited / 8 / second))));

const proofIntervals = { first: second, most: reconcileInterval, factor: 2 };

/**
 * The next multiple of `every` after `since`. Every caller in the same interval gets the same time. Otherwise
 * each event that wakes a Reboot would start its own chain of wake-ups.
 */
function nextTick(since: Instant, now: Instant, every: Millis): Instant {
  const passed = Math.max(0, now - since);
  return now - passed + (Math.floor(passed / every) + 1) * every;
}

/** When the Reboot has to be reconciled next without an event; undefined when only an event can change it. */
export const wakeAt = (reboot: Reboot, pool: ReminderRules, now: Instant): Instant | undefined =>
  earliest(stateWakeAt(reboot, pool, now), rebootReminder(reboot, pool, now).next);

function stateWakeAt(reboot: Reboot, pool: RebootRules, now: Instant): Instant | undefined {
  const { state } = reboot;
  switch (state.phase) {
    case 'Pending': {
      const automatic = automaticApproval(reboot, pool, now);
      return automatic === undefined ? undefined : Math.max(automatic.at, now);
    }
    case 'Snoozed':
      return toInstant(state.until);
    case 'Approved':
      return earliest(expiresAt(state, pool), approvedWakeAt(state, pool, now));
    case 'Draining': {
      const over = toInstant(state.deadline) + minute + 1;
      const wait = waitOf(state);
      const waited = wait ? toInstant(wait.until) : Number.POSITIVE_INFINITY;
      const since = toInstant(state.since);
      const next = Math.min(
        nextTick(since, now, reconcileInterval),
        windowCloseAt(pool, now),
        waited,
        hookCallAt(state, now) ?? Number.POSITIVE_INFINITY,
        turnGivenUpAt(state, pool, now),
      );
      // A forced drain may outlast its deadline, which schedules no further wake-up once it has passed.
      return over > now ? Math.min(over, next) : next;
    }
    case 'Rebooting':
      return Math.min(toInstant(state.deadline), nextTick(toInstant(state.since), now, reconcileInterval));
    case 'Settling': {
      const since = toInstant(state.since);
      if (state.healthySince === undefined)
        return Math.min(toInstant(state.deadline), nextTick(since, now, proofInterval(now - since)));
      const next = hookCallAt(state, now) ?? toInstant(state.healthySince) + pool.settleTime;
      return Math.max(now, Math.min(next, nextTick(since, now, settleInterval)));
    }
    case 'Denied':
      return askAgainAt(state, pool);
    case 'Undoing':
    case 'Succeeded':
    case 'Failed':
    case 'GivenUp':
    case 'Cancelled':
    case 'Superseded':
      return cleanUpWakeAt(reboot.cleanup, now);
  }
}

function approvedWakeAt(state: Approved, pool: PoolPolicy, now: Instant): Instant | undefined {
  const check = gateCheck(state);
  return check && gateRetryAt(toInstant(check.at), state.jobs, pool, now);
}

const earliest = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/** For a clean-up that waits for its node to go down: nothing is sent when the agent reports otherwise. */
function cleanUpWakeAt(cleanup: CleanUp | undefined, now: Instant): Instant | undefined {
  const goesDown = isOwed(cleanup) ? cleanup?.goesDown : undefined;
  if (goesDown === undefined) return undefined;
  const until = toInstant(goesDown.until);
  const next = nextTick(toInstant(goesDown.since), now, reconcileInterval);
  return until > now ? Math.min(until, next) : next;
}

/** When a window of the pool opens or closes next: no event announces that. */
export function nextWindowEdge(pool: PoolPolicy, now: Instant): Instant | undefined {
  const opening = nextOpening(pool, now);
  return opening && (opening.opens > now ? opening.opens : opening.closes);
}

/** When the window closes, for a drain that is undone at that time. */
function windowCloseAt(pool: PoolPolicy, now: Instant): Instant {
  const opening = pool.whenWindowCloses === 'undo' ? nextOpening(pool, now) : undefined;
  return opening && opening.opens <= now ? opening.closes : Number.POSITIVE_INFINITY;
}

/** Also wakes at the end of the wait for Jobs. */
function gateRetryAt(checkedAt: Instant, jobs: Approved['jobs'], pool: PoolPolicy, now: Instant): Instant {
  const next = nextTick(checkedAt, now, gateRetryInterval);
  const over = jobs?.since === undefined ? now : jobsWaitEnds(jobs, pool, now);
  return over > now ? Math.min(over, next) : next;
}

/** When a stuck drain may give up its turn. */
function turnGivenUpAt(state: Draining, { giveUpTurnAfter }: PoolPolicy, now: Instant): Instant {
  const since = giveUpTurnAfter > 0 ? stuckSince(state) : undefined;
  const at = (since ?? 0) + giveUpTurnAfter;
  return since !== undefined && at > now ? at : Number.POSITIVE_INFINITY;
}
