import type { Blocker } from '../blockers.ts';
import { type In, isIn } from '../../state/reboot.ts';
import { type Instant, inWords, type Millis } from '../../ports/time.ts';
import { nextOpening } from '../../windows/openings.ts';
import { openingLabel } from '../../windows/labels.ts';
import type { Situation } from '../snapshot.ts';

/** So many of a pool's last reboots say how long the next will take. */
const remembered = 10;

/**
 * The longest of the pool's last reboots, from the start of the drain to the uncordon; undefined while there
 * was none.
 */
function longestLately({ known, pool }: Situation): Millis | undefined {
  const lately = (known.endedIn.get(pool.name) ?? [])
    .flatMap(({ reboot }) => (isIn(reboot, 'Succeeded') ? [reboot.state.took.total] : []))
    .slice(0, remembered);
  return lately.length === 0 ? undefined : Math.max(...lately);
}

/**
 * What fits into no window would otherwise never start again: one slow reboot would stop the pool for good.
 * At least it is begun early in one.
 */
const earlyIn = ({ opens, closes }: { readonly opens: Instant; readonly closes: Instant }): Instant =>
  opens + (closes - opens) / 4;

/** What is meant for the window is not begun when, by the pool's own past, it would outlast it. */
export function wouldNotFinish(reboot: In<'Approved'>, situation: Situation): Blocker | undefined {
  const { pool, now } = situation;
  const waits = reboot.state.decision.mode === 'window' || !pool.approveNowOutsideWindow;
  if (!pool.finishInWindow || !waits) return undefined;
  const opening = nextOpening(pool, now);
  const needs = longestLately(situation);
  if (opening === undefined || opening.opens > now || needs === undefined) return undefined;
  const fits = needs <= opening.closes - opening.opens;
  if (now <= (fits ? opening.closes - needs : earlyIn(opening))) return undefined;
  const next = nextOpening(pool, opening.closes);
  return {
    code: 'would-not-finish',
    sentence: fits
      ? `The window closes before it would be done: the last reboots of pool ${pool.name} took up to ${inWords(needs)}.`
      : `The last reboots of pool ${pool.name} took up to ${inWords(needs)}, longer than the window: it starts in the first quarter of one, or not.`,
    clears: next
      ? `It starts in the next window, ${openingLabel(next)}, or when somebody approves it for now.`
      : 'Approve it for now, or widen the window.',
    ...(next ? { until: next.opens } : {}),
  };
}
