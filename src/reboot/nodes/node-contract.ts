/**
 * Every key that Tugboot writes to a cluster object, with its only writer. docs/node-contract.md is generated
 * from it.
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
  managed: {
    key: 'tugboot.dev/marks',
    kind: 'annotation',
    on: 'Node',
    writer: 'bot',
    meaning:
      'Which labels and annotations Tugboot has put on the node for its reboot (`hooks`), and what stood there before (JSON). They are taken back as this says.',
  },
  state: {
    key: 'tugboot.dev/state',
    kind: 'annotation',
    on: 'Node',
    writer: 'bot',
    meaning:
      'Phase of the Reboot of the node while it lives, such as Draining. Only with `hooks.annotateState`.',
  },
  reboot: {
    key: 'tugboot.dev/reboot',
    kind: 'annotation',
    on: 'Node',
    writer: 'bot',
    meaning: 'Name of that Reboot. Only with `hooks.annotateState`.',
  },
  lastReboot: {
    key: 'tugboot.dev/last-reboot',
    kind: 'annotation',
    on: 'Node',
    writer: 'bot',
    meaning: 'When the last reboot by Tugboot had proven itself. It stays. Only with `hooks.annotateState`.',
  },
  waiting: {
    key: 'tugboot.dev/reboot-waiting',
    kind: 'taint',
    on: 'Node',
    writer: 'bot',
    meaning:
      'PreferNoSchedule, while a reboot of the node waits or is carried out. Only with `hooks.preferNoSchedule`.',
  },
  excludeFromLoadBalancers: {
    key: 'node.kubernetes.io/exclude-from-external-load-balancers',
    kind: 'label',
    on: 'Node',
    writer: 'bot and others',
    meaning:
      'Kubernetes’ own: load balancers leave the node out. From the cordon to the uncordon, unless it was there before. Only with `hooks.excludeFromLoadBalancers`.',
  },
  paused: {
    key: 'tugboot.dev/paused',
    kind: 'annotation',
    on: 'Node',
    writer: 'people',
    meaning: 'While it is there, no reboot of the node starts. Its value is the reason, shown to people.',
  },
  requested: {
    key: 'tugboot.dev/reboot-requested',
    kind: 'annotation',
    on: 'Node',
    writer: 'people',
    meaning:
      'Asks for a reboot of the node, as `/reboot now` does. Its value is the reason, shown to people. The bot takes it away when it has made the Reboot.',
  },
  requestedBy: {
    key: 'tugboot.dev/requested-by',
    kind: 'annotation',
    on: 'Node',
    writer: 'people',
    meaning:
      'Who asks, beside the annotation that does: one’s own user name at the API server, which an admission policy of the chart compares. Without it, or without that policy, the card says "somebody with kubectl".',
  },
  rebootRequired: {
    key: 'RebootRequired',
    kind: 'condition',
    on: 'Node',
    writer: 'bot',
    meaning:
      'True while the node reports that it needs a reboot, False when it does not, Unknown when it cannot tell.',
  },
  drainInProgress: {
    key: 'DrainInProgress',
    kind: 'condition',
    on: 'Node',
    writer: 'bot and others',
    /** Prefix of the reason in conditions that Tugboot sets. The name of the Reboot follows. */
    reason: 'Tugboot',
    meaning:
      'Kubernetes’ own (KEP-5683): True from the cordon until the pods have gone. Its reason is `Tugboot:` and the name of the Reboot; any other is not ours. Only with `hooks.drainConditions`.',
  },
  drained: {
    key: 'Drained',
    kind: 'condition',
    on: 'Node',
    writer: 'bot and others',
    meaning: 'The same, from then until the uncordon. Only with `hooks.drainConditions`.',
  },
  unknownSignals: {
    key: 'tugboot.dev/doubt',
    kind: 'annotation',
    on: 'NodeAgent',
    writer: 'bot',
    meaning:
      'Since when the agent is silent or signals cannot be read, which, and whether the channel was told (JSON). Absent when all is well.',
  },
  rebooters: {
    key: 'tugboot.dev/other-rebooters',
    kind: 'annotation',
    on: 'NodeAgent',
    writer: 'bot',
    meaning:
      'Which other rebooters the agent has seen on, since when, and whether the channel was told (JSON). Absent when there are none.',
  },
  orderWithdrawn: {
    key: 'tugboot.dev/order-withdrawn',
    kind: 'annotation',
    on: 'NodeAgent',
    writer: 'bot',
    meaning:
      'Version of the NodeAgent when a reboot that had failed withdrew its order and none stood. By this write an order fails that another replica is about to give.',
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

/** Kubernetes' service controller checks for the key only and accepts any value. */
export const excludeFromLoadBalancersLabel = nodeContract.excludeFromLoadBalancers.key;

/** Labels of control-plane nodes: kubeadm's, and its name before Kubernetes 1.20. */
export const controlPlaneLabels = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
] as const;

export const zoneLabel = 'topology.kubernetes.io/zone';

/** On nodes that KWOK simulates. */
export const kwokAnnotation = 'kwok.x-k8s.io/node';
