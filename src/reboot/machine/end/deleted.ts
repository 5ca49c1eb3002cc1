/**
 * Somebody deleted the stored object of a Reboot, which is how to stop one with kubectl alone. What follows
 * is stored in a new object of the same name.
 */
import { owesCleanUp } from '../../state/clean-up.ts';
import type { Observation } from '../../nodes/observation.ts';
import { type In, isIn, type Reboot } from '../../state/reboot.ts';
import { toTimestamp } from '../../time/time.ts';
import { remover } from '../../words/words.ts';
import { giveUp } from './after-failure.ts';
import { type Context, enter, type RebootEvent, remember, type Step, unchanged } from '../events/events.ts';

type Deleted = Extract<RebootEvent, { type: 'deleted' }>;

/** Unchanged: no clean-up is pending, and the object is not needed. */
export function deleted(reboot: Reboot, { observation }: Deleted, { now }: Context): Step {
  const history = remember(reboot, { what: 'deleted' }, now);
  const at = toTimestamp(now);
  // An obeyed order cannot be stopped. The Reboot continues to its proof, or the node would stay cordoned.
  if (isIn(reboot, 'Settling') || (isIn(reboot, 'Rebooting') && isObeyed(reboot, observation)))
    return enter(reboot, { ...reboot.state }, { history });
  if (isIn(reboot, 'Failed')) return giveUp(reboot, { by: remover, history }, now);
  if (!isIn(reboot, 'Pending', 'Snoozed', 'Approved', 'Draining', 'Undoing', 'Rebooting'))
    return owesCleanUp(reboot) || (isRefusal(reboot) && isItsBoot(reboot, observation))
      ? enter(reboot, { ...reboot.state })
      : unchanged(reboot);
  const from = reboot.state.phase;
  return enter(reboot, { phase: 'Cancelled', since: at, by: remover, from }, { history });
}

/** A refusal by a person. Without its object the node would get a new Reboot, which a rule might approve. */
const isRefusal = (reboot: Reboot): boolean => isIn(reboot, 'Denied', 'Cancelled', 'GivenUp');

export const isItsBoot = ({ node: { uid }, bootId }: Reboot, { node }: Pick<Observation, 'node'>): boolean =>
  node?.uid === uid && node.bootId === bootId;

/**
 * The host reboots, or has rebooted, by our order: the agent reports `obeying` before it requests the reboot.
 */
function isObeyed({ node: { uid }, bootId }: In<'Rebooting'>, { node, agent }: Observation): boolean {
  if (node === undefined || node.uid !== uid) return false;
  const receipt = agent?.report?.order;
  return node.bootId !== bootId || (receipt?.endBoot === bootId && receipt.state === 'obeying');
}
