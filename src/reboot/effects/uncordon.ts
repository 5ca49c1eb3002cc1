/** The effect that uncordons a node, and the reason when it must stay cordoned. */
import { PortError } from '../ports/port-error.ts';
import type { Observation } from '../nodes/observation.ts';
import type { Cordons, StillOwed } from '../ports/cluster/node-writes.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isCleaningUp, type StaysCordoned } from '../state/clean-up.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { fieldsOf } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import type { Effect, LeftBehind, Owing } from './effect.ts';

export const uncordon: Effect<'uncordon'> = {
  name: 'uncordon',
  owed: (reboot) => isCleaningUp(reboot) && reboot.state.phase !== 'Failed' && !mayStayCordoned(reboot),
  async carryOut({ deps, reboot, observation, fresh, still }) {
    // The order of a boot that has ended is void. Another may be obeyed until it is withdrawn, which only a
    // later read shows.
    const justRead = fresh && isIn(reboot, 'Succeeded') ? observation : undefined;
    const owed = isIn(reboot, 'Succeeded') ? always : still;
    const answer = await uncordonNode(deps, reboot, { still: owed, justRead });
    // The turn must not go to another node while this one may go down.
    return answer === 'goes-down' ? { event: { type: 'goes-down' }, othersWait: true } : { left: answer };
  },
  does: 'Uncordons the node if the cordon is ours, and records why where it stays cordoned.',
  repeated: 'One patch with tests of the boot and of the name on the cordon; a node in service stays so.',
  crash: 'The node is back in service, or stays cordoned and keeps its turn until the clean-up goes on.',
};

/** A Reboot that has succeeded is never started again, and the cordon of another is not its own. */
const always: StillOwed = async () => true;

/** A person has left it cordoned. A drain that is undone is always uncordoned. */
const mayStayCordoned = ({ state, cleanup }: Owing): boolean =>
  state.phase !== 'Undoing' &&
  (cleanup?.staysCordoned !== undefined || (state.phase === 'GivenUp' && state.leaveCordoned));

interface UncordonParams {
  readonly still: StillOwed;
  /** What this step has read, such as the proof. */
  readonly justRead: Observation | undefined;
}

/**
 * Conditional on a boot: the proven one after a success, else the current one, which the node may have
 * reached without Tugboot. First tried on what was just read: another order would need another turn, which
 * the node does not get before. Where that does not uncordon it, the reason rests on a fresh read.
 */
async function uncordonNode(
  deps: ServiceDeps,
  reboot: Reboot,
  { still, justRead }: UncordonParams,
): Promise<LeftBehind | 'goes-down'> {
  const first = justRead && (await uncordonAs(deps, { reboot, still, observation: justRead }));
  if (first?.answer === 'done') return first.outcome;
  const observation = await deps.cluster.observe(reboot.node.name);
  return (await uncordonAs(deps, { reboot, still, observation })).outcome;
}

interface Attempt {
  readonly answer?: Awaited<ReturnType<Cordons['uncordon']>>;
  readonly outcome: LeftBehind | 'goes-down';
}

async function uncordonAs(
  deps: ServiceDeps,
  { reboot, still, observation }: { reboot: Reboot; still: StillOwed; observation: Observation },
): Promise<Attempt> {
  const { node, agent } = observation;
  if (!node || node.uid !== reboot.node.uid) return { outcome: {} };
  const receipt = agent?.report?.order;
  // The agent obeyed just before the order was withdrawn: the host goes down, with any pods that would be
  // scheduled on it by then.
  if (receipt?.endBoot === node.bootId && receipt.state === 'obeying') return { outcome: 'goes-down' };
  // No node is uncordoned while an order for its current boot exists, regardless of its origin.
  if (agent?.endBoot === node.bootId) await deps.cluster.withdrawOrder(node.name, node.bootId);
  const bootId = isIn(reboot, 'Succeeded') ? reboot.state.newBootId : node.bootId;
  const answer = await deps.cluster.uncordon({ node: node.name, uid: node.uid, bootId }, reboot.name, still);
  const left = whyStaysCordoned(answer, node, reboot);
  const fields = { ...fieldsOf(reboot), answer };
  if (left === undefined) deps.logger.info('node uncordoned', fields);
  else deps.logger.info('node stays cordoned', fields);
  return { answer, outcome: left === undefined ? {} : { staysCordoned: left } };
}

function whyStaysCordoned(
  answer: Awaited<ReturnType<Cordons['uncordon']>>,
  node: NodeView,
  reboot: Reboot,
): StaysCordoned | undefined {
  if (answer === 'kept') return 'not-ours';
  if (answer !== 'wrong-boot') return undefined;
  if (!isIn(reboot, 'Succeeded'))
    throw new PortError('conflict', `${node.name} booted while it was uncordoned.`, { retryable: true });
  if (!node.unschedulable) return undefined;
  return node.cordonedBy === reboot.name ? 'another-boot' : 'not-ours';
}
