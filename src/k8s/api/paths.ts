import type {
  CoreV1Event,
  V1ConfigMap,
  V1DaemonSet,
  V1Deployment,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1ReplicationController,
  V1StatefulSet,
  V1VolumeAttachment,
} from '@kubernetes/client-node';
import { apiGroup, apiVersion } from '../../reboot/nodes/node-contract.ts';
import type { Path } from './received.ts';

/** Names come from outside (a command, a queue). Escape them, so that none can change the path. */
const part = encodeURIComponent;
/** All namespaces when none is given. */
const within = (namespace: string | undefined): string =>
  namespace === undefined ? '' : `/namespaces/${part(namespace)}`;
const own = `/apis/${apiGroup}/${apiVersion}`;

export const paths = {
  /** The authenticated user of this client. */
  self: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
  ownAccess: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  nodes: '/api/v1/nodes' as Path<V1Node>,
  node: (name: string): Path<V1Node> => `/api/v1/nodes/${part(name)}`,
  nodeStatus: (name: string): Path<V1Node> => `/api/v1/nodes/${part(name)}/status`,
  pods: '/api/v1/pods' as Path<V1Pod>,
  podsIn: (namespace: string): Path<V1Pod> => `/api/v1/namespaces/${part(namespace)}/pods`,
  pod: (namespace: string, name: string): Path<V1Pod> =>
    `/api/v1/namespaces/${part(namespace)}/pods/${part(name)}`,
  eviction: (namespace: string, name: string): string =>
    `/api/v1/namespaces/${part(namespace)}/pods/${part(name)}/eviction`,
  budgets: '/apis/policy/v1/poddisruptionbudgets' as Path<V1PodDisruptionBudget>,
  daemonSets: '/apis/apps/v1/daemonsets' as Path<V1DaemonSet>,
  daemonSetsIn: (namespace: string): Path<V1DaemonSet> => `/apis/apps/v1${within(namespace)}/daemonsets`,
  deployments: (namespace?: string): Path<V1Deployment> => `/apis/apps/v1${within(namespace)}/deployments`,
  deployment: (namespace: string, name: string): Path<V1Deployment> =>
    `/apis/apps/v1/namespaces/${part(namespace)}/deployments/${part(name)}`,
  replicaSets: (namespace?: string): Path<V1ReplicaSet> => `/apis/apps/v1${within(namespace)}/replicasets`,
  statefulSets: (namespace?: string): Path<V1StatefulSet> => `/apis/apps/v1${within(namespace)}/statefulsets`,
  replicationControllers: (namespace?: string): Path<V1ReplicationController> =>
    `/api/v1${within(namespace)}/replicationcontrollers`,
  volumeAttachments: '/apis/storage.k8s.io/v1/volumeattachments' as Path<V1VolumeAttachment>,
  claim: (namespace: string, name: string): Path<V1PersistentVolumeClaim> =>
    `/api/v1/namespaces/${part(namespace)}/persistentvolumeclaims/${part(name)}`,
  volume: (name: string): Path<V1PersistentVolume> => `/api/v1/persistentvolumes/${part(name)}`,
  events: (namespace: string): Path<CoreV1Event> => `/api/v1/namespaces/${part(namespace)}/events`,
  configMaps: (namespace: string): Path<V1ConfigMap> => `/api/v1/namespaces/${part(namespace)}/configmaps`,
  configMap: (namespace: string, name: string): Path<V1ConfigMap> =>
    `/api/v1/namespaces/${part(namespace)}/configmaps/${part(name)}`,
  reboots: `${own}/reboots`,
  reboot: (name: string): string => `${own}/reboots/${part(name)}`,
  rebootStatus: (name: string): string => `${own}/reboots/${part(name)}/status`,
  agents: `${own}/nodeagents`,
  agent: (name: string): string => `${own}/nodeagents/${part(name)}`,
} as const;

export const ownApiVersion = `${apiGroup}/${apiVersion}`;
