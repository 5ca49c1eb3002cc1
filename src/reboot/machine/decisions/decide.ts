/** Decisions of people and rules. Permissions are checked before, in src/reboot/permissions. */
import { isPerson, type Approval, type Decision, type Principal } from '../../state/decision.ts';
import { owesCleanUp } from '../../state/clean-up.ts';
import { approvalsNeeded } from '../../policy/pools.ts';
import { type Reboot, isIn } from '../../state/reboot.ts';
import type { Approved } from '../../state/states.ts';
import { isBlank } from '../../words/text.ts';
import { toTimestamp } from '../../time/time.ts';
import { hasWindows } from '../../windows/schedule.ts';
import { isOpenAt } from '../../windows/openings.ts';
import { whyNoneOpens } from '../../windows/notes.ts';
import { tooLate } from '../../words/words.ts';
import { type Context, enter, rejected, remember, type RebootEvent, type Step } from '../events/events.ts';
import type { Given } from '../../approval/demands.ts';
import { becauseOf } from '../events/decision-event.ts';
import { snoozeEnd } from '../../approval/snooze-times.ts';
import { askedByPerson } from '../../signals/asked-by-person.ts';

type Event<T extends RebootEvent['type']> = Extract<RebootEvent, { type: T }>;

/** A user is identified by the id. Names can be changed at any time, also between two approvals. */
const samePrincipal = (a: Principal, b: Principal): boolean =>
  a.kind === 'user' && b.kind === 'user' ? a.id === b.id : JSON.stringify(a) === JSON.stringify(b);

function approvalProblem(reboot: Reboot, event: Event<'approved'>, { pool, now }: Context): Step | undefined {
  if (event.digest !== reboot.need.digest) {
    return rejected(
      'packages-changed',
      `The packages of ${reboot.node.name} changed since you looked. Nothing was approved. The card shows the new list.`,
    );
  }
  if (event.mode === 'window' && !hasWindows(pool)) {
    return rejected(
      'no-window',
      `Pool ${pool.name} has no maintenance window. Approve now, or give the pool a window.`,
    );
  }
  const closed = hasWindows(pool) && !isOpenAt(pool, now);
  if (event.mode === 'now' && closed && !pool.approveNowOutsideWindow) {
    return rejected(
      'outside-window',
      `Pool ${pool.name} starts reboots only inside its maintenance window. ${whyNoneOpens(pool, now)?.sentence ?? 'Approve it for the window.'}`,
    );
  }
  return undefined;
}

export function approve(reboot: Reboot, event: Event<'approved'>, context: Context): Step {
  const before = currentApprovals(reboot, event);
  if (before === undefined) return rejected('already-decided', tooLate(reboot));
  const problem = approvalProblem(reboot, event, context);
  if (problem) return problem;
  if (before.some((approval) => samePrincipal(approval.by, event.by))) {
    return rejected(
      'already-approved-by-you',
      `You approved ${reboot.node.name} already. It needs the approval of somebody else too.`,
    );
  }
  if (isAlone(reboot, event, context)) {
    return rejected(
      'requester-alone',
      `You asked for this reboot of ${reboot.node.name}. In pool ${context.pool.name} somebody else has to approve it.`,
    );
  }
  const at = toTimestamp(context.now);
  const { digest, riskDigest } = reboot.need;
  const given = givenWith(event);
  const approval: Approval = { by: event.by, at, mode: event.mode, digest, riskDigest, ...given };
  const approvals = [...before, approval];
  const history = remember(reboot, { what: 'approved', by: event.by, digest, ...given }, context.now);
  const byRule = event.by.kind === 'window' || event.by.kind === 'rule';
  const needed = approvalsNeeded(context.pool, reboot.facts);
  if (!byRule && approvals.length < needed) {
    // What a rule has approved stays so: the first of two people adds to it, and takes nothing back.
    if (isIn(reboot, 'Approved')) return enter(reboot, withApproval(reboot.state, approval), { history });
    return enter(reboot, { phase: 'Pending', since: reboot.state.since, approvals }, { history });
  }
  // An approval for the window is none for now: the mode is `now` when enough approvals say `now`.
  const forNow = approvals.filter((each) => each.mode === 'now').length;
  const decision: Decision = {
    mode: byRule ? event.mode : forNow >= needed ? 'now' : 'window',
    at,
    digest,
    riskDigest,
    approvals,
  };
  return enter(reboot, { phase: 'Approved', since: at, decision }, { history });
}

const withApproval = (state: Approved, approval: Approval): Approved => ({
  ...state,
  decision: { ...state.decision, approvals: [...state.decision.approvals, approval] },
});

const givenWith = ({ changeTicket, reason }: Given): Given => ({
  ...(changeTicket === undefined ? {} : { changeTicket }),
  ...becauseOf(reason === undefined ? {} : { reason }),
});

/** The requester would be the only approver. Where more are needed, there is somebody else among them. */
const isAlone = ({ need, facts }: Reboot, { by }: Event<'approved'>, { pool }: Context): boolean =>
  !pool.requesterApproves &&
  need.person !== undefined &&
  samePrincipal(need.person.by, by) &&
  approvalsNeeded(pool, facts) < 2;

