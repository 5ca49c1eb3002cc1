/**
 * Every right that the bot needs, and what is missing without it. The chart's roles grant exactly these: a
 * test compares them.
 */
export interface Right {
  readonly verbs: readonly string[];
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Only in the namespace of the installation. */
  readonly own?: true;
  /** Only this object. */
  readonly name?: string;
  /** Continues "Without it …". */
  readonly without: string;
}

const noDrain = 'no drain works';

export const rights: readonly Right[] = [
  {
    verbs: ['get', 'list', 'watch', 'patch'],
    group: '',
    resource: 'nodes',
    without: 'nodes are neither seen nor cordoned',
  },
  {
    verbs: ['patch'],
    group: '',
    resource: 'nodes',
    subresource: 'status',
    without: 'the condition RebootRequired is not written',
  },
  { verbs: ['list', 'watch', 'delete'], group: '', resource: 'pods', without: noDrain },
  { verbs: ['create'], group: '', resource: 'pods', subresource: 'eviction', without: noDrain },
  { verbs: ['list', 'watch'], group: 'policy', resource: 'poddisruptionbudgets', without: noDrain },
  { verbs: ['list'], group: 'apps', resource: 'daemonsets', without: noDrain },
  ...['deployments', 'replicasets', 'statefulsets'].map((resource) => ({
    verbs: ['list'],
    group: 'apps',
    resource,
    without: 'the readiness of workloads is not compared',
  })),
  {
    verbs: ['list'],
    group: '',
    resource: 'replicationcontrollers',
    without: 'the readiness of workloads is not compared',
  },
  {
    verbs: ['list', 'watch'],
    group: 'storage.k8s.io',
    resource: 'volumeattachments',
    without: 'a reboot does not wait for volumes to be detached',
  },
  {
    verbs: ['get'],
    group: '',
    resource: 'persistentvolumes',
    without: 'a reboot does not wait for volumes to be detached',
  },
  {
    verbs: ['get', 'list', 'watch', 'create', 'delete'],
    group: 'tugboot.dev',
    resource: 'reboots',
    without: 'no reboot can be recorded',
  },
  {
    verbs: ['patch'],
    group: 'tugboot.dev',
    resource: 'reboots',
    subresource: 'status',
    without: 'no reboot can go on',
  },
  {
    verbs: ['get', 'list', 'watch', 'create', 'patch'],
    group: 'tugboot.dev',
    resource: 'nodeagents',
    without: 'no agent can be given an order',
  },
  { verbs: ['create'], group: '', resource: 'events', without: 'nothing is told in Events' },
  {
    verbs: ['create'],
    group: '',
    resource: 'configmaps',
    own: true,
    without: 'there is no ledger of turns, and nothing starts',
  },
  {
    verbs: ['get', 'update'],
    group: '',
    resource: 'configmaps',
    own: true,
    name: 'tugboot-turns',
    without: 'no turn can be taken, and nothing starts',
  },
  {
    verbs: ['get', 'list', 'watch', 'patch'],
    group: '',
    resource: 'configmaps',
    own: true,
    name: 'tugboot-pauses',
    without: 'nothing can be paused',
  },
  {
    verbs: ['get', 'list', 'watch', 'patch'],
    group: '',
    resource: 'configmaps',
    own: true,
    name: 'tugboot-pool-digests',
    without: 'many nodes that ask at once ask one by one',
  },
  {
    verbs: ['get'],
    group: '',
    resource: 'persistentvolumeclaims',
    own: true,
    without: 'it is not known whether the volume of our Redis can move',
  },
  {
    verbs: ['list', 'watch'],
    group: 'apps',
    resource: 'daemonsets',
    own: true,
    without: 'nodes without an agent are told as silent',
  },
];
