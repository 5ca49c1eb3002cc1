import {
  mostWorkloads,
  workloadKey,
  type WorkloadKind,
  type WorkloadName,
  type WorkloadNow,
  type WorkloadReadiness,
} from '../../reboot/workloads.ts';
import type { KubeClient } from '../api/client.ts';
import { numberAt, textAt } from '../api/json-value.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { isFinished, podView, type PodView } from '../drain/pod-view.ts';
import { listPods, podsOnNode } from '../drain/pods-on-node.ts';
import { deploymentOf, isApps } from '../drain/workloads.ts';

const lists: Readonly<Record<WorkloadKind, (namespace?: string) => string>> = {
  Deployment: paths.deployments,
  StatefulSet: paths.statefulSets,
  ReplicaSet: paths.replicaSets,
  ReplicationController: paths.replicationControllers,
};

/** In more namespaces than these, all of the cluster's workloads of a kind are listed at once. */
const mostNamespaces = 8;

/** How these stand now; what is gone is left out. One request for each kind and namespace, and never more than eight for a kind, pages apart. */
export async function readWorkloads(
  client: KubeClient,
  names: readonly WorkloadName[],
): Promise<readonly WorkloadNow[]> {
  const wanted = new Set(names.map((name) => workloadKey(name)));
  const read = await Promise.all(
    [...Map.groupBy(names, ({ kind }) => kind)].flatMap(([kind, some]) =>
      listsFor(kind, some).map(async (path) => {
        const { items } = await listAll(client, { path }, (object) => {
          const workload = workloadNow(kind, object);
          return wanted.has(workloadKey(workload)) ? workload : undefined;
        });
        return items;
      }),
    ),
  );
  return read.flat();
}

function listsFor(kind: WorkloadKind, some: readonly WorkloadName[]): readonly string[] {
  const namespaces = [...new Set(some.map(({ namespace }) => namespace))];
  return namespaces.length > mostNamespaces
    ? [lists[kind]()]
    : namespaces.map((namespace) => lists[kind](namespace));
}

const workloadNow = (kind: WorkloadKind, object: unknown): WorkloadNow => ({
  kind,
  namespace: textAt(object, 'metadata', 'namespace') ?? '',
  name: textAt(object, 'metadata', 'name') ?? '',
  wanted: numberAt(object, 'spec', 'replicas') ?? 1,
  ready: numberAt(object, 'status', 'readyReplicas') ?? 0,
});

/** Those that have pods on a node. */
export async function workloadsOn(client: KubeClient, node: string): Promise<readonly WorkloadReadiness[]> {
  const pods = (await listPods(client, podsOnNode(node), podView)).filter((pod) => !isFinished(pod));
  const deployed = pods.filter((pod) => deploymentOf(pod) !== undefined);
  const others = pods.filter((pod) => deploymentOf(pod) === undefined);
  const found = await readWorkloads(client, [
    ...distinct(deployed, deploymentNamed),
    ...distinct(others, named),
  ]);
  const known = new Set(found.map((workload) => workloadKey(workload)));
  // Named as a Deployment's, and there is none of that name: the ReplicaSet stands alone.
  const orphans = deployed.filter((pod) =>
    deploymentNamed(pod).every((name) => !known.has(workloadKey(name))),
  );
  const alone = orphans.length === 0 ? [] : await readWorkloads(client, distinct(orphans, named));
  return [...found, ...alone]
    .toSorted((one, other) => (workloadKey(one) < workloadKey(other) ? -1 : 1))
    .slice(0, mostWorkloads)
    .map(({ kind, namespace, name, ready }) => ({ kind, namespace, name, ready }));
}

function deploymentNamed(pod: PodView): readonly WorkloadName[] {
  const deployment = deploymentOf(pod);
  return deployment === undefined
    ? []
    : [{ kind: 'Deployment', namespace: deployment.namespace, name: deployment.name }];
}

/** What counts its pods itself; others of the same name, by other groups, are left out. */
function named({ namespace, controller }: PodView): readonly WorkloadName[] {
  if (controller === undefined) return [];
  const { name, kind, apiVersion } = controller;
  if (isApps(controller, 'ReplicaSet')) return [{ kind: 'ReplicaSet', namespace, name }];
  if (isApps(controller, 'StatefulSet')) return [{ kind: 'StatefulSet', namespace, name }];
  const isCounted = apiVersion === 'v1' && kind === 'ReplicationController';
  return isCounted ? [{ kind: 'ReplicationController', namespace, name }] : [];
}

function distinct(
  pods: readonly PodView[],
  nameOf: (pod: PodView) => readonly WorkloadName[],
): readonly WorkloadName[] {
  return [...new Map(pods.flatMap(nameOf).map((name) => [workloadKey(name), name])).values()];
}
