import type { DaemonPod } from '../../reboot/ports/cluster.ts';
import { toInstant, type Instant } from '../../reboot/ports/time.ts';
import type { ComesBack } from '../../reboot/state/drain-facts.ts';
import { at, field, listAt, numberAt, textAt, textsAt } from '../api/json-value.ts';
import { toleratesCordon } from '../impact/placement.ts';

export interface PodController {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The fields of a pod that a drain decides on. */
export interface PodView {
  readonly namespace: string;
  readonly name: string;
  /** Identifies the pod: its name may be reused by another one, on another node. */
  readonly uid: string;
  readonly node: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly controller?: PodController;
  /** A static pod's mirror object: deleting it does not stop the pod. */
  readonly mirror: boolean;
  readonly emptyDir: boolean;
  /** Names of the PersistentVolumeClaims that it mounts, including those of its ephemeral volumes. */
  readonly claims: readonly string[];
  /** The end of the grace period of its deletion; absent while it is not being deleted. */
  readonly deletesAt?: Instant;
  readonly graceSeconds: number;
  /** Why its replacement can return to a cordoned node; absent where the cordon keeps it away. */
  readonly comesBack?: ComesBack;
}

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const usualGraceSeconds = 30;

export const titleOf = (pod: Pick<PodView, 'namespace' | 'name'>): string => `${pod.namespace}/${pod.name}`;

export const isFinished = (pod: Pick<PodView, 'phase'>): boolean =>
  pod.phase === 'Succeeded' || pod.phase === 'Failed';

export const isDaemonPod = (pod: Pick<PodView, 'controller'>): boolean =>
  // Only apps/v1, as in kubectl: DaemonSets of other API groups may move their pods.
  pod.controller?.kind === 'DaemonSet' && pod.controller.apiVersion === 'apps/v1';

export const daemonsNotReady = (pods: readonly PodView[]): readonly DaemonPod[] =>
  pods
    .filter((pod) => isDaemonPod(pod) && !pod.ready && !isFinished(pod))
    .map((pod) => ({
      daemonSet: `${pod.namespace}/${pod.controller?.name ?? ''}`,
      pod: titleOf(pod),
    }));

function controllerOf(pod: unknown): PodView['controller'] {
  const owner = listAt(pod, 'metadata', 'ownerReferences').find(
    (reference) => field(reference, 'controller') === true,
  );
  if (owner === undefined) return undefined;
  return {
    apiVersion: textAt(owner, 'apiVersion') ?? '',
    kind: textAt(owner, 'kind') ?? '',
    name: textAt(owner, 'name') ?? '',
    uid: textAt(owner, 'uid') ?? '',
  };
}

/** A generic ephemeral volume has its own claim, named after pod and volume. */
function claimsOf(pod: unknown): readonly string[] {
  return listAt(pod, 'spec', 'volumes').flatMap((volume) => {
    const claim = textAt(volume, 'persistentVolumeClaim', 'claimName');
    if (claim !== undefined) return [claim];
    const made = at(volume, 'ephemeral') !== undefined;
    return made ? [`${textAt(pod, 'metadata', 'name') ?? ''}-${textAt(volume, 'name') ?? ''}`] : [];
  });
}

function isReady(pod: unknown): boolean {
  const ready = listAt(pod, 'status', 'conditions').find(
    (condition) => textAt(condition, 'type') === 'Ready',
  );
  return textAt(ready, 'status') === 'True';
}

/**
 * Binding by the scheduler records no owner of `spec.nodeName`; a creation that names the node does. The
 * managed fields show the difference for the lifetime of the pod.
 */
const isNamedByItsCreator = (pod: unknown): boolean =>
  listAt(pod, 'metadata', 'managedFields').some(
    (entry) =>
      (textAt(entry, 'subresource') ?? '') === '' &&
      at(entry, 'fieldsV1', 'f:spec', 'f:nodeName') !== undefined,
  );

function comesBackOf(pod: unknown): ComesBack | undefined {
  if (isNamedByItsCreator(pod)) return 'named';
  return toleratesCordon(pod) ? 'tolerates' : undefined;
}

export function podView(pod: unknown): PodView {
  const comesBack = comesBackOf(pod);
  const controller = controllerOf(pod);
  const deletesAt = textAt(pod, 'metadata', 'deletionTimestamp');
  return {
    namespace: textAt(pod, 'metadata', 'namespace') ?? '',
    name: textAt(pod, 'metadata', 'name') ?? '',
    uid: textAt(pod, 'metadata', 'uid') ?? '',
    node: textAt(pod, 'spec', 'nodeName') ?? '',
    phase: textAt(pod, 'status', 'phase') ?? 'Unknown',
    ready: isReady(pod),
    labels: textsAt(pod, 'metadata', 'labels'),
    ...(controller === undefined ? {} : { controller }),
    mirror: textAt(pod, 'metadata', 'annotations', mirrorAnnotation) !== undefined,
    emptyDir: listAt(pod, 'spec', 'volumes').some((volume) => at(volume, 'emptyDir') !== undefined),
    claims: claimsOf(pod),
    ...(deletesAt === undefined ? {} : { deletesAt: toInstant(deletesAt) }),
    graceSeconds: numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? usualGraceSeconds,
    ...(comesBack === undefined ? {} : { comesBack }),
  };
}
