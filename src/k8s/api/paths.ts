import { apiGroup, apiVersion } from '../../reboot/nodes/node-contract.ts';

/** Names reach us from outside (a command, a queue): no name may leave its place in a path. */
const part = encodeURIComponent;
/** All namespaces where none is named. */
const within = (namespace: string | undefined): string =>
  namespace === undefined ? '' : `/namespaces/${part(namespace)}`;
const own = `/apis/${apiGroup}/${apiVersion}`;

export const paths = {
  /** Who we are to the API server. */
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
