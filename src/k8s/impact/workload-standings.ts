import type { WorkloadKind } from '../../reboot/nodes/workloads.ts';
import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import type { Received } from '../api/received.ts';
import { podView, type PodView } from '../pods/pod-view.ts';
import type { SharedReadings } from '../../timing/shared-readings.ts';
import { isWorkloadKind, listsOf, workloadCount, type Workloads } from './workload-counts.ts';
import {
  controllerOf,
  deploymentOf,
  workloadKeyOf,
  serves,
  type Standing,
  type Workload,
} from '../pods/workload-owners.ts';

export type Standings = ReadonlyMap<string, Standing>;

export interface StandingsDeps {
  readonly client: KubeClient;
  readonly read: SharedReadings<Standings>['read'];
}

/** Other API groups may use the same kinds. */
const isBuiltIn = ({ controller }: PodView): boolean =>
  controller?.apiVersion === (controller?.kind === 'ReplicationController' ? 'v1' : 'apps/v1');

/**
 * The standings of these pods' workloads. One request for each kind and namespace: mostly the Deployments and
 * StatefulSets of a few namespaces. For a kind with an unknown status, the ready pods of its namespace are
 * counted.
 */
export async function readStandings(
  deps: StandingsDeps,
  pods: readonly PodView[],
): Promise<(pod: PodView) => Standing | undefined> {
  const serving = pods.filter((pod) => serves(pod));
  const deployed = serving.filter((pod) => deploymentOf(pod) !== undefined);
  const others = serving.filter((pod) => deploymentOf(pod) === undefined);
  const [deployments, rest] = await Promise.all([
    readKind(deps, 'Deployment', namespacesOf(deployed)),
    readControllers(deps, others),
  ]);
  // Named like a Deployment's ReplicaSet, but there is no such Deployment: another controller creates
  // ReplicaSets as well.
  const unknown = deployed.filter((pod) => !found(deployments, deploymentOf(pod)));
  const sets = await readControllers(deps, unknown);
  return (pod) =>
    found(deployments, deploymentOf(pod)) ?? found(rest, controllerOf(pod)) ?? found(sets, controllerOf(pod));
}

const found = (standings: Standings, workload: Workload | undefined): Standing | undefined =>
  workload && standings.get(workloadKeyOf(workload));

const namespacesOf = (pods: readonly PodView[]): readonly string[] => [
  ...new Set(pods.map(({ namespace }) => namespace)),
];

async function readControllers(deps: StandingsDeps, pods: readonly PodView[]): Promise<Standings> {
  const built = pods.filter((pod) => isBuiltIn(pod) && isWorkloadKind(pod.controller?.kind ?? ''));
  const foreign = pods.filter((pod) => !built.includes(pod));
  const kinds = [...Map.groupBy(built, ({ controller }) => controller?.kind ?? '')];
  const read = await Promise.all([
    ...kinds.map(([kind, some]) =>
      isWorkloadKind(kind) ? readKind(deps, kind, namespacesOf(some)) : new Map<string, Standing>(),
    ),
    ...namespacesOf(foreign).map((namespace) => countPods(deps, namespace)),
  ]);
  return new Map(read.flatMap((standings) => [...standings]));
}

async function readKind(
  deps: StandingsDeps,
  kind: WorkloadKind,
  namespaces: readonly string[],
): Promise<Standings> {
  const read = await Promise.all(
    listsOf(kind, namespaces).map((path) =>
      deps.read(path, async () => {
        const { items } = await listAll(deps.client, { path }, (object) => standingOf(kind, object));
        return new Map(items.map((standing) => [workloadKeyOf(standing), standing]));
      }),
    ),
  );
  return new Map(read.flatMap((standings) => [...standings]));
}

/** Undefined while the controller has not observed the latest spec: its counts are stale. */
function standingOf(kind: WorkloadKind, object: Received<Workloads>): Standing | undefined {
  const { namespace, name, wanted, ready, uncounted } = workloadCount(kind, object);
  return uncounted ? undefined : { kind, namespace, name, wants: wanted, ready };
}

/** The ready pods of every controller in the namespace. */
function countPods({ client, read }: StandingsDeps, namespace: string): Promise<Standings> {
  const path = paths.podsIn(namespace);
  return read(path, async () => {
    const { items } = await listAll(client, { path }, (object) => {
      const pod = podView(object);
      return serves(pod) ? controllerOf(pod) : undefined;
    });
    const standings = new Map<string, Standing>();
    for (const workload of items) {
      const ready = (standings.get(workloadKeyOf(workload))?.ready ?? 0) + 1;
      standings.set(workloadKeyOf(workload), { ...workload, ready });
    }
    return standings;
  });
}
