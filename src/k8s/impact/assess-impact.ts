import type { V1Pod } from '@kubernetes/client-node';
import { PortError } from '../../reboot/ports/port-error.ts';
import { type Clock, second } from '../../reboot/time/time.ts';
import type { NodeWorkloads } from '../../reboot/ports/cluster/node-reads.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { Impact } from '../../reboot/state/impact.ts';
import { askedBy, usualAnnotations, type WantedAnnotation } from '../../reboot/nodes/pod-annotations.ts';
import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import type { Received } from '../api/received.ts';
import { budgetView } from '../pods/budget-view.ts';
import { daemonOwners, type SeenDaemonSets } from '../pods/daemon-owners.ts';
import { goingOf, hasSuccessor, impactOf, isRunning, mostNamed } from './impact.ts';
import { podView, titleOf, type PodView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { requestsOfPod, constraintsOf } from '../placement/resource-requests.ts';
import type { Mover, Space, Usage } from './room-fit.ts';
import { searchRoom, usageOf } from './room-search.ts';
import { sharedReadings } from '../../timing/shared-readings.ts';
import { readStandings, type Standings } from './workload-standings.ts';
import { goingDown, type Standing } from '../pods/workload-owners.ts';

export interface AssessorDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The nodes that accept pods, from the watch. */
  readonly spaces: () => readonly Space[];
  /** From the watch. */
  readonly isNotReady: (node: string) => boolean;
  readonly daemonSets: SeenDaemonSets;
}

export type Assess = NodeWorkloads['assess'];

/** Cache lifetime: nodes that are assessed together share neighbours and most of their workloads. */
const cachedFor = 5 * second;

interface AssessedPod {
  readonly view: PodView;
  readonly mover: Mover;
  /** The annotation by which the pod requests to stay. */
  readonly stayAnnotation?: string;
}

function assessedPod(pod: Received<V1Pod>, wanted: readonly WantedAnnotation[]): AssessedPod {
  const view = podView(pod);
  const stayAnnotation = askedBy(pod.metadata?.annotations ?? {}, wanted);
  return {
    ...(stayAnnotation === undefined ? {} : { stayAnnotation }),
    view,
    mover: { title: titleOf(view), requests: requestsOfPod(pod), constraints: constraintsOf(pod) },
  };
}

/**
 * Three requests for the node's own pods and budgets, whatever their number; two if no DaemonSet has a pod
 * there. Beside them one request for each kind and namespace of the workloads that move
 * (workload-standings.ts), and one for each other node that is checked for room (room-search.ts).
 */
export function assessor(deps: AssessorDeps): Assess {
  const { client, clock } = deps;
  const readCluster = clusterReader(deps);
  return async (node, policy, { fresh, podAnnotations } = { fresh: false }) => {
    const wanted = [...usualAnnotations, ...(podAnnotations ?? [])];
    const [pods, budgets] = await Promise.all([
      listPods(client, podsOnNode(node, policy), (pod) => assessedPod(pod, wanted)),
      listAll(client, { path: paths.budgets }, budgetView),
    ]);
    const owners = daemonOwners(client, deps.daemonSets);
    const views = pods.map(({ view }) => view);
    await owners.learn(views);
    const isOrphan = (pod: PodView): boolean => owners.isOrphan(pod);
    const snapshot = { pods: views, budgets: budgets.items, policy, now: clock.now(), isOrphan };
    const going = goingOf(snapshot);
    // Only pods that need room elsewhere: a pod that nothing recreates needs none, the replacement of one
    // that is being deleted is scheduled already, and one that tolerates the cordon returns to this node.
    const movers = pods.filter(
      ({ view }) => going.includes(view) && hasSuccessor(view, { isOrphan }) && view.comesBack === undefined,
    );
    const found = await readCluster({ node, going, movers: movers.map(({ mover }) => mover), fresh });
    const { standingOf, ...clusterParts } = found;
    const stayRequests = pods.flatMap(({ view, stayAnnotation }) =>
      stayAnnotation !== undefined && going.includes(view) && isRunning(view)
        ? [{ pod: titleOf(view), by: stayAnnotation }]
        : [],
    );
    return {
      ...impactOf({ ...snapshot, standingOf }),
      ...clusterParts,
      askToStay: stayRequests.slice(0, mostNamed),
      ...(deps.isNotReady(node) ? { nodeNotReady: true } : {}),
    };
  };
}

interface Leaving {
  readonly node: string;
  readonly going: readonly PodView[];
  readonly movers: readonly Mover[];
  readonly fresh: boolean;
}

type StandingOf = (pod: PodView) => Standing | undefined;
type ClusterParts = Pick<Impact, 'goesDown' | 'room'> & { readonly standingOf: StandingOf };

/** The parts of the impact that depend on the rest of the cluster. */
function clusterReader(deps: AssessorDeps): (leaving: Leaving) => Promise<ClusterParts> {
  const { client, clock, spaces } = deps;
  const standings = sharedReadings<Standings>(clock, cachedFor);
  const usages = sharedReadings<Usage>(clock, cachedFor);
  return async ({ node, going, movers, fresh }) => {
    const read = fresh ? 'readAfresh' : 'read';
    const usage = (other: string): Promise<Usage> => usages[read](other, () => usageOf(client, other));
    const [standingOf, room] = await Promise.all([
      optionalPart(deps, 'workloads', () => readStandings({ client, read: standings[read] }, going)),
      optionalPart(deps, 'room', () => searchRoom(movers, { node, spaces: spaces(), usage, mostNamed })),
    ]);
    return {
      standingOf: standingOf ?? (() => undefined),
      ...(standingOf && { goesDown: goingDown(going, standingOf).slice(0, mostNamed) }),
      ...(room === undefined ? {} : { room }),
    };
  };
}

/**
 * Undefined if this part cannot be read, so that the rest is still reported: the granted rights may be older
 * than this version.
 */
async function optionalPart<T>(
  { logger }: AssessorDeps,
  part: 'workloads' | 'room',
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    logger.warn('impact is known only in part', { unknown: part, err: error });
    return undefined;
  }
}
