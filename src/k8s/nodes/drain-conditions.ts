/**
 * Our drain in the lifecycle conditions of a Node (KEP-5683). Other writers use them too: the reason names
 * the owner.
 */
import { drainReason, rebootOfReason } from '../../reboot/policy/departure.ts';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { DrainCondition } from '../../reboot/nodes/node-view.ts';
import { conditionsOn, type KubeNode, type KubeNodeCondition } from './kube-node.ts';

const inProgress = nodeContract.drainInProgress.key;
const drained = nodeContract.drained.key;
const types: ReadonlySet<string | undefined> = new Set([inProgress, drained]);

const ownerOf = (condition: KubeNodeCondition): string | undefined =>
  types.has(condition.type) ? rebootOfReason(condition.reason) : undefined;

export function drainMarkOn(node: KubeNode): DrainCondition | undefined {
  for (const condition of conditionsOn(node)) {
    const reboot = ownerOf(condition);
    if (reboot !== undefined) return { reboot, drained: condition.type === drained };
  }
  return undefined;
}

/**
 * The conditions after the change; undefined when nothing changes. A condition that another owner set to True
 * is kept.
 */
export function withDrainCondition(
  node: KubeNode,
  wanted: DrainCondition | undefined,
  now: string,
): readonly KubeNodeCondition[] | undefined {
  const all = conditionsOn(node);
  const others = all.filter((condition) => ownerOf(condition) === undefined);
  const unmarked = others.length === all.length ? undefined : others;
  if (wanted === undefined) return unmarked;
  const type = wanted.drained ? drained : inProgress;
  const theirs = others.find((condition) => condition.type === type);
  if (theirs?.status === 'True') return unmarked;
  const reason = drainReason(wanted.reboot);
  const own = all.filter((condition) => ownerOf(condition) !== undefined);
  if (own.length === 1 && own[0]?.type === type && own[0]?.reason === reason) return undefined;
  const message = wanted.drained ? 'The pods that move have gone.' : 'Pods are being evicted for a reboot.';
  const condition = { type, status: 'True', reason, message };
  return [
    ...others.filter((each) => each !== theirs),
    { ...condition, lastHeartbeatTime: now, lastTransitionTime: now },
  ];
}
