/** Decisions of people after a failure, and about a stuck drain. */
import { owesCleanUp } from '../../state/clean-up.ts';
import {
  type Active,
  type Approved,
  type Draining,
  type Failed,
  type Force,
  type GivenUp,
  type In,
  type Reboot,
  type Settling,
  isIn,
} from '../../state/reboot.ts';
import { isBlank } from '../../words/text.ts';
import { type Instant, toTimestamp } from '../../time/time.ts';
import { pendingRetry } from '../../deadlines/retry.ts';
import { tooLate } from '../../words/words.ts';
import { skipGoingDown } from './cleaned-up.ts';
import { becauseOf } from '../events/decision-event.ts';
import { type Context, enter, rejected, remember, type RebootEvent, type Step } from '../events/events.ts';

type Event<T extends RebootEvent['type']> = Extract<RebootEvent, { type: T }>;

/** The state that a retry continues from, with a new deadline and without facts of the failed try. */
function retryState(from: Active, { pool, now }: Context): Draining | Settling {
  if (from.phase === 'Settling') {
    const { healthySince: _, afterHook: __, ...kept } = from;
    return { ...kept, deadline: toTimestamp(now + pool.settleTime + pool.settleTimeout), missing: [] };
  }
  // Also after a completed drain: people may have changed the node since, and no order is given before it is
  // known to be cordoned and empty. Draining an empty node takes a moment.
  return {
    phase: 'Draining',
    since: toTimestamp(now),
    deadline: toTimestamp(now + pool.drain.timeout),
    decision: from.decision,
  };
}

/** The drain was undone, and only a back-off or a missing decision prevents the next try. */
const waitsForRetry = (reboot: Reboot, { now }: Context): reboot is In<'Approved'> =>
  isIn(reboot, 'Approved') && pendingRetry(reboot.state, now) !== undefined;

/** A person has decided, so the count of earlier tries starts over. */
function withoutRetry({ retry: _retry, ...state }: Approved): Approved {
  return state;
}

export function retry(reboot: Reboot, event: Event<'retried'>, context: Context): Step {
  if (waitsForRetry(reboot, context)) {
    const history = remember(reboot, { what: 'tried-again', by: event.by, ...becauseOf(event) }, context.now);
    return enter(reboot, withoutRetry(reboot.state), { history });
  }
  if (!isIn(reboot, 'Failed'))
    return rejected('not-possible-now', `There is nothing to retry: ${tooLate(reboot)}`);
  if (owesCleanUp(reboot)) {
    return rejected(
      'not-possible-now',
      `The last order to ${reboot.node.name} is being withdrawn. Try again in a moment.`,
    );
  }
  const lapsed = rejectIfLapsed(reboot);
  if (lapsed) return lapsed;
  const history = remember(reboot, { what: 'retried', by: event.by, ...becauseOf(event) }, context.now);
  return enter(reboot, retryState(reboot.state.from, context), { history });
}

/** A drain that starts again needs a decision that still holds. */
function rejectIfLapsed(reboot: In<'Failed'>): Step | undefined {
  const { from } = reboot.state;
  if (from.phase === 'Settling' || from.decision.riskDigest === reboot.need.riskDigest) return undefined;
  return rejected(
    'packages-changed',
    `The packages of ${reboot.node.name} changed since it was approved. Skip this reboot, then ask again to approve the new ones.`,
  );
}

/**
 * Giving up does not uncordon a node whose new boot is not proven, nor one whose host may have been requested
 * to reboot: a hanging shutdown may still complete, whatever runs there by then.
 */
function leavesCordoned({ code, from }: Failed): boolean {
  if (from.phase === 'Draining') return false;
  if (code === 'did-not-reboot') return from.phase === 'Rebooting' && from.trouble === undefined;
  return code === 'did-not-come-back' || code === 'not-healthy' || code === 'rebooted-again';
}

export function skip(reboot: Reboot, event: Event<'skipped'>, context: Context): Step {
  const { now } = context;
  const left = skipGoingDown(reboot, event, context);
  if (left) return left;
  if (!isIn(reboot, 'Failed'))
    return rejected('not-possible-now', `There is nothing to skip: ${tooLate(reboot)}`);
  const history = remember(reboot, { what: 'skipped', by: event.by, ...becauseOf(event) }, now);
  return giveUp(reboot, { by: event.by, history }, now);
}

export const giveUp = (
  reboot: In<'Failed'>,
  { by, history }: Pick<GivenUp, 'by'> & Pick<Reboot, 'history'>,
  now: Instant,
): Step =>
  enter(
    reboot,
    {
      ...reboot.state,
      phase: 'GivenUp',
      since: toTimestamp(now),
      by,
      failedAt: reboot.state.since,
      leaveCordoned: leavesCordoned(reboot.state),
    },
    { history },
  );

export function force(reboot: Reboot, event: Event<'forced'>, context: Context): Step {
  const reason = event.reason.trim();
  if (isBlank(reason))
    return rejected('reason-missing', 'Say why the budgets may be broken: it is kept with the reboot.');
  if (waitsForRetry(reboot, context)) return forceNext(reboot, { by: event.by, reason }, context);
  const draining = drainOf(reboot, context);
  const lapsed = isIn(reboot, 'Failed') ? rejectIfLapsed(reboot) : undefined;
  if (!draining) return rejected('not-possible-now', `There is no drain to force: ${tooLate(reboot)}`);
  if (lapsed) return lapsed;
  const forced = { by: event.by, at: toTimestamp(context.now), reason };
  const history = remember(reboot, { what: 'forced', by: event.by, reason }, context.now);
  const deadline = toTimestamp(context.now + context.pool.drain.timeout);
  return enter(reboot, { ...draining, deadline, force: forced }, { history });
}

/** Takes its turn like any other reboot: a closed window or a pause still blocks it. */
function forceNext(reboot: In<'Approved'>, { by, reason }: Omit<Force, 'at'>, { now }: Context): Step {
  const history = remember(reboot, { what: 'forced', by, reason }, now);
  const forced = { by, at: toTimestamp(now), reason };
  return enter(reboot, { ...withoutRetry(reboot.state), force: forced }, { history });
}

function drainOf(reboot: Reboot, context: Context): Draining | undefined {
  if (isIn(reboot, 'Draining')) return reboot.state;
  if (!isIn(reboot, 'Failed') || owesCleanUp(reboot) || reboot.state.from.phase !== 'Draining')
    return undefined;
  const again = retryState(reboot.state.from, context);
  return again.phase === 'Draining' ? again : undefined;
}
