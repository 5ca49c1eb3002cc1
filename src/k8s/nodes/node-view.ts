import { nodeContract } from '../../reboot/node-contract.ts';
import type { BootTarget, NodeView } from '../../reboot/ports.ts';
import { at, listAt, textAt, textsAt } from '../api/json-value.ts';

interface Condition {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly message: string;
}

/** What the watch keeps of a Node: the view, and what saves us a read before a write that changes nothing. */
export interface WatchedNode {
  readonly view: NodeView;
  readonly rebootMessage?: string;
}

function conditionOf(node: unknown, type: string): Condition | undefined {
  const found = listAt(node, 'status', 'conditions').find((condition) => textAt(condition, 'type') === type);
  if (found === undefined) return undefined;
  const status = textAt(found, 'status');
  return {
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    message: textAt(found, 'message') ?? '',
  };
}

export function nodeView(node: unknown): NodeView {
  const cordonedBy = textAt(node, 'metadata', 'annotations', nodeContract.cordonedBy.key);
  const required = conditionOf(node, nodeContract.rebootRequired.key);
  return {
    name: textAt(node, 'metadata', 'name') ?? '',
    uid: textAt(node, 'metadata', 'uid') ?? '',
    // Empty before the kubelet has written its first status.
    bootId: textAt(node, 'status', 'nodeInfo', 'bootID') ?? '',
    ready: conditionOf(node, 'Ready')?.status === 'True',
    unschedulable: at(node, 'spec', 'unschedulable') === true,
    ...(cordonedBy === undefined ? {} : { cordonedBy }),
    labels: textsAt(node, 'metadata', 'labels'),
    kernel: textAt(node, 'status', 'nodeInfo', 'kernelVersion') ?? '',
    osImage: textAt(node, 'status', 'nodeInfo', 'osImage') ?? '',
    ...(required === undefined ? {} : { rebootRequired: required.status }),
  };
}

export function watchedNode(node: unknown): WatchedNode {
  const message = conditionOf(node, nodeContract.rebootRequired.key)?.message;
  return { view: nodeView(node), ...(message === undefined ? {} : { rebootMessage: message }) };
}

/** Whether this is the machine, and the boot of it, that is meant. */
export const isAtBoot = (node: Pick<NodeView, 'uid' | 'bootId'>, target: BootTarget): boolean =>
  node.uid === target.uid && node.bootId === target.bootId;
