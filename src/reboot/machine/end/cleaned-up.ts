/** The clean-up after the end of a Reboot. */
import { beginsCleanUp, owesCleanUp } from '../../state/clean-up.ts';
import { isIn, type Reboot } from '../../state/reboot.ts';
import { toInstant, toTimestamp } from '../../time/time.ts';
import { tooLate } from '../../words/words.ts';
import {
  changed,
  type Context,
  enter,
  rejected,
  type RebootEvent,
  remember,
  type Step,
  unchanged,
} from '../events/events.ts';
import { becauseOf } from '../events/decision-event.ts';
import { waitAgain } from '../run/undo.ts';

/** The clean-up is complete. */
export function endCleanUp(
  reboot: Reboot,
  { staysCordoned }: Extract<RebootEvent, { type: 'cleaned-up' }>,
  context: Context,
): Step {
  if (isIn(reboot, 'Undoing')) {
    const cordon = staysCordoned === undefined ? {} : { cordon: 'other' as const };
    return waitAgain({ ...reboot, state: { ...reboot.state, ...cordon } }, context);
  }
  if (!beginsCleanUp(reboot.state.phase)) return rejected('not-possible-now', tooLate(reboot));
  if (reboot.cleanup === undefined || !owesCleanUp(reboot)) return unchanged(reboot);
  const { goesDown: _over, ...cleanup } = reboot.cleanup;
  const ended = { ...cleanup, endedAt: toTimestamp(context.now) };
  return changed(reboot, {
    cleanup: { ...ended, ...(staysCordoned === undefined ? {} : { staysCordoned }) },
  });
}

/**
 * A boot that the agent has announced gets the same time as an ordered one (`rebootTimeout`). After that a
 * person decides.
 */
export function hostGoesDown(reboot: Reboot, { pool, now }: Context): Step {
  const { cleanup } = reboot;
  if (cleanup === undefined || !owesCleanUp(reboot)) return rejected('not-possible-now', tooLate(reboot));
  const { goesDown: known } = cleanup;
  if (known === undefined) {
    const until = toTimestamp(now + pool.rebootTimeout);
    return changed(reboot, {
      cleanup: { ...cleanup, goesDown: { since: toTimestamp(now), until, overdue: false } },
    });
  }
  if (known.overdue || now < toInstant(known.until)) return unchanged(reboot);
  return changed(reboot, { cleanup: { ...cleanup, goesDown: { ...known, overdue: true } } });
}

/**
 * Skip while a clean-up waits for an announced boot: the node stays cordoned, because its host may still shut
 * down, and the turn is released. Undefined where no such wait is overdue.
 */
export function skipGoingDown(
  reboot: Reboot,
  { by, ...event }: Extract<RebootEvent, { type: 'skipped' }>,
  { now }: Context,
): Step | undefined {
  if (!owesCleanUp(reboot) || reboot.cleanup?.goesDown?.overdue !== true) return undefined;
  const history = remember(reboot, { what: 'skipped', by, ...becauseOf(event) }, now);
  const since = toTimestamp(now);
  if (isIn(reboot, 'Undoing')) {
    const cleanup = { since, staysCordoned: 'goes-down' } as const;
    return enter(reboot, { phase: 'Cancelled', since, by, from: 'Undoing' }, { history, cleanup });
  }
  const { goesDown: _over, ...cleanup } = reboot.cleanup;
  return changed(reboot, { cleanup: { ...cleanup, staysCordoned: 'goes-down' }, history });
}
