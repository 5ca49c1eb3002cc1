/** A drain that is undone without anybody cancelling it: the node goes back to work, and the Reboot waits for its start again. */
import type { PoolPolicy } from '../policy.ts';
import type { Cancelled, In, PutBackWhy, Reboot } from '../reboot.ts';
import { isIn } from '../reboot.ts';
import { type Instant, inWords, toTimestamp } from '../time.ts';
import { hasWindows, isOpen } from '../windows.ts';
import { tooLate } from '../words.ts';
import { type Context, enter, rejected, remember, type Step } from './events.ts';

const reasons: Readonly<Record<PutBackWhy, (pool: PoolPolicy) => string>> = {
  'window-closed': () => 'Its window closed before it was drained.',
  stuck: ({ giveUpTurnAfter }) =>
    `Its drain was stuck for ${inWords(giveUpTurnAfter)}, and others waited for its turn.`,
};

/** Only before the order: after it there is nothing to undo. What a person has forced goes on. */
export function putBack(reboot: Reboot, why: PutBackWhy, { pool, now }: Context): Step {
  if (!isIn(reboot, 'Draining') || reboot.state.force !== undefined)
    return rejected('not-possible-now', tooLate(reboot));
  const by = { kind: 'rule', pool: reboot.pool } as const;
  const reason = reasons[why](pool);
  const state: Cancelled = {
    phase: 'Cancelled',
    since: toTimestamp(now),
    by,
    reason,
    from: 'Draining',
    tidied: false,
    again: { decision: reboot.state.decision, why },
  };
  return enter(reboot, state, { history: remember(reboot, { what: 'put-back', by, reason }, now) });
}

/** Uncordoned and without its turn: it waits like before, by the same decision. */
export function waitAgain(
  reboot: In<'Cancelled'>,
  { decision, why }: NonNullable<Cancelled['again']>,
  { now }: Context,
): Step {
  const at = toTimestamp(now);
  return enter(reboot, { phase: 'Approved', since: at, decision, putBack: { at, why } });
}

/** Whether its window has closed on a drain that was to end inside it. */
export const isOutlasted = ({ state }: In<'Draining'>, pool: PoolPolicy, now: Instant): boolean =>
  pool.whenWindowCloses === 'undo' &&
  state.force === undefined &&
  (state.decision.mode === 'window' || !pool.approveNowOutsideWindow) &&
  hasWindows(pool) &&
  !isOpen(pool, now);
