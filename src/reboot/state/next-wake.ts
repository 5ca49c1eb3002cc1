import { automaticApproval } from '../scheduling/automatic-approval.ts';
import { expiresAt } from './expiry.ts';
import type { HookRun } from './hook-facts.ts';
import { pendingHook, waitOf } from './hook-waits.ts';
import { jobsWaitEnds } from './jobs-wait.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Approved, Draining, Reboot, RebootState } from './reboot.ts';
import type { CleanUp } from './clean-up.ts';
import { stuckSince } from './stuck.ts';
import { type Instant, type Millis, minute, second, toInstant } from '../ports/time.ts';
import { nextOpening } from '../windows/openings.ts';

/** How old a dry-run of the drain may get while a card waits for a decision. */
export const impactTtl = 5 * minute;

/**
 * How often a node that is out of service is looked at even if nothing is heard: a watch may have missed
 * something.
 */
const look = 15 * second;

/**
 * How often the outside is asked again whether a node may start: alerts and webhooks tell nobody when they
 * clear.
 */
export const askAgain = 15 * second;

/** When a hook is asked next: once more when its time is over, which decides. */
export function hookDueAt({ since, until, askedAt }: HookRun): Instant {
  if (askedAt === undefined) return toInstant(since);
  const next = toInstant(askedAt) + askAgain;
  return toInstant(askedAt) < toInstant(until) ? Math.min(next, toInstant(until)) : next;
}

function asksHookAt(state: RebootState, now: Instant): Instant | undefined {
  const asked = pendingHook(state);
  return asked && Math.max(now, hookDueAt(asked.run));
}

/**
 * What a booted node lacks is partly not watched (its DaemonSet pods), so it is looked at often at first and
 * rarer with time.
 */
const lookAtProof = (waited: Millis): Millis =>
  Math.min(look, second * 2 ** Math.floor(Math.log2(Math.max(1, waited / 8 / second))));

/**
 * The next of the times, `every` so often since `since`, at which to look again. Whoever asks in between is
 * told the same time, so that the many things that wake a Reboot do not each leave a chain of wake-ups of
 * their own behind.
 */
function nextLook(since: Instant, now: Instant, every: Millis): Instant {
  const passed = Math.max(0, now - since);
  return now - passed + (Math.floor(passed / every) + 1) * every;
}

/**
 * When the Reboot wants its next step, if nothing happens before; undefined when only an event can move it.
 */
export function wakeAt(reboot: Reboot, pool: PoolPolicy, now: Instant): Instant | undefined {
  const { state } = reboot;
  switch (state.phase) {
    case 'Pending': {
      const automatic = automaticApproval(reboot, pool, now);
      return automatic === undefined ? undefined : Math.max(automatic.at, now);
    }
    case 'Snoozed':
      return toInstant(state.until);
    case 'Approved':
      return earliest(expiresAt(state, pool), waitsUntil(state, pool, now));
    case 'Draining': {
      const over = toInstant(state.deadline) + minute + 1;
      const wait = waitOf(state);
      const waited = wait ? toInstant(wait.until) : Number.POSITIVE_INFINITY;
      const since = toInstant(state.since);
      const next = Math.min(
        nextLook(since, now, look),
        closesAt(pool, now),
        waited,
        asksHookAt(state, now) ?? Number.POSITIVE_INFINITY,
        givesUpAt(state, pool, now),
      );
      // A drain by force outlasts its deadline, which then wakes nobody any more.
      return over > now ? Math.min(over, next) : next;
    }
    case 'Rebooting':
      return Math.min(toInstant(state.deadline), nextLook(toInstant(state.since), now, look));
    case 'Settling': {
      const since = toInstant(state.since);
      if (state.healthySince === undefined)
        return Math.min(toInstant(state.deadline), nextLook(since, now, lookAtProof(now - since)));
      const next = asksHookAt(state, now) ?? toInstant(state.healthySince) + pool.settleTime;
      return Math.max(now, Math.min(next, nextLook(since, now, look)));
    }
    case 'Denied':
      return undefined;
    case 'Undoing':
    case 'Succeeded':
    case 'Failed':
    case 'Cancelled':
    case 'Superseded':
      return tidies(state, now);
  }
}

function waitsUntil(state: Approved, pool: PoolPolicy, now: Instant): Instant | undefined {
  if (state.held) return asksAgain(toInstant(state.held.at), state.jobs, pool, now);
  return state.decision.mode === 'window' || !pool.approveNowOutsideWindow
    ? opensOrCloses(pool, now)
    : undefined;
}

const earliest = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/** Of an end that waits for its node to go down: the agent may say otherwise without a word to us. */
function tidies({ tidied = false, goesDown }: Partial<CleanUp>, now: Instant): Instant | undefined {
  if (tidied || goesDown === undefined) return undefined;
  const until = toInstant(goesDown.until);
  const next = nextLook(toInstant(goesDown.since), now, look);
  return until > now ? Math.min(until, next) : next;
}

/**
 * Whoever has found no turn by the time at which the window closes waits for the next one from then on, and
 * nothing else would say so.
 */
function opensOrCloses(pool: PoolPolicy, now: Instant): Instant | undefined {
  const opening = nextOpening(pool, now);
  return opening && (opening.opens > now ? opening.opens : opening.closes);
}

/** When the window closes on a drain that is undone then. */
function closesAt(pool: PoolPolicy, now: Instant): Instant {
  const opening = pool.whenWindowCloses === 'undo' ? nextOpening(pool, now) : undefined;
  return opening && opening.opens <= now ? opening.closes : Number.POSITIVE_INFINITY;
}

/** Whoever waits for Jobs is asked about at the end of that wait as well. */
function asksAgain(heldAt: Instant, jobs: Approved['jobs'], pool: PoolPolicy, now: Instant): Instant {
  const next = nextLook(heldAt, now, askAgain);
  const over = jobs?.since === undefined ? now : jobsWaitEnds(jobs, pool, now);
  return over > now ? Math.min(over, next) : next;
}

/** When a drain that is stuck may give up its turn. */
function givesUpAt(state: Draining, { giveUpTurnAfter }: PoolPolicy, now: Instant): Instant {
  const since = giveUpTurnAfter > 0 ? stuckSince(state) : undefined;
  const at = (since ?? 0) + giveUpTurnAfter;
  return since !== undefined && at > now ? at : Number.POSITIVE_INFINITY;
}
