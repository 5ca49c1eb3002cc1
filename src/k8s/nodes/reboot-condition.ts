/** The Node condition RebootRequired. */
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import type { NodeRecords } from '../../reboot/ports/cluster/node-writes.ts';
import { conditionsOn, type KubeNode, versionOf } from './kube-node.ts';
import { type ConditionPatch, conditionPatch, type JsonPatch } from './json-patch.ts';

type ConditionStatus = Parameters<NodeRecords['setRebootRequired']>[1];

export interface NextCondition {
  readonly status: ConditionStatus;
  readonly message: string;
}

/** Where the watch saw the condition, or that it is to be added: the write is conditional on that version. */
export interface SeenCondition {
  readonly version: string;
  readonly place: ConditionPatch['place'];
}

const { key } = nodeContract.rebootRequired;

const reasons: Record<ConditionStatus, string> = {
  True: 'RebootRequired',
  False: 'NoRebootRequired',
  Unknown: 'SignalUnreadable',
};

export const rebootCondition = ({ status, message }: NextCondition, now: string, since = now) => ({
  type: key,
  status,
  reason: reasons[status],
  message,
  lastHeartbeatTime: now,
  lastTransitionTime: since,
});

/** The index in the Node's list of conditions; undefined where there is none. */
export function rebootConditionAt(node: KubeNode): number | undefined {
  const index = conditionsOn(node).findIndex((each) => each.type === key);
  return index < 0 ? undefined : index;
}

interface ConditionChange {
  readonly target: BootTarget;
  readonly next: NextCondition;
  readonly now: string;
}

/** Undefined where the Node has the condition already. */
export function conditionChange(
  node: KubeNode,
  { target, next, now }: ConditionChange,
): JsonPatch | undefined {
  const index = rebootConditionAt(node);
  const before = index === undefined ? undefined : conditionsOn(node)[index];
  const sameStatus = before?.status === next.status;
  if (sameStatus && before?.message === next.message) return undefined;
  const since = sameStatus ? (before?.lastTransitionTime ?? undefined) : undefined;
  const condition = rebootCondition(next, now, since);
  const version = versionOf(node);
  const first = node.status?.conditions === undefined;
  const place = first ? 'first' : index === undefined ? 'append' : { index };
  return conditionPatch({ target, version, place, condition });
}
