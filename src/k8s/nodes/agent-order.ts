/** The order in a NodeAgent: what is known of it, and the conditional patches that write it. */
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import { at, listAt, textAt } from '../api/json-value.ts';
import { pointer, type JsonPatch } from './json-patch.ts';

/** Ownership of a NodeAgent. */
export interface AgentOwner {
  readonly nodeUid: string | undefined;
  readonly installation: string | undefined;
}

/** A NodeAgent, read or from the watch, with the fields that a write of its order depends on. */
export interface KnownAgent {
  readonly uid: string | undefined;
  readonly version: string | undefined;
  readonly owner: AgentOwner;
  readonly endBoot: string | undefined;
  /** The order holds even while packages are changed; undefined where the watch does not show it. */
  readonly anyway: boolean | undefined;
}

export const installationKey = nodeContract.installation.key;
const withdrawnKey = nodeContract.orderWithdrawn.key;

export const ownerOf = (agent: unknown): AgentOwner => ({
  nodeUid: textAt(listAt(agent, 'metadata', 'ownerReferences')[0], 'uid'),
  installation: textAt(agent, 'metadata', 'annotations', installationKey),
});

export const knownAgent = (agent: unknown): KnownAgent => ({
  uid: textAt(agent, 'metadata', 'uid'),
  version: textAt(agent, 'metadata', 'resourceVersion'),
  owner: ownerOf(agent),
  endBoot: textAt(agent, 'spec', 'endBoot'),
  anyway: at(agent, 'spec', 'whilePackagesChange') === true,
});

export interface Order {
  /** The boot to end. */
  readonly bootId: string;
  readonly anyway: boolean;
}

/** Whether the order is there already. */
export const hasOrder = ({ endBoot, anyway }: KnownAgent, order: Order): boolean =>
  endBoot === order.bootId && (!order.anyway || anyway === true);

export function orderPatch(agent: KnownAgent, { bootId, anyway }: Order, namespace: string): JsonPatch {
  const order = { endBoot: bootId, ...(anyway ? { whilePackagesChange: true } : {}) };
  return [
    { op: 'test', path: '/metadata/uid', value: agent.uid },
    // Optimistic lock: an order that was given and withdrawn meanwhile must not be restored.
    { op: 'test', path: '/metadata/resourceVersion', value: agent.version },
    // A node of another installation must not be rebooted.
    { op: 'test', path: pointer('metadata', 'annotations', installationKey), value: namespace },
    // Replaces the whole spec: options of an earlier order must not apply to this one.
    { op: 'add', path: '/spec', value: order },
  ];
}

export const withdrawPatch = ({ uid, endBoot }: KnownAgent): JsonPatch => [
  { op: 'test', path: '/metadata/uid', value: uid },
  { op: 'test', path: '/spec/endBoot', value: endBoot },
  { op: 'add', path: '/spec', value: {} },
];

/**
 * Changes the version of a NodeAgent without an order, and nothing else: an order that another worker is
 * about to give is conditional on the version before. The value differs each time, since the API server
 * stores no write that changes nothing.
 */
export const refuseLatePatch = ({ uid, version }: KnownAgent): JsonPatch => [
  { op: 'test', path: '/metadata/uid', value: uid },
  { op: 'test', path: '/metadata/resourceVersion', value: version },
  { op: 'add', path: pointer('metadata', 'annotations', withdrawnKey), value: version },
];
