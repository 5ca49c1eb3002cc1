/**
 * Which workloads would be without a ready pod while the pods of a node move. Pure; workload-standings.ts
 * reads what it needs.
 */
import type { WorkloadDown } from '../../reboot/state/drain-facts.ts';
import { isDaemonPod, isFinished, titleOf, type PodController, type PodView } from '../pods/pod-view.ts';

/** What people know a pod's controller by. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** How a workload stands in the whole cluster. */
export interface Standing extends Workload {
  /** How many pods it wants; undefined where nobody says. */
  readonly wants?: number;
  readonly ready: number;
}

export const keyOf = ({ kind, namespace, name }: Workload): string => `${kind} ${namespace}/${name}`;

/**
 * A Job's pod is begun again elsewhere and serves nobody meanwhile; a pod that is not ready takes nothing
 * down that is up.
 */
export const serves = (pod: PodView): boolean =>
  pod.ready &&
  !isFinished(pod) &&
  pod.deletesAt === undefined &&
  pod.controller !== undefined &&
  !isDaemonPod(pod) &&
  pod.controller.kind !== 'Job';

/**
 * A Deployment names its ReplicaSets after itself and the hash of the template, which it also puts on the
 * pods as a label: so it is known without asking for the ReplicaSet.
 */
export function deploymentOf({ namespace, labels, controller }: PodView): Workload | undefined {
  const hash = labels['pod-template-hash'];
  if (!controller || !isApps(controller, 'ReplicaSet') || hash === undefined) return undefined;
  const name = controller.name.endsWith(`-${hash}`) ? controller.name.slice(0, -hash.length - 1) : '';
  return name === '' ? undefined : { kind: 'Deployment', namespace, name };
}

export const isApps = ({ apiVersion, kind }: PodController, wanted: string): boolean =>
  apiVersion === 'apps/v1' && kind === wanted;

export function controllerOf({ namespace, controller }: PodView): Workload | undefined {
  return controller && { kind: controller.kind, namespace, name: controller.name };
}

/**
 * Nobody limits what a pod calls the kind of its controller, and a record with more than its schema allows
 * would be refused as a whole.
 */
const longestTitle = 500;

/** Of the pods that go, whose ready ones are all among them. What is not known to stand is left out. */
export function goingDown(
  going: readonly PodView[],
  standingOf: (pod: PodView) => Standing | undefined,
): readonly WorkloadDown[] {
  const here = new Map<string, { readonly standing: Standing; ready: number }>();
  for (const pod of going.filter((pod) => serves(pod))) {
    const standing = standingOf(pod);
    if (standing === undefined) continue;
    const known = here.get(keyOf(standing)) ?? { standing, ready: 0 };
    known.ready += 1;
    here.set(keyOf(standing), known);
  }
  return [...here.values()]
    .filter(({ standing, ready }) => standing.ready <= ready)
    .map(({ standing, ready }) => ({
      workload: `${standing.kind} ${titleOf(standing)}`.slice(0, longestTitle),
      ...(standing.wants === undefined ? {} : { wants: standing.wants }),
      ready,
    }));
}
