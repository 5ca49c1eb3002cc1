import { workloadKinds, type WorkloadKind, type WorkloadNow } from '../../reboot/rollout/workloads.ts';
import { numberAt, textAt } from '../api/json-value.ts';
import { paths } from '../api/paths.ts';

/** With more namespaces than this, all workloads of the kind are listed cluster-wide, 500 in a request. */
const mostNamespaces = 8;

const lists: Readonly<Record<WorkloadKind, (namespace?: string) => string>> = {
  Deployment: paths.deployments,
  StatefulSet: paths.statefulSets,
  ReplicaSet: paths.replicaSets,
  ReplicationController: paths.replicationControllers,
};

export const isWorkloadKind = (kind: string): kind is WorkloadKind =>
  (workloadKinds as readonly string[]).includes(kind);

/** The paths to list for the workloads of a kind in these namespaces. */
export function listsOf(kind: WorkloadKind, namespaces: readonly string[]): readonly string[] {
  const distinct = [...new Set(namespaces)];
  return distinct.length > mostNamespaces
    ? [lists[kind]()]
    : distinct.map((namespace) => lists[kind](namespace));
}

/** As its controller last counted. `uncounted` is set if the controller has not observed the latest spec. */
export function workloadCount(kind: WorkloadKind, object: unknown): WorkloadNow {
  const generation = numberAt(object, 'metadata', 'generation') ?? 0;
  const observed = numberAt(object, 'status', 'observedGeneration') ?? -1;
  return {
    kind,
    namespace: textAt(object, 'metadata', 'namespace') ?? '',
    name: textAt(object, 'metadata', 'name') ?? '',
    wanted: numberAt(object, 'spec', 'replicas') ?? 1,
    ready: numberAt(object, 'status', 'readyReplicas') ?? 0,
    ...(observed < generation ? { uncounted: true } : {}),
  };
}
