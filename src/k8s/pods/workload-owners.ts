/**
 * Finds the workloads that would have no ready pod while the pods of a node move. Pure; workload-standings.ts
 * reads the inputs.
 */
import type { WorkloadDown } from '../../reboot/state/impact.ts';
import { isDaemonPod, isFinished, titleOf, type PodController, type PodView } from './pod-view.ts';

/** The name of a pod's controller, for display. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A workload's pods in the whole cluster. */
export interface Standing extends Workload {
  /** The replicas in its spec; undefined for a kind whose spec is not known. */
  readonly wants?: number;
  readonly ready: number;
}

export const workloadKeyOf = ({ kind, namespace, name }: Workload): string => `${kind} ${namespace}/${name}`;

/**
 * Whether the pod's end can take a workload down. Not for a Job's pod, which is restarted elsewhere and
 * serves nothing meanwhile, nor for a pod that is not ready.
 */
export const serves = (pod: PodView): boolean =>
  pod.ready &&
  !isFinished(pod) &&
  pod.deletesAt === undefined &&
  pod.controller !== undefined &&
  !isDaemonPod(pod) &&
  pod.controller.kind !== 'Job';

/**
 * The Deployment of a pod, without a request for its ReplicaSet: the ReplicaSet's name is the Deployment's
 * and the template's hash, and the pod has that hash as a label.
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
 * In characters. The kind in an owner reference may have any length, and a longer text would make the API
 * server refuse the whole record.
 */
const longestTitle = 500;

/** The workloads whose ready pods are all among `going`. Workloads of unknown standing are left out. */
export function goingDown(
  going: readonly PodView[],
  standingOf: (pod: PodView) => Standing | undefined,
): readonly WorkloadDown[] {
  const here = new Map<string, { readonly standing: Standing; ready: number }>();
  for (const pod of going.filter((pod) => serves(pod))) {
    const standing = standingOf(pod);
    if (standing === undefined) continue;
    const known = here.get(workloadKeyOf(standing)) ?? { standing, ready: 0 };
    known.ready += 1;
    here.set(workloadKeyOf(standing), known);
  }
  return [...here.values()]
    .filter(({ standing, ready }) => standing.ready <= ready)
    .map(({ standing, ready }) => ({
      workload: `${standing.kind} ${titleOf(standing)}`.slice(0, longestTitle),
      ...(standing.wants === undefined ? {} : { wants: standing.wants }),
      ready,
    }));
}
