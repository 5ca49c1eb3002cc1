import {
  mostWorkloads,
  workloadKey,
  type WorkloadName,
  type WorkloadNow,
  type WorkloadReadiness,
} from '../../reboot/nodes/workloads.ts';
import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { isFinished, podView, type PodView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { listsOf, workloadCount } from '../impact/workload-counts.ts';
import { deploymentOf, isApps } from '../pods/workload-owners.ts';

/**
 * The current state of these workloads; deleted ones are left out. One list for each kind and namespace, or
 * one for the whole cluster where a kind spans more than eight namespaces.
 */
export async function readWorkloads(
  client: KubeClient,
  names: readonly WorkloadName[],
): Promise<readonly WorkloadNow[]> {
  const wanted = new Set(names.map((name) => workloadKey(name)));
  const read = await Promise.all(
    [...Map.groupBy(names, ({ kind }) => kind)].flatMap(([kind, some]) =>
      listsOf(
        kind,
        some.map(({ namespace }) => namespace),
      ).map(async (path) => {
        const { items } = await listAll(client, { path }, (object) => {
          const workload = workloadCount(kind, object);
          return wanted.has(workloadKey(workload)) ? workload : undefined;
        });
        return items;
      }),
    ),
  );
  return read.flat();
}

/**
 * The workloads with pods on a node. A workload that its controller has not counted yet is left out: there is
 * nothing to compare with.
 */
export async function workloadsOn(client: KubeClient, node: string): Promise<readonly WorkloadReadiness[]> {
  const pods = (await listPods(client, podsOnNode(node), podView)).filter((pod) => !isFinished(pod));
  const deployed = pods.filter((pod) => deploymentOf(pod) !== undefined);
  const others = pods.filter((pod) => deploymentOf(pod) === undefined);
  const found = await readWorkloads(client, [
    ...distinct(deployed, deploymentNamed),
    ...distinct(others, named),
  ]);
  const known = new Set(found.map((workload) => workloadKey(workload)));
  // Named like a Deployment's, but there is no such Deployment: the ReplicaSet has no owner.
  const orphans = deployed.filter((pod) =>
    deploymentNamed(pod).every((name) => !known.has(workloadKey(name))),
  );
  const alone = orphans.length === 0 ? [] : await readWorkloads(client, distinct(orphans, named));
  return [...found, ...alone]
    .filter(({ uncounted }) => !uncounted)
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

/**
 * Controllers that report ready pods in their status. Kinds of the same name in other API groups are left
 * out.
 */
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
