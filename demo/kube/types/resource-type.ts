import { type JsonObject } from '../json.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority: number;
  readonly description: string;
}

export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Subresources besides the object itself. */
  readonly subresources: readonly string[];
  /** metadata.generation counts changes of the spec. */
  readonly counted: boolean;
  /** A PUT without a resourceVersion overwrites. */
  readonly unconditionalUpdate: boolean;
  /** A PUT to a name that does not exist creates it. */
  readonly createOnUpdate: boolean;
  readonly selectable: readonly string[];
  /** Custom resources only: the schema for pruning and validation. */
  readonly custom?: {
    readonly schema: JsonObject;
    readonly columns: readonly PrinterColumn[];
    /** The definition is being deleted: no new objects are accepted. */
    readonly terminating: boolean;
  };
  /** Key of its storage, shared by all versions of a resource. */
  readonly storedAs: string;
}

export const apiVersionOf = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

export const hasStatus = (type: ResourceType): boolean => type.subresources.includes('status');

export const storageName = (group: string, plural: string): string =>
  group === '' ? plural : `${plural}.${group}`;

type Sketch = Pick<ResourceType, 'group' | 'version' | 'kind' | 'plural'> & Partial<ResourceType>;

/** Adds the properties that most built-in types share. */
const builtin = (sketch: Sketch): ResourceType => ({
  singular: sketch.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  counted: false,
  unconditionalUpdate: true,
  createOnUpdate: false,
  storedAs: storageName(sketch.group, sketch.plural),
  ...sketch,
  selectable: ['metadata.name', 'metadata.namespace', ...(sketch.selectable ?? [])],
});

const core = { group: '', version: 'v1' };
const apps = { group: 'apps', version: 'v1', subresources: ['status'], counted: true, categories: ['all'] };
const eventFields = ['type', 'reason'];

export const builtinTypes: readonly ResourceType[] = [
  {
    ...core,
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    subresources: ['status'],
    selectable: ['status.phase'],
  },
  {
    ...core,
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['status'],
    selectable: ['spec.unschedulable'],
  },
  {
    ...core,
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    subresources: ['status', 'eviction', 'binding'],
    selectable: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'status.podIP'],
  },
  { ...core, kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  { ...core, kind: 'Secret', plural: 'secrets', selectable: ['type'] },
  {
    ...core,
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    createOnUpdate: true,
    selectable: [
      ...eventFields,
      'reportingComponent',
      'source',
      'involvedObject.kind',
      'involvedObject.name',
      'involvedObject.namespace',
      'involvedObject.uid',
    ],
  },
  {
    group: 'events.k8s.io',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    createOnUpdate: true,
    storedAs: 'events',
    selectable: [
      ...eventFields,
      'reportingController',
      'regarding.kind',
      'regarding.name',
      'regarding.namespace',
      'regarding.uid',
    ],
  },
  {
    ...core,
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    subresources: ['status'],
    counted: true,
    categories: ['all'],
  },
  { ...apps, kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'] },
  { ...apps, kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], selectable: ['status.replicas'] },
  { ...apps, kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'] },
  { ...apps, kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'] },
  {
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    subresources: ['status'],
    counted: true,
    unconditionalUpdate: false,
  },
  {
    ...core,
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    namespaced: false,
    subresources: ['status'],
  },
  {
    ...core,
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    subresources: ['status'],
  },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'VolumeAttachment',
    plural: 'volumeattachments',
    namespaced: false,
    subresources: ['status'],
  },
  {
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    plural: 'leases',
    unconditionalUpdate: false,
    createOnUpdate: true,
  },
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    namespaced: false,
    subresources: ['status'],
    counted: true,
    unconditionalUpdate: false,
    categories: ['api-extensions'],
  },
].map(builtin);
