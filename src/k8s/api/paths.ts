import { apiGroup, apiVersion } from '../../reboot/nodes/node-contract.ts';

/** Names come from outside (a command, a queue). Escape them, so that none can change the path. */
const part = encodeURIComponent;
/** All namespaces when none is given. */
const within = (namespace: string | undefined): string =>
  namespace === undefined ? '' : `/namespaces/${part(namespace)}`;
const own = `/apis/${apiGroup}/${apiVersion}`;

export const paths = {
  /** The authenticated user of this client. */
  self: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
  nodes: '/api/v1/nodes',
  node: (name: string): string => `/api/v1/nodes/${part(name)}`,
  nodeStatus: (name: string): string => `/api/v1/nodes/${part(name)}/status`,
  pods: '/api/v1/pods',
  podsIn: (namespace: string): string => `/api/v1/namespaces/${part(namespace)}/pods`,
  pod: (namespace: string, name: string): string =>
    `/api/v1/namespaces/${part(namespace)}/pods/${part(name)}`,
  eviction: (namespace: string, name: string): string =>
    `/api/v1/namespaces/${part(namespace)}/pods/${part(name)}/eviction`,
  budgets: '/apis/policy/v1/poddisruptionbudgets',
  daemonSets: '/apis/apps/v1/daemonsets',
  daemonSetsIn: (namespace: string): string => `/apis/apps/v1${within(namespace)}/daemonsets`,
  deployments: (namespace?: string): string => `/apis/apps/v1${within(namespace)}/deployments`,
  replicaSets: (namespace?: string): string => `/apis/apps/v1${within(namespace)}/replicasets`,
  statefulSets: (namespace?: string): string => `/apis/apps/v1${within(namespace)}/statefulsets`,
  replicationControllers: (namespace?: string): string =>
    `/api/v1${within(namespace)}/replicationcontrollers`,
  volumeAttachments: '/apis/storage.k8s.io/v1/volumeattachments',
  claim: (namespace: string, name: string): string =>
    `/api/v1/namespaces/${part(namespace)}/persistentvolumeclaims/${part(name)}`,
  volume: (name: string): string => `/api/v1/persistentvolumes/${part(name)}`,
  events: (namespace: string): string => `/api/v1/namespaces/${part(namespace)}/events`,
  configMaps: (namespace: string): string => `/api/v1/namespaces/${part(namespace)}/configmaps`,
  configMap: (namespace: string, name: string): string =>
    `/api/v1/namespaces/${part(namespace)}/configmaps/${part(name)}`,
  reboots: `${own}/reboots`,
  reboot: (name: string): string => `${own}/reboots/${part(name)}`,
  rebootStatus: (name: string): string => `${own}/reboots/${part(name)}/status`,
  agents: `${own}/nodeagents`,
  agent: (name: string): string => `${own}/nodeagents/${part(name)}`,
} as const;

export const ownApiVersion = `${apiGroup}/${apiVersion}`;
