import { PortError } from '../../reboot/ports/port-error.ts';
import type { Clock } from '../../reboot/ports/time.ts';
import type { Cluster } from '../../reboot/ports/cluster.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { Impact } from '../../reboot/state/drain-facts.ts';
import { second } from '../../reboot/ports/time.ts';
import { askedBy, usualAnnotations, type WantedAnnotation } from '../../reboot/scheduling/pod-annotations.ts';
import type { KubeClient } from '../api/client.ts';
import { textsAt } from '../api/json-value.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { budgetView } from '../pods/budget-view.ts';
import { daemonOwners } from '../pods/daemon-owners.ts';
import { goingOf, hasSuccessor, impactOf, isRunning, mostNamed } from './impact.ts';
import { podView, titleOf, type PodView } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { requestsOfPod, wishesOf } from './resource-requests.ts';
import type { Mover, Space, Usage } from './room-fit.ts';
import { searchRoom, usageOf } from './room-search.ts';
import { sharedReadings } from './shared-readings.ts';
import { readStandings, type Standings } from './workload-standings.ts';
import { goingDown, type Standing } from './workload-owners.ts';

export interface AssessorDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The nodes that take pods, from the watch. */
  readonly spaces: () => readonly Space[];
  /** By the watch. */
  readonly isNotReady: (node: string) => boolean;
}

export type Assess = Cluster['assess'];

/** When many nodes ask at once, they have the same neighbours and share most of their workloads. */
const sharedFor = 5 * second;

interface AssessedPod {
  readonly view: PodView;
  readonly mover: Mover;
  /** The annotation by which it asks to be left alone. */
  readonly asks?: string;
}

function assessedPod(pod: unknown, wanted: readonly WantedAnnotation[]): AssessedPod {
  const view = podView(pod);
  const asks = askedBy(textsAt(pod, 'metadata', 'annotations'), wanted);
  return {
    ...(asks === undefined ? {} : { asks }),
    view,
    mover: { title: titleOf(view), requests: requestsOfPod(pod), wishes: wishesOf(pod) },
  };
}

/**
 * Three requests for what the drain itself would meet, whatever the number of pods; two where no DaemonSet
 * has any. Beside them one for each kind and namespace of the workloads that move (workload-standings.ts),
 * and one for each other node that has to be looked at for room (room-search.ts).
 */
export function assessor(deps: AssessorDeps): Assess {
  const { client, clock } = deps;
  const lookBeyond = beyond(deps);
  return async (node, policy, { fresh, podAnnotations } = { fresh: false }) => {
    const wanted = [...usualAnnotations, ...(podAnnotations ?? [])];
    const [pods, budgets] = await Promise.all([
      listPods(client, podsOnNode(node, policy), (pod) => assessedPod(pod, wanted)),
      listAll(client, { path: paths.budgets }, budgetView),
    ]);
    const owners = daemonOwners(client);
    const views = pods.map(({ view }) => view);
    await owners.learn(views);
    const isOrphan = (pod: PodView): boolean => owners.isOrphan(pod);
    const snapshot = { pods: views, budgets: budgets.items, policy, now: clock.now(), isOrphan };
    const going = goingOf(snapshot);
    // What nothing brings back needs no place, what leaves already has been given one, and for what the
    // cordon does not keep off there is this one.
    const movers = pods.filter(
      ({ view }) => going.includes(view) && hasSuccessor(view, { isOrphan }) && view.comesBack === undefined,
    );
    const found = await lookBeyond({ node, going, movers: movers.map(({ mover }) => mover), fresh });
    const { standingOf, ...beyondNode } = found;
    const asking = pods.flatMap(({ view, asks }) =>
      asks !== undefined && going.includes(view) && isRunning(view) ? [{ pod: titleOf(view), by: asks }] : [],
    );
    return {
      ...impactOf({ ...snapshot, standingOf }),
      ...beyondNode,
      askToStay: asking.slice(0, mostNamed),
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
type Beyond = Pick<Impact, 'goesDown' | 'room'> & { readonly standingOf: StandingOf };

/** What the rest of the cluster has to say. */
function beyond(deps: AssessorDeps): (leaving: Leaving) => Promise<Beyond> {
  const { client, clock, spaces } = deps;
  const standings = sharedReadings<Standings>(clock, sharedFor);
  const usages = sharedReadings<Usage>(clock, sharedFor);
  return async ({ node, going, movers, fresh }) => {
    const read = fresh ? 'readAfresh' : 'read';
    const usage = (other: string): Promise<Usage> => usages[read](other, () => usageOf(client, other));
    const [standingOf, room] = await Promise.all([
      known(deps, 'workloads', () => readStandings({ client, read: standings[read] }, going)),
      known(deps, 'room', () => searchRoom(movers, { node, spaces: spaces(), usage, mostNamed })),
    ]);
    return {
      standingOf: standingOf ?? (() => undefined),
      ...(standingOf && { goesDown: goingDown(going, standingOf).slice(0, mostNamed) }),
      ...(room === undefined ? {} : { room }),
    };
  };
}

/** What the drain would meet is worth telling without the rest: rights may be older than the program. */
async function known<T>(
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
