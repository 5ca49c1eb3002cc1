/**
 * The state machine, pure and total. Every event has a result in every phase. Late or impossible events
 * return a rejection with a sentence for the person, never an exception.
 */
import type { Blocker } from '../scheduling/blockers.ts';
import type { In, Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { jobsWaited } from '../state/jobs-wait.ts';
import { toTimestamp } from '../ports/time.ts';
import { tooLate } from '../words/words.ts';
import { force, retry, skip } from './after-failure.ts';
import { assessed } from './assessed.ts';
import { approve, askAgain, cancel, deny, request, snooze } from './decide.ts';
import { deleted } from './deleted.ts';
import { type Context, enter, rejected, type RebootEvent, type Step, unchanged } from './events.ts';
import { cordoned, drained, progressed } from './drained.ts';
import { hookAnswered, hookLost } from './hook.ts';
import { moved } from './moved.ts';
import { observe } from './observe.ts';
import { goesDown, tidied } from './cleaned-up.ts';
import { cleared, drainFailed, undo } from './undo.ts';
import { silenceFailed } from './silence-failed.ts';
import { accept, withoutNotes } from './accept-workloads.ts';
import { waits } from './deferred.ts';

export function transition(reboot: Reboot, event: RebootEvent, context: Context): Step {
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
      return request(reboot, event, context);
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
    case 'held':
      return held(reboot, event.blockers, context);
    case 'cleared':
      return cleared(reboot, event.seenAt, context);
    case 'waits':
      return waits(reboot, event.blockers, context);
    case 'accepted':
      return accept(reboot, event, context);
    case 'turn-taken':
      return start(reboot, context);
    case 'undone':
      return undo(reboot, event.why, context);
    case 'cordoned':
      return inDrain(reboot, (state) => cordoned(reboot, state, event, context));
    case 'drain-progressed':
      return inDrain(reboot, (state) => progressed(reboot, state, event.progress));
    case 'drained':
      return inDrain(reboot, (state) => drained(reboot, state, event.pods, context));
    case 'drain-failed':
      return inDrain(reboot, (state) => drainFailed({ ...reboot, state }, event, context));
    case 'hook-answered':
      return hookAnswered(reboot, event, context);
    case 'silence-failed':
      return silenceFailed(reboot, event.problem, context);
    case 'hook-lost':
      return hookLost(reboot, context);
    case 'deleted':
      return deleted(reboot, event, context);
    case 'goes-down':
      return goesDown(reboot, context);
    case 'tidied':
      return tidied(reboot, event, context);
  }
}

/** Stored only when the blockers have changed: a gate that stays closed causes no write. */
function held(reboot: Reboot, found: readonly Blocker[], { now }: Context): Step {
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  // The stored form of a blocker has no `until`.
  const blockers = found.map(({ code, sentence, clears }) => ({ code, sentence, clears }));
  const { held: before, jobs: waited, ...rest } = reboot.state;
  const same = sameBlockers(before?.blockers ?? [], blockers);
  if (same && before?.cleared === undefined) return unchanged(reboot);
  const jobs = jobsWaited(waited, blockers, now);
  const free = jobs === undefined ? rest : { ...rest, jobs };
  return enter(reboot, blockers.length === 0 ? free : { ...free, held: { at: toTimestamp(now), blockers } });
}

const sameBlockers = (one: readonly Blocker[], two: readonly Blocker[]): boolean =>
  one.length === two.length &&
  one.every(({ code, sentence }, nth) => code === two[nth]?.code && sentence === two[nth].sentence);

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
