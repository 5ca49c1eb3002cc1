/**
 * Our drain in the lifecycle conditions of a Node (KEP-5683). Other writers use them too: the reason names
 * the owner.
 */
import { drainReason, rebootOfReason } from '../../reboot/nodes/departure.ts';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { DrainCondition } from '../../reboot/nodes/managed-labels.ts';
import { listAt, textAt } from '../api/json-value.ts';

const inProgress = nodeContract.drainInProgress.key;
const drained = nodeContract.drained.key;
const types: ReadonlySet<string | undefined> = new Set([inProgress, drained]);

const ownerOf = (condition: unknown): string | undefined =>
  types.has(textAt(condition, 'type')) ? rebootOfReason(textAt(condition, 'reason')) : undefined;

export function drainMarkOn(node: unknown): DrainCondition | undefined {
  for (const condition of listAt(node, 'status', 'conditions')) {
    const reboot = ownerOf(condition);
    if (reboot !== undefined) return { reboot, drained: textAt(condition, 'type') === drained };
  }
  return undefined;
}

/**
 * The conditions after the change; undefined when nothing changes. A condition that another owner set to True
 * is kept.
 */
export function withDrainMark(
  node: unknown,
  mark: DrainCondition | undefined,
  now: string,
): readonly unknown[] | undefined {
  const all = listAt(node, 'status', 'conditions');
  const others = all.filter((condition) => ownerOf(condition) === undefined);
  const type = mark && (mark.drained ? drained : inProgress);
  const theirs = others.find((condition) => textAt(condition, 'type') === type);
  if (mark === undefined || (theirs !== undefined && textAt(theirs, 'status') === 'True'))
    return others.length === all.length ? undefined : others;
  const reason = drainReason(mark.reboot);
  const own = all.filter((condition) => ownerOf(condition) !== undefined);
  if (own.length === 1 && textAt(own[0], 'type') === type && textAt(own[0], 'reason') === reason)
    return undefined;
  const message = mark.drained ? 'The pods that move have gone.' : 'Pods are being evicted for a reboot.';
  const condition = { type, status: 'True', reason, message };
  return [
    ...others.filter((each) => each !== theirs),
    { ...condition, lastHeartbeatTime: now, lastTransitionTime: now },
  ];
}
