import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import type { Instant } from '../../reboot/ports/time.ts';
import { judge, waitEndsAt } from './filters.ts';
import type { PodView } from '../pods/pod-view.ts';

export interface Partition {
  /** Pods that have to go and have not gone. */
  readonly moving: readonly PodView[];
  /** Those of them to be asked for now: our own wait until they are alone. */
  readonly eligible: readonly PodView[];
  readonly refusals: readonly string[];
  /** When time alone changes the picture. */
  readonly changesAt?: Instant;
}

export interface Partitioner {
  readonly node: string;
  readonly policy: DrainPolicy;
  /** Whether a pod is one of our own, which go last. */
  readonly isOwn: (pod: PodView) => boolean;
  readonly isOrphan: (pod: PodView) => boolean;
  readonly isKept: (pod: PodView) => boolean;
  /** Whether a pod of our own has nowhere else to go. */
  readonly hasNoHome: (pod: PodView) => boolean;
}

export function partition(pods: Iterable<PodView>, partitioner: Partitioner, now: Instant): Partition {
  const { node, policy, isOwn, isOrphan, isKept, hasNoHome } = partitioner;
  const moving: PodView[] = [];
  const refusals: string[] = [];
  let changesAt: Instant | undefined;
  for (const pod of pods) {
    // A pod of the same name may run elsewhere by now; whoever asked for this node's pods means this node.
    if (pod.node !== node) continue;
    const verdict = judge(pod, { policy, now, isOrphan, isKept });
    if (verdict.kind === 'stay') continue;
    // What leaves already is waited for, whoever sent it away.
    if (pod.deletesAt === undefined && hasNoHome(pod)) continue;
    if (verdict.kind === 'refuse') refusals.push(verdict.sentence);
    else moving.push(pod);
    const end = waitEndsAt(pod, policy);
    if (end !== undefined && (changesAt === undefined || end < changesAt)) changesAt = end;
  }
  const others = moving.filter((pod) => !isOwn(pod));
  return {
    moving,
    eligible: others.length > 0 ? others : moving,
    refusals,
    ...(changesAt === undefined ? {} : { changesAt: changesAt + 1 }),
  };
}
