import type { Blocker } from '../scheduling/blockers.ts';
import { couldStartNow } from '../state/expiry.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Millis, minute, toInstant, toTimestamp } from '../ports/time.ts';
import { tooLate } from '../words/words.ts';
import { type Context, enter, rejected, type Step, unchanged } from './events.ts';

/**
 * Of a record that is read, not watched: where much is going on, not each change of mind is worth a write for
 * every node that waits.
 */
const rewrittenAfter = { otherReasons: minute, otherWords: 5 * minute };

/** For whoever reads the record, with kubectl say: what counts at a start is looked at anew. */
export function waits(reboot: Reboot, found: readonly Blocker[], { pool, now }: Context): Step {
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  const { waits: before, ...free } = reboot.state;
  const couldStart = couldStartNow(reboot, found, pool);
  const age = before === undefined ? Number.POSITIVE_INFINITY : now - toInstant(before.at);
  const least = before === undefined ? 0 : leastAge(before.blockers, found);
  // Where the definition of the custom resource is too old to keep the time, it is not written with each
  // look.
  if (age < (couldStart ? Math.min(least, rewrittenAfter.otherReasons) : least)) return unchanged(reboot);
  if (before === undefined && found.length === 0) return unchanged(reboot);
  const blockers = found.map(({ code, sentence, clears }) => ({ code, sentence, clears }));
  const decision = couldStart ? { ...free.decision, couldStart: toTimestamp(now) } : free.decision;
  return enter(reboot, {
    ...free,
    decision,
    ...(blockers.length === 0 ? {} : { waits: { at: toTimestamp(now), blockers } }),
  });
}

/**
 * How old what is written has to be, to be written anew: which nodes have the turns changes with every
 * reboot.
 */
function leastAge(before: readonly Blocker[], found: readonly Blocker[]): Millis {
  const same = (of: (blocker: Blocker) => string): boolean =>
    before.map(of).join('\n') === found.map(of).join('\n');
  if (!same(({ code }) => code)) return rewrittenAfter.otherReasons;
  return same(({ sentence }) => sentence) ? Number.POSITIVE_INFINITY : rewrittenAfter.otherWords;
}
