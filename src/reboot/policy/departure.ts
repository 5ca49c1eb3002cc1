/**
 * Nodes that others are about to remove or have in maintenance. They count as out of service, and their
 * reboots do not start.
 */
import { kwokAnnotation, nodeContract } from '../nodes/node-contract.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Departing, Policy } from './policy.ts';
import { type WatchedNames, watchedNamesOf } from './pool-signal.ts';

/**
 * The defaults, which a configuration extends. DeletionCandidateOfClusterAutoscaler is not among them,
 * because the autoscaler may still remove that taint and keep the node.
 */
export const departingByDefault: Departing = {
  taints: [
    'karpenter.sh/disrupted',
    // Karpenter before 1.0.
    'karpenter.sh/disruption',
    'ToBeDeletedByClusterAutoscaler',
    'node.kubernetes.io/out-of-service',
    'node.cloudprovider.kubernetes.io/shutdown',
    'cloud.google.com/impending-node-termination',
    'aws-node-termination-handler/spot-itn',
    'aws-node-termination-handler/asg-lifecycle-termination',
  ],
  annotations: [
    // Annotations of a Machine. Cluster API and OpenShift's Machine API copy them to the Node where
    // configured.
    'cluster.x-k8s.io/delete-machine',
    'machine.openshift.io/delete-machine',
    'machine.openshift.io/cluster-api-delete-machine',
    // Gardener's machine-controller-manager deletes the Machine of such a Node.
    'node.machine.sapcloud.io/trigger-deletion-by-mcm',
  ],
  // KEP-5683, node lifecycle conditions.
  conditions: ['MaintenanceInProgress', 'DrainInProgress'],
};

/** The reason of our conditions contains the name of the Reboot. */
const ownReason = `${nodeContract.drainInProgress.reason}:`;
export const drainReason = (reboot: string): string => `${ownReason}${reboot}`;
/** The Reboot for which Tugboot has set a condition; undefined where it was set by others. */
export const rebootOfReason = (reason: string | undefined): string | undefined =>
  reason?.startsWith(ownReason) === true ? reason.slice(ownReason.length) : undefined;

/** Written by OpenShift's machine-config operator, with the value `drain-…` or `uncordon-…`. */
export const desiredDrain = 'machineconfiguration.openshift.io/desiredDrain';

type Seen = Pick<NodeView, 'taints' | 'annotations' | 'conditions'>;

/** Why a node counts as departing, in words that follow its name; undefined where it does not. */
export function departureOf(node: Seen, departing: Departing): string | undefined {
  const taint = node.taints?.find(({ key }) => departing.taints.includes(key));
  if (taint !== undefined) return `has the taint ${taint.key}`;
  const annotation = departing.annotations.find(
    (key) => !['', 'false'].includes(node.annotations?.[key] ?? ''),
  );
  if (annotation !== undefined) return `has the annotation ${annotation}`;
  if (node.annotations?.[desiredDrain]?.startsWith('drain-') === true)
    return 'is drained by the machine-config operator';
  const condition = departing.conditions.find((type) => {
    const found = node.conditions?.[type];
    return found?.status === 'True' && rebootOfReason(found.reason) === undefined;
  });
  return condition === undefined ? undefined : `has the condition ${condition}`;
}

/** For any reason: not Ready, cordoned, or departing. */
export const isOutOfService = (
  node: Seen & Partial<Pick<NodeView, 'ready' | 'unschedulable'>>,
  departing: Departing,
): boolean =>
  node.ready === false || node.unschedulable === true || departureOf(node, departing) !== undefined;

/** Names of the conditions and annotations of a Node that a configuration uses. */
export function watchedDepartures({ pools, departing }: Pick<Policy, 'pools' | 'departing'>): WatchedNames {
  const { conditions, annotations } = watchedNamesOf(pools.flatMap(({ signals }) => signals));
  return {
    conditions: new Set([...conditions, ...departing.conditions]),
    annotations: new Set([...annotations, ...departing.annotations, desiredDrain, kwokAnnotation]),
    hookAnnotations: new Set(
      pools.flatMap(({ hooks }) => [
        ...Object.keys(hooks.annotations.before),
        ...Object.keys(hooks.annotations.after),
      ]),
    ),
  };
}
