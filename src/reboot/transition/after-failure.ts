/** What people decide after a failure, and in a drain that is stuck. */
import type { Active, Draining, Failed, In, Reboot } from '../reboot.ts';
import { isIn } from '../reboot.ts';
import { toTimestamp } from '../time.ts';
import { tooLate } from '../words.ts';
import { type Context, enter, rejected, remember, type RebootEvent, type Step } from './events.ts';

type Event<T extends RebootEvent['type']> = Extract<RebootEvent, { type: T }>;

/** The state that a retry goes on from: as it was, with a new deadline, and nothing of the failed try left in it. */
export function afresh(from: Active, { pool, now }: Context): Active {
  const since = toTimestamp(now);
  switch (from.phase) {
    case 'Draining':
      // The cordon is looked at again: it may be what went wrong.
      return {
        phase: 'Draining',
        since,
        deadline: toTimestamp(now + pool.drain.timeout),
        decision: from.decision,
      };
    case 'Rebooting': {
      const { decision, cordon, drained } = from;
      return {
        phase: 'Rebooting',
        since,
        deadline: toTimestamp(now + pool.rebootTimeout),
        decision,
        cordon,
        drained,
      };
    }
    case 'Settling': {
      const { healthySince: _, ...kept } = from;
      return { ...kept, deadline: toTimestamp(now + pool.settleTime + pool.settleTimeout), missing: [] };
    }
  }
}

const failedOpen = (reboot: Reboot): reboot is In<'Failed'> =>
  isIn(reboot, 'Failed') && reboot.state.givenUp === undefined;

export function retry(reboot: Reboot, event: Event<'retried'>, context: Context): Step {
  if (!failedOpen(reboot))
    return rejected('not-possible-now', `There is nothing to retry: ${tooLate(reboot)}`);
  if (!reboot.state.tidied) {
    return rejected(
      'not-possible-now',
      `The last order to ${reboot.node.name} is being withdrawn. Try again in a moment.`,
    );
  }
  const history = remember(reboot, { what: 'retried', by: event.by }, context.now);
  return enter(reboot, afresh(reboot.state.from, context), { history });
}

/** A node that did not prove itself is not given back to the scheduler by giving up on it. */
function leavesCordoned({ code, from }: Failed): boolean {
  if (from.phase === 'Draining') return false;
  return code === 'did-not-come-back' || code === 'not-healthy' || code === 'rebooted-again';
}

export function skip(reboot: Reboot, event: Event<'skipped'>, { now }: Context): Step {
  if (!failedOpen(reboot))
    return rejected('not-possible-now', `There is nothing to skip: ${tooLate(reboot)}`);
  const givenUp = { by: event.by, at: toTimestamp(now), leaveCordoned: leavesCordoned(reboot.state) };
  const history = remember(reboot, { what: 'skipped', by: event.by }, now);
  return enter(reboot, { ...reboot.state, givenUp, tidied: false }, { history });
}

export function force(reboot: Reboot, event: Event<'forced'>, context: Context): Step {
  const reason = event.reason.trim();
  if (reason === '')
    return rejected('reason-missing', 'Say why the budgets may be broken: it is kept with the reboot.');
  const draining = drainOf(reboot, context);
  if (!draining) return rejected('not-possible-now', `There is no drain to force: ${tooLate(reboot)}`);
  const forced = { by: event.by, at: toTimestamp(context.now), reason };
  const history = remember(reboot, { what: 'forced', by: event.by, reason }, context.now);
  const deadline = toTimestamp(context.now + context.pool.drain.timeout);
  return enter(reboot, { ...draining, deadline, force: forced }, { history });
}

function drainOf(reboot: Reboot, context: Context): Draining | undefined {
  if (isIn(reboot, 'Draining')) return reboot.state;
  if (!failedOpen(reboot) || !reboot.state.tidied) return undefined;
  const again = afresh(reboot.state.from, context);
  return again.phase === 'Draining' ? again : undefined;
}
