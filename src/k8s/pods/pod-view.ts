import { readable } from '../api/readable.ts';
import type { V1Pod } from '@kubernetes/client-node';
import type { DaemonPod } from '../../reboot/nodes/observation.ts';
import { toInstant, type Instant } from '../../reboot/time/time.ts';
import type { ComesBack } from '../../reboot/state/drain-facts.ts';
import { at } from '../api/json-value.ts';
import { objectNameOf, namesOf, uidOf } from '../api/object-names.ts';
import type { Received } from '../api/received.ts';
import { toleratesCordon } from '../placement/placement.ts';

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

type Pod = Received<V1Pod>;

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

function controllerIn(pod: Pod): PodView['controller'] {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const { apiVersion = '', kind = '', name = '', uid = '' } = owner;
  return { apiVersion, kind, name, uid };
}

/** A generic ephemeral volume has its own claim, named after pod and volume. */
function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(({ name = '', persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName;
    if (claim !== undefined) return [claim];
    return ephemeral === undefined ? [] : [`${objectNameOf(pod)}-${name}`];
  });
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

/**
 * Binding by the scheduler records no owner of `spec.nodeName`; a creation that names the node does. The
 * managed fields show the difference for the lifetime of the pod.
 */
const isNamedByItsCreator = ({ metadata }: Pod): boolean =>
  (metadata?.managedFields ?? []).some(
    ({ subresource = '', fieldsV1 }) =>
      subresource === '' && at(fieldsV1, 'f:spec', 'f:nodeName') !== undefined,
  );

function comesBackOf(pod: Pod): ComesBack | undefined {
  if (isNamedByItsCreator(pod)) return 'named';
  return toleratesCordon(pod) ? 'tolerates' : undefined;
}

export const podView = readable('Pod', viewOfPod);

function viewOfPod(pod: Pod): PodView {
  const { metadata, spec, status } = pod;
  const comesBack = comesBackOf(pod);
  const controller = controllerIn(pod);
  const deletesAt = metadata?.deletionTimestamp ?? undefined;
  return {
    ...namesOf(pod),
    uid: uidOf(pod),
    node: spec?.nodeName ?? '',
    phase: status?.phase ?? 'Unknown',
    ready: isReady(pod),
    labels: metadata?.labels ?? {},
    ...(controller === undefined ? {} : { controller }),
    mirror: isMirror(pod),
    emptyDir: hasEmptyDir(pod),
    claims: claimsOf(pod),
    ...(deletesAt === undefined ? {} : { deletesAt: toInstant(deletesAt) }),
    graceSeconds: spec?.terminationGracePeriodSeconds ?? usualGraceSeconds,
    ...(comesBack === undefined ? {} : { comesBack }),
  };
}

const isMirror = ({ metadata }: Pod): boolean => metadata?.annotations?.[mirrorAnnotation] !== undefined;

const hasEmptyDir = ({ spec }: Pod): boolean =>
  (spec?.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined);
