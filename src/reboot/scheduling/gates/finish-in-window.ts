import type { Blocker } from '../blockers/blockers.ts';
import { type In, isIn } from '../../state/reboot.ts';
import { type Instant, inWords, type Millis } from '../../time/time.ts';
import { nextOpening } from '../../windows/openings.ts';
import { openingLabel } from '../../windows/labels.ts';
import type { Situation } from '../snapshot/snapshot.ts';

/** How many of a pool's last reboots are used to predict the duration of the next. */
const sampleSize = 10;

/**
 * The longest of the pool's last reboots, in milliseconds from the start of the drain to the uncordon;
 * undefined while there was none.
 */
function longestRecent({ known, pool }: Situation): Millis | undefined {
  const durations = (known.endedIn.get(pool.name) ?? [])
    .flatMap(({ reboot }) => (isIn(reboot, 'Succeeded') ? [reboot.state.took.total] : []))
    .slice(0, sampleSize);
  return durations.length === 0 ? undefined : Math.max(...durations);
}

/**
 * The latest start, a quarter into the opening, for a reboot that is expected to take longer than the window.
 * Without it, one slow reboot would block the pool for good.
 */
const latestStartIn = ({ opens, closes }: { readonly opens: Instant; readonly closes: Instant }): Instant =>
  opens + (closes - opens) / 4;

/**
 * Blocks a start in the window when the pool's past reboots suggest that it would not finish before the
 * window closes.
 */
export function wouldNotFinish(
  reboot: In<'Approved'>,
  situation: Situation,
): Blocker<'would-not-finish'> | undefined {
  const { pool, now } = situation;
  const waits = reboot.state.decision.mode === 'window' || !pool.approveNowOutsideWindow;
  if (!pool.finishInWindow || !waits) return undefined;
  const opening = nextOpening(pool, now);
  const expected = longestRecent(situation);
  if (opening === undefined || opening.opens > now || expected === undefined) return undefined;
  const fits = expected <= opening.closes - opening.opens;
  if (now <= (fits ? opening.closes - expected : latestStartIn(opening))) return undefined;
  const next = nextOpening(pool, opening.closes);
  return {
    code: 'would-not-finish',
    sentence: fits
      ? `The window closes before it would be done: the last reboots of pool ${pool.name} took up to ${inWords(expected)}.`
      : `The last reboots of pool ${pool.name} took up to ${inWords(expected)}, longer than the window: it starts in the first quarter of one, or not.`,
    clears: next
      ? `It starts in the next window, ${openingLabel(next)}, or when somebody approves it for now.`
      : 'Approve it for now, or widen the window.',
    ...(next ? { until: next.opens } : {}),
  };
}
