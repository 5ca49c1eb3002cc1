import { at, having, type Json, type JsonObject, objectAt } from '../json.ts';
import { nameOf, withMetadata } from '../objects/object.ts';
import { hasStatus, type ResourceType } from './resource-type.ts';

type Defaults = Readonly<Record<string, Json>>;

const podSpec: Defaults = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  securityContext: {},
};

const specs: Readonly<Record<string, Defaults>> = {
  Pod: podSpec,
  Deployment: {
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  ReplicaSet: { replicas: 1 },
  StatefulSet: {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
  },
  DaemonSet: { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10 },
};

/** Initial statuses; other types with a status subresource start without one. */
const statuses: Readonly<Record<string, Defaults>> = {
  Pod: { phase: 'Pending', qosClass: 'BestEffort' },
  Namespace: { phase: 'Active' },
};

/** Types without a spec. */
const plain: ReadonlySet<string> = new Set(['ConfigMap', 'Secret', 'Event']);

/** Adds the server's defaults, and removes a status that the creator may not set. */
export function withDefaults(type: ResourceType, object: JsonObject): JsonObject {
  if (type.custom !== undefined) return hasStatus(type) ? having(object, 'status', undefined) : object;
  const filled = withSpecDefaults(type.kind, object);
  // A node registers itself with its status: the only type whose creator may set it.
  if (!hasStatus(type) || type.kind === 'Node') return filled;
  return { ...filled, status: statuses[type.kind] ?? {} };
}

/**
 * Separate from creation, since an update that removes a defaulted field gets it back. Built-in types always
 * have spec and status, even empty, so that a JSON patch can add to them; custom ones do not.
 */
export function withSpecDefaults(kind: string, object: JsonObject): JsonObject {
  if (plain.has(kind)) return object;
  const whole: JsonObject = kind === 'Node' ? { status: {}, ...object } : object;
  const labelled = kind === 'Namespace' ? labelledNamespace(whole) : whole;
  let spec: JsonObject = { ...specs[kind], ...objectAt(labelled, 'spec') };
  const template = at(spec, 'template', 'spec');
  if (template !== undefined) {
    spec = {
      ...spec,
      template: { ...objectAt(spec, 'template'), spec: { ...podSpec, ...objectAt(template) } },
    };
  }
  return { ...labelled, spec };
}

const labelledNamespace = (object: JsonObject): JsonObject =>
  withMetadata(object, {
    labels: { ...objectAt(object, 'metadata', 'labels'), 'kubernetes.io/metadata.name': nameOf(object) },
  });
