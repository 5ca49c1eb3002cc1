import type { Blocker } from '../blockers/blockers.ts';
import type { PoolPolicy } from '../../policy/policy.ts';
import type { In } from '../../state/reboot.ts';
import type { Instant } from '../../time/time.ts';
import { hasWindows } from '../../windows/schedule.ts';
import { nextOpening } from '../../windows/openings.ts';
import { openingLabel } from '../../windows/labels.ts';
import { skippedBefore } from '../../windows/upcoming.ts';
import { whyNoneOpens } from '../../windows/notes.ts';
import { onceForTurns } from '../snapshot/once.ts';
import type { Situation } from '../snapshot/snapshot.ts';

export function outsideWindow(
  reboot: In<'Approved'>,
  situation: Situation,
): Blocker<'outside-window' | 'calendar-unread'> | undefined {
  const { pool, now } = situation;
  if (!hasWindows(pool)) return reboot.state.decision.mode === 'window' ? windowGone(pool.name) : undefined;
  // A decision "now" may have been taken while the window was open. Where the pool starts nothing outside its
  // windows, it waits for the next opening.
  if (reboot.state.decision.mode === 'now' && pool.approveNowOutsideWindow) return undefined;
  return onceForTurns(situation, `window ${pool.name}`, () => whileClosed(pool, now));
}

function whileClosed(
  pool: PoolPolicy,
  now: Instant,
): Blocker<'outside-window' | 'calendar-unread'> | undefined {
  const opening = nextOpening(pool, now);
  if (!opening) return noneOpens(pool, now);
  if (opening.opens <= now) return undefined;
  return {
    code: 'outside-window',
    sentence: `Its window opens ${openingLabel(opening, now)}.${skippedText(skippedBefore(pool, now))}`,
    clears: 'It starts when the window opens.',
    until: opening.opens,
  };
}

/** Names the excluded openings before the next one, for people who know the regular windows. */
function skippedText(skipped: readonly string[]): string {
  const [first] = skipped;
  if (first === undefined) return '';
  const more = skipped.length > 1 ? `, and ${skipped.length - 1} more` : '';
  return ` Not sooner: ${first}${more}.`;
}

function noneOpens(
  pool: PoolPolicy,
  now: Instant,
): Blocker<'outside-window' | 'calendar-unread'> | undefined {
  const why = whyNoneOpens(pool, now);
  const clears = {
    'calendar-unread': 'It goes on when the calendar can be read.',
    'outside-window': 'Approve it now, or change its windows, dates or calendars.',
  };
  return why && { ...why, clears: clears[why.code] };
}

/** A decision for a window must not start at any time only because the configuration has lost its windows. */
const windowGone = (pool: string): Blocker<'outside-window'> => ({
  code: 'outside-window',
  sentence: `It was approved for a window, and pool ${pool} has none any more.`,
  clears: 'Approve it for now, or give the pool a window.',
});
