/** The effect that gives a node back to the scheduler, and what is known of it when it must not. */
import { PortError } from '../ports/port-error.ts';
import type { Cluster, StillOwed } from '../ports/cluster.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { type CleanUp, type StaysCordoned } from '../state/clean-up.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { fieldsOf } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export type Left = Pick<CleanUp, 'staysCordoned'>;

/** At the boot that is seen now: the proven one, or, where a node booted without us, whichever it is in. */
export async function uncordon(
  deps: ServiceDeps,
  reboot: Reboot,
  still: StillOwed,
): Promise<Left | 'goes-down'> {
  const { node, agent } = await deps.cluster.observe(reboot.node.name);
  if (!node || node.uid !== reboot.node.uid) return {};
  const receipt = agent?.report?.order;
  // The agent obeyed a moment before the order was withdrawn: its host goes down, with whatever would be
  // scheduled on it by then.
  if (receipt?.endBoot === node.bootId && receipt.state === 'obeying') return 'goes-down';
  // Whoever gave it: no node is uncordoned while an order for its current boot stands.
  if (agent?.endBoot === node.bootId) await deps.cluster.withdrawOrder(node.name, node.bootId);
  const bootId = isIn(reboot, 'Succeeded') ? reboot.state.newBootId : node.bootId;
  const answer = await deps.cluster.uncordon({ node: node.name, uid: node.uid, bootId }, reboot.name, still);
  const left = leftBy(answer, node, reboot);
  deps.logger.info(left === undefined ? 'node uncordoned' : 'node stays cordoned', {
    ...fieldsOf(reboot),
    answer,
  });
  return left === undefined ? {} : { staysCordoned: left };
}

function leftBy(
  answer: Awaited<ReturnType<Cluster['uncordon']>>,
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
