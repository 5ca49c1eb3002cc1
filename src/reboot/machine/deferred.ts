import type { Blocker } from '../scheduling/blockers.ts';
import { couldStartNow } from '../state/expiry.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Millis, minute, toInstant, toTimestamp } from '../ports/time.ts';
import { tooLate } from '../words/words.ts';
import { type Context, enter, rejected, type Step, unchanged } from './events.ts';

/**
 * Minimum age of stored blockers before they are replaced. They are for reading only, and a write for each
 * change and each waiting node would be too many.
 */
const minimumAge = { codesChanged: minute, sentencesChanged: 5 * minute };

/**
 * Stores the blockers for people who read the object, with kubectl for example. A start evaluates them anew.
 */
export function waits(reboot: Reboot, found: readonly Blocker[], { pool, now }: Context): Step {
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  const { waits: before, ...free } = reboot.state;
  const couldStart = couldStartNow(reboot, found, pool);
  const age = before === undefined ? Number.POSITIVE_INFINITY : now - toInstant(before.at);
  const ageNeeded = before === undefined ? 0 : minimumAgeOf(before.blockers, found);
  // A custom resource definition of an earlier version drops `couldStart`. Without a minimum age it would be
  // written at every reconcile.
  if (age < (couldStart ? Math.min(ageNeeded, minimumAge.codesChanged) : ageNeeded)) return unchanged(reboot);
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
 * How old the stored blockers must be to be replaced. Sentences change with every reboot, because they name
 * the nodes that hold the turns.
 */
function minimumAgeOf(before: readonly Blocker[], found: readonly Blocker[]): Millis {
  const same = (of: (blocker: Blocker) => string): boolean =>
    before.map(of).join('\n') === found.map(of).join('\n');
  if (!same(({ code }) => code)) return minimumAge.codesChanged;
  return same(({ sentence }) => sentence) ? Number.POSITIVE_INFINITY : minimumAge.sentencesChanged;
}