/** The approvals that a new one is added to; undefined when it comes too late. */
function currentApprovals(reboot: Reboot, event: Event<'approved'>): readonly Approval[] | undefined {
  if (isIn(reboot, 'Pending')) return reboot.state.approvals;
  if (isIn(reboot, 'Snoozed')) return [];
  if (!isIn(reboot, 'Approved')) return undefined;
  const { approvals, mode } = reboot.state.decision;
  // A person may add their approval where only a rule has approved: some gates require a person's.
  if (isPerson(event.by) && !approvals.some(({ by }) => isPerson(by))) return [];
  if (mode !== 'window' || event.mode !== 'now') return undefined;
  return reboot.state.decision.approvals.filter((approval) => !samePrincipal(approval.by, event.by));
}

export function snooze(reboot: Reboot, event: Event<'snoozed'>, { pool, now }: Context): Step {
  if (!isIn(reboot, 'Pending', 'Snoozed')) return alreadyDecided(reboot);
  const until = snoozeEnd(event.until, pool, now);
  if (until === undefined)
    return rejected(
      'no-window',
      `No window of pool ${pool.name} is known. Snooze it for a time, such as 4h, or until a date.`,
    );
  if (until <= now) return rejected('not-possible-now', 'That time has passed. Choose a later one.');
  return enter(
    reboot,
    {
      phase: 'Snoozed',
      since: toTimestamp(now),
      until: toTimestamp(until),
      by: event.by,
      ...(event.reason === undefined ? {} : { reason: event.reason }),
    },
    { history: remember(reboot, { what: 'snoozed', by: event.by, ...becauseOf(event) }, now) },
  );
}

export function deny(reboot: Reboot, event: Event<'denied'>, { now }: Context): Step {
  if (!isIn(reboot, 'Pending', 'Snoozed')) return alreadyDecided(reboot);
  const reason = event.reason.trim();
  if (isBlank(reason)) return rejected('reason-missing', 'Say why: the others want to know.');
  return enter(
    reboot,
    { phase: 'Denied', since: toTimestamp(now), by: event.by, reason, riskDigest: reboot.need.riskDigest },
    { history: remember(reboot, { what: 'denied', by: event.by, reason }, now) },
  );
}

/**
 * Snooze and Deny answer an open question. Cancel stops what is approved or draining, and is recorded as
 * such.
 */
function alreadyDecided(reboot: Reboot): Step {
  const stop = isIn(reboot, 'Approved', 'Draining', 'Undoing') ? ' Cancel stops it.' : '';
  return rejected('already-decided', `${tooLate(reboot)}${stop}`);
}

/**
 * Whether a person may reopen the question: the reboot is closed without a result, and no clean-up is
 * pending.
 */
export function canAskAgain(reboot: Reboot): boolean {
  if (isIn(reboot, 'Snoozed', 'Denied')) return true;
  if (owesCleanUp(reboot)) return false;
  if (isIn(reboot, 'GivenUp')) return reboot.state.from.phase !== 'Settling';
  if (isIn(reboot, 'Superseded')) return reboot.state.why === 'no-longer-required';
  return isIn(reboot, 'Cancelled');
}

export function askAgain(reboot: Reboot, event: Event<'asked-again'>, { now }: Context): Step {
  if (!canAskAgain(reboot)) return rejected('not-possible-now', tooLate(reboot));
  return enter(
    reboot,
    { phase: 'Pending', since: toTimestamp(now), approvals: [] },
    { history: remember(reboot, { what: 'asked-again', by: event.by, ...becauseOf(event) }, now) },
  );
}

/** A person requests a reboot that had been closed. It is pending again, independently of the signals. */
export function requestReboot(reboot: Reboot, event: Event<'requested'>, { now }: Context): Step {
  if (!canAskAgain(reboot)) return rejected('already-decided', tooLate(reboot));
  const reason = event.reason === undefined ? {} : { reason: event.reason };
  return enter(
    reboot,
    { phase: 'Pending', since: toTimestamp(now), approvals: [] },
    {
      need: askedByPerson(reboot.need, { by: event.by, ...reason }, now),
      history: remember(reboot, { what: 'asked-again', by: event.by, ...reason }, now),
    },
  );
}

export function cancel(reboot: Reboot, event: Event<'cancelled'>, { now }: Context): Step {
  if (isIn(reboot, 'Rebooting', 'Settling')) {
    return rejected(
      'too-late',
      `The order to reboot ${reboot.node.name} was given. It cannot be taken back.`,
    );
  }
  if (!isIn(reboot, 'Pending', 'Snoozed', 'Approved', 'Draining', 'Undoing'))
    return rejected('already-decided', tooLate(reboot));
  const given = event.reason === undefined ? {} : { reason: event.reason };
  const from = reboot.state.phase;
  return enter(
    reboot,
    { phase: 'Cancelled', since: toTimestamp(now), by: event.by, from, ...given },
    { history: remember(reboot, { what: 'cancelled', by: event.by, ...given }, now) },
  );
}
