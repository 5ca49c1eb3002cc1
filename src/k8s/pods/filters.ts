import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import type { Instant } from '../../reboot/time/time.ts';
import { isDaemonPod, isFinished, titleOf, type PodView } from './pod-view.ts';

/** What a drain does with a pod, and the rule that decided it. */
export type Verdict =
  | { readonly kind: 'move' }
  | { readonly kind: 'stay'; readonly rule: RuleName }
  | { readonly kind: 'refuse'; readonly rule: RuleName; readonly sentence: string };

export type RuleName =
  | 'deleting-for-long'
  | 'daemon-set'
  | 'mirror'
  | 'successor'
  | 'empty-dir'
  | 'no-controller';

/** The inputs of a verdict besides the pod. */
export interface Circumstances {
  readonly policy: DrainPolicy;
  readonly now: Instant;
  /** Whether the DaemonSet of this pod is known to be gone. */
  readonly isOrphan: (pod: PodView) => boolean;
  /** Whether a pod was created after the drain had begun, and stays. Absent before a drain. */
  readonly isKept?: (pod: PodView) => boolean;
}

interface Rule {
  readonly name: RuleName;
  /** Undefined when the rule does not apply: the next one decides. */
  readonly judge: (pod: PodView, circumstances: Circumstances) => Verdict | undefined;
}

const stay = (rule: RuleName): Verdict => ({ kind: 'stay', rule });

/** Until when a pod that is being deleted is waited for; undefined without a limit. */
export const waitEndsAt = (pod: PodView, policy: DrainPolicy): Instant | undefined =>
  pod.deletesAt === undefined || policy.skipPodsDeletingLongerThan === 0
    ? undefined
    : pod.deletesAt + policy.skipPodsDeletingLongerThan;

/**
 * The rules of `kubectl drain` in its order; the first one that applies decides. A finished pod holds
 * nothing, so it may be evicted where a running one would be refused.
 */
export const rules: readonly Rule[] = [
  {
    name: 'deleting-for-long',
    judge: (pod, { policy, now }) => {
      const end = waitEndsAt(pod, policy);
      return end !== undefined && now > end ? stay('deleting-for-long') : undefined;
    },
  },
  {
    name: 'daemon-set',
    judge: (pod, { policy, isOrphan }) => {
      if (!isDaemonPod(pod) || isFinished(pod)) return undefined;
      if (!isOrphan(pod)) return stay('daemon-set');
      if (policy.podsWithoutController === 'evict') return undefined;
      return {
        kind: 'refuse',
        rule: 'daemon-set',
        sentence: `${titleOf(pod)} is of DaemonSet ${pod.controller?.name ?? ''}, which is gone, so nothing would bring it back.`,
      };
    },
  },
  { name: 'mirror', judge: (pod) => (pod.mirror ? stay('mirror') : undefined) },
  { name: 'successor', judge: (pod, { isKept }) => (isKept?.(pod) === true ? stay('successor') : undefined) },
  {
    name: 'empty-dir',
    judge: (pod, { policy }) => {
      if (!pod.emptyDir || isFinished(pod) || policy.deleteEmptyDirData) return undefined;
      return {
        kind: 'refuse',
        rule: 'empty-dir',
        sentence: `${titleOf(pod)} has emptyDir data, which would be lost.`,
      };
    },
  },
  {
    name: 'no-controller',
    judge: (pod, { policy }) => {
      if (pod.controller !== undefined || isFinished(pod) || policy.podsWithoutController === 'evict')
        return undefined;
      return {
        kind: 'refuse',
        rule: 'no-controller',
        sentence: `${titleOf(pod)} has no controller, so nothing would bring it back.`,
      };
    },
  },
];

export function judge(pod: PodView, circumstances: Circumstances): Verdict {
  for (const rule of rules) {
    const verdict = rule.judge(pod, circumstances);
    // A pod that is being deleted is lost without the drain: there is nothing left to refuse.
    if (verdict && !(verdict.kind === 'refuse' && pod.deletesAt !== undefined)) return verdict;
  }
  return { kind: 'move' };
}
