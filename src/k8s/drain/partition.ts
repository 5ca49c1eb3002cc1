import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import type { Instant } from '../../reboot/time/time.ts';
import { judge, waitEndsAt } from '../pods/filters.ts';
import type { PodView } from '../pods/pod-view.ts';

export interface Partition {
  /** Pods that have to go and are still there. */
  readonly moving: readonly PodView[];
  /** The subset to evict now: Tugboot's own pods are evicted after all others. */
  readonly eligible: readonly PodView[];
  readonly refusals: readonly string[];
  /** When the result changes without an event. */
  readonly changesAt?: Instant;
}

export interface Partitioner {
  readonly node: string;
  readonly policy: DrainPolicy;
  /** Whether the pod is one of Tugboot's own, which are evicted last. */
  readonly isOwn: (pod: PodView) => boolean;
  readonly isOrphan: (pod: PodView) => boolean;
  readonly isKept: (pod: PodView) => boolean;
  /** Whether no other node can take a pod of Tugboot's own. */
  readonly isPinned: (pod: PodView) => boolean;
}

export function partition(pods: Iterable<PodView>, partitioner: Partitioner, now: Instant): Partition {
  const { node, policy, isOwn, isOrphan, isKept, isPinned } = partitioner;
  const moving: PodView[] = [];
  const refusals: string[] = [];
  let changesAt: Instant | undefined;
  for (const pod of pods) {
    // The cache may hold a pod that now runs elsewhere under the same name; only this node is drained.
    if (pod.node !== node) continue;
    const verdict = judge(pod, { policy, now, isOrphan, isKept });
    if (verdict.kind === 'stay') continue;
    // A pod that is being deleted is waited for in any case.
    if (pod.deletesAt === undefined && isPinned(pod)) continue;
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
