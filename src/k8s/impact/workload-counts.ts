import type {
  V1Deployment,
  V1ReplicaSet,
  V1ReplicationController,
  V1StatefulSet,
} from '@kubernetes/client-node';
import { workloadKinds, type WorkloadKind, type WorkloadNow } from '../../reboot/nodes/workloads.ts';
import { paths } from '../api/paths.ts';
import { namesOf } from '../api/object-names.ts';
import type { Path, Received } from '../api/received.ts';

/** With more namespaces than this, all workloads of the kind are listed cluster-wide, 500 in a request. */
const mostNamespaces = 8;

/** The kinds have in common what is read of them. */
export type Workloads = V1Deployment | V1StatefulSet | V1ReplicaSet | V1ReplicationController;

const lists: Readonly<Record<WorkloadKind, (namespace?: string) => Path<Workloads>>> = {
  Deployment: paths.deployments,
  StatefulSet: paths.statefulSets,
  ReplicaSet: paths.replicaSets,
  ReplicationController: paths.replicationControllers,
};

export const isWorkloadKind = (kind: string): kind is WorkloadKind =>
  (workloadKinds as readonly string[]).includes(kind);

/** The paths to list for the workloads of a kind in these namespaces. */
export function listsOf(kind: WorkloadKind, namespaces: readonly string[]): readonly Path<Workloads>[] {
  const distinct = [...new Set(namespaces)];
  return distinct.length > mostNamespaces
    ? [lists[kind]()]
    : distinct.map((namespace) => lists[kind](namespace));
}

/** As its controller last counted. `uncounted` is set if the controller has not observed the latest spec. */
export function workloadCount(kind: WorkloadKind, object: Received<Workloads>): WorkloadNow {
  const { metadata, spec, status } = object;
  const isCounted = (status?.observedGeneration ?? -1) >= (metadata?.generation ?? 0);
  return {
    kind,
    ...namesOf(object),
    wanted: spec?.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    ...(isCounted ? {} : { uncounted: true }),
  };
}
