/**
 * The state machine, pure and total. Every event has a result in every phase. Late or impossible events
 * return a rejection with a sentence for the person, never an exception.
 */
import { type In, type Reboot, isIn } from '../state/reboot.ts';
import { toTimestamp } from '../time/time.ts';
import { tooLate } from '../words/words.ts';
import { force, retry, skip } from './end/after-failure.ts';
import { assessed } from './decisions/assessed.ts';
import { approve, askAgain, cancel, deny, requestReboot, snooze } from './decisions/decide.ts';
import { deleted } from './end/deleted.ts';
import { demandNotMet } from './events/decision-event.ts';
import { type Context, enter, rejected, type RebootEvent, type Step, unchanged } from './events/events.ts';
import { cordoned, drained, progressed } from './run/drained.ts';
import { hookAnswered, hookLost } from './run/hook.ts';
import { moved } from './decisions/moved.ts';
import { reminded } from './decisions/reminded.ts';
import { observe } from './run/observe.ts';
import { endCleanUp, hostGoesDown } from './end/cleaned-up.ts';
import { blockersCleared, drainFailed, undoDrain } from './run/undo.ts';
import { silenceFailed } from './end/silence-failed.ts';
import { accept, withoutNotes } from './decisions/accept-workloads.ts';
import { blocked } from './decisions/blocked.ts';

export function transition(reboot: Reboot, event: RebootEvent, context: Context): Step {
  const step = stepFor(reboot, event, context);
  // After it is known to be possible: who comes too late is not asked for a ticket first.
  const unmet = step.ok ? demandNotMet(event, context) : undefined;
  if (unmet) return { ok: false, rejection: unmet };
  return step.ok && 'many' in event && event.many !== undefined
    ? { ok: true, reboot: withMany(step.reboot, reboot, event.many) }
    : step;
}

/** Notes in the history which decision for many it is part of: it is not applied twice then. */
function withMany(after: Reboot, before: Reboot, many: string): Reboot {
  const known = new Set(before.history);
  const history = after.history.map((entry) =>
    entry.what === 'entered' || known.has(entry) ? entry : { ...entry, many },
  );
  return { ...after, history };
}

function stepFor(reboot: Reboot, event: RebootEvent, context: Context): Step {
  switch (event.type) {
    case 'approved':
      return approve(reboot, event, context);
    case 'snoozed':
      return snooze(reboot, event, context);
    case 'denied':
      return deny(reboot, event, context);
    case 'asked-again':
      return askAgain(reboot, event, context);
    case 'requested':
      return requestReboot(reboot, event, context);
    case 'cancelled':
      return cancel(reboot, event, context);
    case 'retried':
      return retry(reboot, event, context);
    case 'skipped':
      return skip(reboot, event, context);
    case 'forced':
      return force(reboot, event, context);
    case 'observed':
      return observe(reboot, event, context);
    case 'moved':
      return moved(reboot, event, context);
    case 'assessed':
      return assessed(reboot, event.impact);
    case 'blocked':
      return blocked(reboot, event, context);
    case 'cleared':
      return blockersCleared(reboot, event.seenAt, context);
    case 'accepted':
      return accept(reboot, event, context);
    case 'turn-taken':
      return start(reboot, context);
    case 'undone':
      return undoDrain(reboot, event.why, context);
    case 'cordoned':
      return inDrain(reboot, (state) => cordoned(reboot, state, event, context));
    case 'drain-progressed':
      return inDrain(reboot, (state) => progressed(reboot, state, event));
    case 'drained':
      return inDrain(reboot, (state) => drained(reboot, state, event, context));
    case 'drain-failed':
      return inDrain(reboot, (state) => drainFailed({ ...reboot, state }, event, context));
    case 'hook-answered':
      return hookAnswered(reboot, event, context);
    case 'reminded':
      return reminded(reboot, context);
    case 'silence-failed':
      return silenceFailed(reboot, event.problem, context);
    case 'hook-lost':
      return hookLost(reboot, context);
    case 'deleted':
      return deleted(reboot, event, context);
    case 'goes-down':
      return hostGoesDown(reboot, context);
    case 'cleaned-up':
      return endCleanUp(reboot, event, context);
  }
}

function start(reboot: Reboot, { pool, now }: Context): Step {
  if (isIn(reboot, 'Draining')) return unchanged(reboot);
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  const { decision, force, retry } = reboot.state;
  return enter(withoutNotes(reboot), {
    phase: 'Draining',
    since: toTimestamp(now),
    deadline: toTimestamp(now + pool.drain.timeout),
    decision,
    ...(force === undefined ? {} : { force }),
    ...(retry === undefined ? {} : { undone: retry.times }),
  });
}

function inDrain(reboot: Reboot, then: (state: In<'Draining'>['state']) => Step): Step {
  return isIn(reboot, 'Draining') ? then(reboot.state) : rejected('too-late', tooLate(reboot));
}
