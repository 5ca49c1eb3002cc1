/** The clean-up after the end of a Reboot. */
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { toInstant, toTimestamp } from '../ports/time.ts';
import { tooLate } from '../words/words.ts';
import { type Context, enter, rejected, type RebootEvent, remember, type Step, unchanged } from './events.ts';
import { waitAgain } from './undo.ts';

type Ended = In<'Succeeded' | 'Failed' | 'Cancelled' | 'Superseded'>;

const isEnded = (reboot: Reboot): reboot is Ended =>
  isIn(reboot, 'Succeeded', 'Failed', 'Cancelled', 'Superseded');

/** An undone drain needs the same clean-up as an ended Reboot. */
const isCleaningUp = (reboot: Reboot): reboot is Ended | In<'Undoing'> =>
  isIn(reboot, 'Undoing') || (isEnded(reboot) && !reboot.state.tidied);

/** The clean-up is complete. */
export function tidied(
  reboot: Reboot,
  { staysCordoned }: Extract<RebootEvent, { type: 'tidied' }>,
  context: Context,
): Step {
  if (isIn(reboot, 'Undoing')) {
    const cordon = staysCordoned === undefined ? {} : { cordon: 'other' as const };
    return waitAgain({ ...reboot, state: { ...reboot.state, ...cordon } }, context);
  }
  if (!isEnded(reboot)) return rejected('not-possible-now', tooLate(reboot));
  if (reboot.state.tidied) return unchanged(reboot);
  const { goesDown: _over, ...state } = reboot.state;
  return enter(reboot, { ...state, tidied: true, ...(staysCordoned === undefined ? {} : { staysCordoned }) });
}

/**
 * A boot that the agent has announced gets the same time as an ordered one (`rebootTimeout`). After that a
 * person decides.
 */
export function goesDown(reboot: Reboot, { pool, now }: Context): Step {
  if (!isCleaningUp(reboot)) return rejected('not-possible-now', tooLate(reboot));
  const { goesDown: known } = reboot.state;
  if (known === undefined) {
    const until = toTimestamp(now + pool.rebootTimeout);
    return enter(reboot, {
      ...reboot.state,
      goesDown: { since: toTimestamp(now), until, overdue: false },
    });
  }
  if (known.overdue || now < toInstant(known.until)) return unchanged(reboot);
  return enter(reboot, { ...reboot.state, goesDown: { ...known, overdue: true } });
}

/**
 * Skip while a clean-up waits for an announced boot: the node stays cordoned, because its host may still shut
 * down, and the turn is released. Undefined where no such wait is overdue.
 */
export function skipGoingDown(
  reboot: Reboot,
  { by }: Extract<RebootEvent, { type: 'skipped' }>,
  { now }: Context,
): Step | undefined {
  if (!isCleaningUp(reboot) || reboot.state.goesDown?.overdue !== true) return undefined;
  const history = remember(reboot, { what: 'skipped', by }, now);
  if (isIn(reboot, 'Undoing')) {
    const given = { since: toTimestamp(now), by, from: 'Undoing', tidied: false } as const;
    return enter(reboot, { phase: 'Cancelled', ...given, staysCordoned: 'goes-down' }, { history });
  }
  const { goesDown: _over, ...state } = reboot.state;
  return enter(reboot, { ...state, staysCordoned: 'goes-down' }, { history });
}
