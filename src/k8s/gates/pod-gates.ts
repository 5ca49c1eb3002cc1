import type { Blocker, BlockerCode } from '../../reboot/scheduling/blockers.ts';
import { jobsWaitEnds } from '../../reboot/state/jobs-wait.ts';
import { askedBy } from '../../reboot/scheduling/pod-annotations.ts';
import type { GatesPolicy } from '../../reboot/policy/pool-gates.ts';
import type { StartQuestion } from '../../reboot/ports/outside.ts';
import { isIn } from '../../reboot/state/reboot.ts';
import { type Instant, inWords } from '../../reboot/ports/time.ts';
import type { Query } from '../api/client.ts';
import { textsAt } from '../api/json-value.ts';
import { isDaemonPod, isFinished, podView, type PodView, titleOf } from '../pods/pod-view.ts';
import { podsOnNode } from '../pods/pods-on-node.ts';

/**
 * A gate that pods close: which ones are asked for, which of them count, and what is said of those. A list
 * answers it, and so does a watch.
 */
export interface PodGate {
  readonly code: BlockerCode;
  readonly query: Query;
  readonly counts: (pod: PodView) => boolean;
  /**
   * What else is asked of a pod that counts, beyond its view: more words for its title, or undefined where it
   * does not count after all.
   */
  readonly detail?: (pod: unknown) => string | undefined;
  /** What the answer depends on beside the query. */
  readonly by?: readonly string[];
  /** Of the titles of those that count. */
  readonly blocker: (pods: readonly string[]) => Blocker | undefined;
}

/** Those that a pool asks of this node now. */
export const podGates = (question: StartQuestion, now: Instant): readonly PodGate[] => [
  ...question.pool.gates.blockingPods.map((selector) => blockingPods(question, selector)),
  ...askingPods(question),
  ...question.pool.gates.healthyPods.map((wanted) => healthyPods(wanted)),
  ...runningJobs(question, now),
];

/** A pod by what people call it, if it counts. */
export function countedPod(gate: PodGate, pod: unknown): string | undefined {
  const view = podView(pod);
  if (!gate.counts(view)) return undefined;
  if (gate.detail === undefined) return titleOf(view);
  const detail = gate.detail(pod);
  return detail === undefined ? undefined : `${titleOf(view)} (${detail})`;
}

const mostNamed = 3;

export function named(names: readonly string[]): string {
  const rest = names.length - mostNamed;
  return names.slice(0, mostNamed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Selectors are of pods on this node; any of them blocks. */
const blockingPods = ({ node }: StartQuestion, podSelector: string): PodGate => ({
  code: 'pods-in-the-way',
  query: podsOnNode(node.name, { podSelector }),
  counts: (pod) => !isFinished(pod),
  blocker: (pods) =>
    pods.length === 0
      ? undefined
      : {
          code: 'pods-in-the-way',
          sentence: `${pods.length === 1 ? 'A pod' : `${pods.length} pods`} on it must not be disturbed: ${named(pods)} (${podSelector}).`,
          clears: 'It starts when they have finished or moved.',
        },
});

/**
 * What stays with its node in any case cannot be left alone: DaemonSets' pods, and those of the kubelet
 * itself.
 */
function askingPods({ node, pool }: StartQuestion): readonly PodGate[] {
  const { podAnnotations } = pool.gates;
  if (podAnnotations.length === 0) return [];
  const gate: PodGate = {
    code: 'pods-ask-to-stay',
    query: podsOnNode(node.name),
    by: podAnnotations,
    counts: (pod) => !isFinished(pod) && !isDaemonPod(pod) && !pod.mirror && pod.deletesAt === undefined,
    detail: (pod) => askedBy(textsAt(pod, 'metadata', 'annotations'), podAnnotations),
    blocker: (pods) =>
      pods.length === 0
        ? undefined
        : {
            code: 'pods-ask-to-stay',
            sentence: `${pods.length === 1 ? 'A pod on it asks' : `${pods.length} pods on it ask`} to be left alone: ${named(pods)}.`,
            clears: 'It starts when they have finished or moved, or ask no more.',
          },
  };
  return [gate];
}

const healthyPods = ({ selector, namespace, mostNotReady }: GatesPolicy['healthyPods'][number]): PodGate => {
  const which = [selector, namespace === undefined ? '' : `in ${namespace}`]
    .filter((part) => part !== '')
    .join(' ');
  return {
    code: 'pods-unhealthy',
    query: {
      labelSelector: selector === '' ? undefined : selector,
      fieldSelector: namespace === undefined ? undefined : `metadata.namespace=${namespace}`,
    },
    counts: isSick,
    blocker: (sick) =>
      sick.length <= mostNotReady
        ? undefined
        : {
            code: 'pods-unhealthy',
            sentence: `${sick.length === 1 ? '1 pod' : `${sick.length} pods`}${which === '' ? '' : ` of ${which}`} ${sick.length === 1 ? 'is' : 'are'} pending or not ready, and ${mostNotReady === 0 ? 'none' : mostNotReady} may be: ${named(sick)}.`,
            clears: 'It starts when enough of them are ready.',
          },
  };
};

/** Those that are on their way out do not count: their successors do. */
const isSick = (pod: PodView): boolean => !pod.ready && !isFinished(pod) && pod.deletesAt === undefined;

function runningJobs({ node, pool, reboot }: StartQuestion, now: Instant): readonly PodGate[] {
  const { waitForJobs } = pool.gates;
  // A node that is never without Jobs has its turn all the same.
  const waited = isIn(reboot, 'Approved') ? reboot.state.jobs : undefined;
  if (waitForJobs === 0 || jobsWaitEnds(waited, pool, now) <= now) return [];
  const gate: PodGate = {
    code: 'jobs-running',
    query: podsOnNode(node.name),
    counts: (pod) => pod.controller?.kind === 'Job' && !isFinished(pod),
    blocker: (jobs) =>
      jobs.length === 0
        ? undefined
        : {
            code: 'jobs-running',
            sentence: `Jobs run on it: ${named(jobs)}. It waits for them, up to ${inWords(waitForJobs)} from when it could otherwise have started.`,
            clears: 'It starts when they have finished, or that time is over.',
          },
  };
  return [gate];
}
