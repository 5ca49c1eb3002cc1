import { readable } from '../api/readable.ts';
import { isDeepStrictEqual } from 'node:util';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { ManagedLabels, ConditionView, NodeView } from '../../reboot/nodes/node-view.ts';
import { truncateForRecord } from '../../reboot/nodes/put-values.ts';
import type { WatchedNames } from '../../reboot/policy/pool-signal.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import { objectNameOf, uidOf } from '../api/object-names.ts';
import { annotationOn, conditionsOn, type KubeNode } from './kube-node.ts';
import { rebootConditionAt } from './reboot-condition.ts';
import { readManagedLabels } from './read-managed-labels.ts';
import { placeOf } from '../placement/placement.ts';
import { allocatableOf } from '../placement/resource-requests.ts';
import type { Space } from '../impact/room-fit.ts';

/** The watch's view of a Node, with the fields that save a read before a write that changes nothing. */
export interface WatchedNode {
  readonly view: NodeView;
  readonly rebootMessage?: string;
  /** The index of the condition RebootRequired in the Node's list of conditions. */
  readonly rebootConditionAt?: number;
  /** Absent while the node accepts no pods. */
  readonly space?: Space;
}

/** Truncates text for display: annotations and messages have no useful limit. */
const short = (text: string): string => text.trim().slice(0, 300);

/** In characters. A principal's name is stored with at most 256, its prefix included. */
const longestUser = 200;

function conditionOf(node: KubeNode, type: string): ConditionView | undefined {
  const found = conditionsOn(node).find((condition) => condition.type === type);
  if (found === undefined) return undefined;
  const { status, reason, message = '' } = found;
  const since = found.lastTransitionTime ?? undefined;
  return {
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    ...(reason === undefined || reason === '' ? {} : { reason: short(reason) }),
    message,
    ...(since === undefined || Number.isNaN(Date.parse(since)) ? {} : { since }),
  };
}

/**
 * Conditions and annotations are most of a Node's size: at 5,000 nodes only the configured ones are cached.
 */
function cachedFieldsOf(
  node: KubeNode,
  { conditions, annotations }: WatchedNames,
): Pick<NodeView, 'conditions' | 'annotations'> {
  const found = [...conditions].flatMap((type) => {
    const condition = conditionOf(node, type);
    return condition === undefined
      ? []
      : [[type, { ...condition, message: short(condition.message) }] as const];
  });
  const texts = [...annotations].flatMap((key) => {
    const text = annotationOn(node, key);
    return text === undefined ? [] : [[key, short(text)] as const];
  });
  return {
    ...(found.length === 0 ? {} : { conditions: Object.fromEntries(found) }),
    ...(texts.length === 0 ? {} : { annotations: Object.fromEntries(texts) }),
  };
}

/**
 * The annotations that hooks write, and those that the note on the Node names. Their values are restored, so
 * they are not shortened for display.
 */
function hookAnnotationsOf(
  node: KubeNode,
  wanted: WatchedNames | undefined,
  noted: ManagedLabels | undefined,
): Pick<NodeView, 'hookAnnotations'> {
  const keys = new Set([...(wanted?.hookAnnotations ?? []), ...Object.keys(noted?.annotations ?? {})]);
  const texts = [...keys].flatMap((key) => {
    const text = annotationOn(node, key);
    return text === undefined ? [] : [[key, truncateForRecord(text)] as const];
  });
  return texts.length === 0 ? {} : { hookAnnotations: Object.fromEntries(texts) };
}

const watchedFieldsOf = (
  node: KubeNode,
  wanted: WantedFields | undefined,
  noted: ManagedLabels | undefined,
) => ({
  ...hookAnnotationsOf(node, wanted?.(), noted),
  ...(wanted === undefined ? {} : cachedFieldsOf(node, wanted())),
});

function taintsOf(node: KubeNode): Pick<NodeView, 'taints'> {
  const taints = (node.spec?.taints ?? []).map((taint) => {
    const { key = '', effect = '', value } = taint;
    const named = { key, effect };
    return value === undefined ? named : { ...named, value: short(value) };
  });
  return taints.length === 0 ? {} : { taints };
}

/**
 * The conditions and annotations that the configuration uses. A function, since the configuration can be
 * reloaded.
 */
export type WantedFields = () => WatchedNames;

/** Empty until the kubelet writes its first status. */
function systemOf({ status }: KubeNode): Pick<NodeView, 'bootId' | 'kernel' | 'osImage'> {
  const { bootID = '', kernelVersion = '', osImage = '' } = status?.nodeInfo ?? {};
  return { bootId: bootID, kernel: kernelVersion, osImage };
}

export const nodeView = readable('Node', viewOfNode);

function viewOfNode(node: KubeNode, wanted?: WantedFields): NodeView {
  const cordonedBy = annotationOn(node, nodeContract.cordonedBy.key);
  const paused = annotationOn(node, nodeContract.paused.key);
  const requested = annotationOn(node, nodeContract.requested.key);
  const requestedBy = annotationOn(node, nodeContract.requestedBy.key);
  const required = conditionOf(node, nodeContract.rebootRequired.key);
  const managedOnNode = readManagedLabels(node);
  return {
    name: objectNameOf(node),
    uid: uidOf(node),
    ...systemOf(node),
    ready: conditionOf(node, 'Ready')?.status === 'True',
    unschedulable: node.spec?.unschedulable === true,
    ...(cordonedBy === undefined ? {} : { cordonedBy }),
    labels: node.metadata?.labels ?? {},
    ...(managedOnNode === undefined ? {} : { managed: managedOnNode }),
    ...(paused === undefined ? {} : { paused: short(paused) }),
    ...(requested === undefined ? {} : { requested: short(requested) }),
    ...(requestedBy === undefined ? {} : { requestedBy: requestedBy.slice(0, longestUser) }),
    ...(required === undefined ? {} : { rebootRequired: required.status }),
    ...taintsOf(node),
    ...watchedFieldsOf(node, wanted, managedOnNode),
  };
}

export const watchedNode = readable('Node', watchedFields);

function watchedFields(node: KubeNode, wanted?: WantedFields): WatchedNode {
  const message = conditionOf(node, nodeContract.rebootRequired.key)?.message;
  const index = rebootConditionAt(node);
  const view = nodeView(node, wanted);
  const place = placeOf(node);
  return {
    view,
    ...(message === undefined ? {} : { rebootMessage: message }),
    ...(index === undefined ? {} : { rebootConditionAt: index }),
    ...(place === undefined
      ? {}
      : { space: { ...place, labels: view.labels, allocatable: allocatableOf(node) } }),
  };
}

/** Whether two views of a node differ in the condition RebootRequired alone. */
export function isMirrorOnly(before: WatchedNode | undefined, after: WatchedNode | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  const rest = ({ view, space }: WatchedNode): unknown => ({ ...view, rebootRequired: undefined, space });
  return isDeepStrictEqual(rest(before), rest(after));
}

/** Whether the node is the target machine, at the target boot. */
export const isAtBoot = (node: Pick<NodeView, 'uid' | 'bootId'>, target: BootTarget): boolean =>
  node.uid === target.uid && node.bootId === target.bootId;
