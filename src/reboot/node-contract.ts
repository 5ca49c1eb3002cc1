/**
 * Every key that Tugboot writes to a cluster object, with its one writer. docs/node-contract.md is generated from it.
 */
export const apiGroup = 'tugboot.dev';
export const apiVersion = 'v1alpha1';

export const nodeContract = {
  cordonedBy: {
    key: 'tugboot.dev/cordoned-by',
    kind: 'annotation',
    on: 'Node',
    writer: 'bot',
    meaning:
      'Name of the Reboot that cordoned the node. Absent when somebody else did; then Tugboot leaves the cordon alone.',
  },
  paused: {
    key: 'tugboot.dev/paused',
    kind: 'annotation',
    on: 'Node',
    writer: 'people',
    meaning: 'While it is there, no reboot of the node starts. Its value is the reason, shown to people.',
  },
  rebootRequired: {
    key: 'RebootRequired',
    kind: 'condition',
    on: 'Node',
    writer: 'bot',
    meaning:
      'True while the node reports that it needs a reboot, False when it does not, Unknown when it cannot tell.',
  },
  doubt: {
    key: 'tugboot.dev/doubt',
    kind: 'annotation',
    on: 'NodeAgent',
    writer: 'bot',
    meaning:
      'Since when the agent is silent or signals cannot be read, which, and whether the channel was told (JSON). Absent when all is well.',
  },
  installation: {
    key: 'tugboot.dev/installation',
    kind: 'annotation',
    on: 'NodeAgent',
    writer: 'bot',
    meaning:
      'Namespace of the Tugboot that owns the object. A Tugboot of another namespace refuses to start.',
  },
} as const;

/** Labels that mark a control-plane node (kubeadm's, and its name before Kubernetes 1.20). */
export const controlPlaneLabels = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
] as const;

export const zoneLabel = 'topology.kubernetes.io/zone';
