/**
 * A drain that is undone without a cancellation: the node is restored, and the Reboot waits for its next try.
 */
import type { PoolPolicy } from '../../policy/policy.ts';
import { type Draining, type FailureCode, type In, type Reboot, isIn } from '../../state/reboot.ts';
import type { UndoReason } from '../../state/undo-facts.ts';
import { type Instant, toInstant, toTimestamp } from '../../time/time.ts';
import { gateCheck } from '../../state/stored-blockers.ts';
import { retryOf, undoneSentence, undoOf } from '../../deadlines/retry.ts';
import { hasWindows } from '../../windows/schedule.ts';
import { isOpenAt } from '../../windows/openings.ts';
import { tooLate } from '../../words/words.ts';
import { type Context, enter, rejected, remember, type Step, unchanged } from '../events/events.ts';

/** Only possible before the order. A forced drain is not undone. */
export function undoDrain(reboot: Reboot, why: UndoReason, context: Context): Step {
  if (!isIn(reboot, 'Draining') || reboot.state.force !== undefined)
    return rejected('not-possible-now', tooLate(reboot));
  return enterUndoing(reboot, { why }, context);
}

function enterUndoing(
  reboot: Reboot & { readonly state: Draining },
  undone: { readonly why: UndoReason; readonly sentence?: string },
  context: Context,
): Step {
  const { decision, cordon } = reboot.state;
  return enter(reboot, {
    phase: 'Undoing',
    since: toTimestamp(context.now),
    decision,
    ...(cordon === undefined ? {} : { cordon }),
    undo: undoOf(reboot.state, undone, context),
  });
}

type DrainFailure = Extract<FailureCode, `drain-${string}`>;

const reasons: Readonly<Record<DrainFailure, UndoReason>> = {
  'drain-timeout': 'timeout',
  'drain-refused': 'refused',
  'drain-error': 'error',
};

const isDrainFailure = (code: FailureCode): code is DrainFailure => Object.hasOwn(reasons, code);

/**
 * A failed drain is undone, unless the pool has `onTimeout: fail`. After a manual uncordon the Reboot fails
 * instead, because a person has to decide.
 */
export function drainFailed(
  reboot: Reboot & { readonly state: Draining },
  { code, sentence }: { readonly code: FailureCode; readonly sentence: string },
  context: Context,
): Step {
  if (context.pool.drain.onTimeout !== 'fail' && isDrainFailure(code))
    return enterUndoing(reboot, { why: reasons[code], sentence }, context);
  return enter(reboot, {
    phase: 'Failed',
    since: toTimestamp(context.now),
    code,
    sentence,
    from: reboot.state,
  });
}

/** The clean-up is complete. The Reboot waits for its next try, with the same decision. */
export function waitAgain(reboot: In<'Undoing'>, { pool, now }: Context): Step {
  const { decision, cordon, undo: undone } = reboot.state;
  const retry = retryOf(undone, pool.drain, now);
  const reason = undoneSentence(reboot.node.name, { cordon, retry }, pool.drain);
  return enter(
    reboot,
    { phase: 'Approved', since: retry.at, decision, retry },
    { history: remember(reboot, { what: 'undone', reason }, now) },
  );
}

/** What blocked the start was gone at `seenAt`: its gates are evaluated again, and a back-off ends. */
export function blockersCleared(reboot: Reboot, seenAt: Instant, { now }: Context): Step {
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  const { retry, blockers } = reboot.state;
  const check = gateCheck(reboot.state);
  const at = toTimestamp(now);
  if (retry?.notBefore !== undefined && toInstant(retry.notBefore) > now && toInstant(retry.at) <= seenAt)
    return enter(reboot, { ...reboot.state, retry: { ...retry, notBefore: at } });
  if (blockers === undefined || check?.cleared !== undefined) return unchanged(reboot);
  if (check === undefined || toInstant(check.at) >= seenAt) return unchanged(reboot);
  const gone = blockers.map((each) => (each.source === 'gatekeeper' ? { ...each, cleared: at } : each));
  return enter(reboot, { ...reboot.state, blockers: gone });
}

/** Whether the window has closed for a drain that has to finish inside it. */
export const isOutlasted = ({ state }: In<'Draining'>, pool: PoolPolicy, now: Instant): boolean =>
  pool.whenWindowCloses === 'undo' &&
  state.force === undefined &&
  (state.decision.mode === 'window' || !pool.approveNowOutsideWindow) &&
  hasWindows(pool) &&
  !isOpenAt(pool, now);
