/**
 * The node belongs to another pool. A Reboot that waits follows it, and the approvers of the new pool decide.
 * One that has started keeps the policy of its pool.
 */
import { isIn, type Reboot } from '../../state/reboot.ts';
import { toTimestamp } from '../../time/time.ts';
import { canAskAgain } from './decide.ts';
import { changed, type Context, remember, type RebootEvent, type Step, unchanged } from '../events/events.ts';
import { lapsed } from './lapse.ts';

export const followsNode = (reboot: Reboot): boolean =>
  isIn(reboot, 'Pending', 'Snoozed', 'Denied', 'Approved') || canAskAgain(reboot);

export function moved(
  reboot: Reboot,
  { pool }: Extract<RebootEvent, { type: 'moved' }>,
  context: Context,
): Step {
  if (pool === reboot.pool || !followsNode(reboot)) return unchanged(reboot);
  const reason = `Its node moved from pool ${reboot.pool} to pool ${pool}.`;
  const history = remember(reboot, { what: 'moved', reason }, context.now);
  const before = decisionOf(reboot, context);
  if (!before) return changed(reboot, { pool, history });
  const why = { why: 'moved', fromPool: reboot.pool, added: [], removed: [], before } as const;
  return lapsed({ ...reboot, history }, why, context, { changes: { pool }, entry: { reason } });
}

/** Earlier approvers may have no rights in the new pool, so none of their approvals counts there. */
function decisionOf(reboot: Reboot, { now }: Context) {
  if (isIn(reboot, 'Approved')) return reboot.state.decision;
  if (!isIn(reboot, 'Pending') || reboot.state.approvals.length === 0) return undefined;
  const { digest, riskDigest } = reboot.need;
  return {
    mode: 'now',
    at: toTimestamp(now),
    digest,
    riskDigest,
    approvals: reboot.state.approvals,
  } as const;
}
