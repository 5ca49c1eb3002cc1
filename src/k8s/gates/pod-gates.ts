import type { V1Pod } from '@kubernetes/client-node';
import type { CodeWatchedIn } from '../../reboot/scheduling/blockers/blocker-facts.ts';
import type { Blocker } from '../../reboot/scheduling/blockers/blockers.ts';
import { jobsWaitEnds } from '../../reboot/deadlines/jobs-wait.ts';
import { askedBy } from '../../reboot/nodes/pod-annotations.ts';
import type { GatesPolicy } from '../../reboot/policy/pool-gates.ts';
import type { StartQuestion } from '../../reboot/ports/outside.ts';
import { isIn } from '../../reboot/state/reboot.ts';
import { type Instant, inWords } from '../../reboot/time/time.ts';
import type { Query } from '../api/client.ts';
import type { Received } from '../api/received.ts';
import { isDaemonPod, isFinished, podView, type PodView, titleOf } from '../pods/pod-view.ts';
import { podsOnNode } from '../pods/pods-on-node.ts';

type PodCode = CodeWatchedIn<'pods'>;

/** A gate that pods close: the query, the filter, and the sentence. Works on a list and on a watch. */
export interface PodGate extends Omit<PodQuery, 'blocker'> {
  readonly code: PodCode;
  /** The blocker for the titles of the pods that count; undefined if the gate is open. */
  readonly blocker: (pods: readonly string[]) => Blocker<PodCode> | undefined;
}

interface PodQuery {
  readonly query: Query;
  readonly counts: (pod: PodView) => boolean;
  /** Checks the full pod after `counts`: text to add to its title, or undefined if the pod does not count. */
  readonly detail?: (pod: Received<V1Pod>) => string | undefined;
  /** Inputs of the filter besides the query: part of the watch's key. */
  readonly by?: readonly string[];
  /** What to say of the titles of the pods that count; undefined if the gate is open. */
  readonly blocker: (pods: readonly string[]) => Omit<Blocker, 'code'> | undefined;
}

/** What the pool's policy requires of pods for this node now, by the blocker that it gives. */
const queries: Readonly<Record<PodCode, (question: StartQuestion, now: Instant) => readonly PodQuery[]>> = {
  'pods-in-the-way': (question) =>
    question.pool.gates.blockingPods.map((selector) => blockingPods(question, selector)),
  'pods-ask-to-stay': podsRequestingToStay,
  'pods-unhealthy': ({ pool }) => pool.gates.healthyPods.map((wanted) => healthyPods(wanted)),
  'jobs-running': runningJobs,
};
const podCodes = Object.keys(queries) as readonly PodCode[];

/** The pod gates that the pool's policy requires for this node now. */
export const podGates = (question: StartQuestion, now: Instant): readonly PodGate[] =>
  podCodes.flatMap((code) => queries[code](question, now).map((query) => podGate(code, query)));

const podGate = (code: PodCode, query: PodQuery): PodGate => ({
  ...query,
  code,
  blocker(pods) {
    const blocker = query.blocker(pods);
    return blocker === undefined ? undefined : { code, ...blocker };
  },
});

/** The title of a pod that counts; undefined for others. */
export function countedPod(gate: PodGate, pod: Received<V1Pod>): string | undefined {
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

/** The selector matches pods on this node; any match blocks. */
const blockingPods = ({ node }: StartQuestion, podSelector: string): PodQuery => ({
  query: podsOnNode(node.name, { podSelector }),
  counts: (pod) => !isFinished(pod),
  blocker: (pods) =>
    pods.length === 0
      ? undefined
      : {
          sentence: `${pods.length === 1 ? 'A pod' : `${pods.length} pods`} on it must not be disturbed: ${named(pods)} (${podSelector}).`,
          clears: 'It starts when they have finished or moved.',
        },
});

/** Leaves out DaemonSet pods and static pods, which stay on the node in any case. */
function podsRequestingToStay({ node, pool }: StartQuestion): readonly PodQuery[] {
  const { podAnnotations } = pool.gates;
  if (podAnnotations.length === 0) return [];
  const query: PodQuery = {
    query: podsOnNode(node.name),
    by: podAnnotations,
    counts: (pod) => !isFinished(pod) && !isDaemonPod(pod) && !pod.mirror && pod.deletesAt === undefined,
    detail: (pod) => askedBy(pod.metadata?.annotations ?? {}, podAnnotations),
    blocker: (pods) =>
      pods.length === 0
        ? undefined
        : {
            sentence: `${pods.length === 1 ? 'A pod on it asks' : `${pods.length} pods on it ask`} to be left alone: ${named(pods)}.`,
            clears: 'It starts when they have finished or moved, or ask no more.',
          },
  };
  return [query];
}

const healthyPods = ({ selector, namespace, mostNotReady }: GatesPolicy['healthyPods'][number]): PodQuery => {
  const which = [selector, namespace === undefined ? '' : `in ${namespace}`]
    .filter((part) => part !== '')
    .join(' ');
  return {
    query: {
      labelSelector: selector === '' ? undefined : selector,
      fieldSelector: namespace === undefined ? undefined : `metadata.namespace=${namespace}`,
    },
    counts: isUnhealthy,
    blocker: (unhealthy) =>
      unhealthy.length <= mostNotReady
        ? undefined
        : {
            sentence: `${unhealthy.length === 1 ? '1 pod' : `${unhealthy.length} pods`}${which === '' ? '' : ` of ${which}`} ${unhealthy.length === 1 ? 'is' : 'are'} pending or not ready, and ${mostNotReady === 0 ? 'none' : mostNotReady} may be: ${named(unhealthy)}.`,
            clears: 'It starts when enough of them are ready.',
          },
  };
};

/** Pods that are being deleted do not count: their replacements do. */
const isUnhealthy = (pod: PodView): boolean => !pod.ready && !isFinished(pod) && pod.deletesAt === undefined;

function runningJobs({ node, pool, reboot }: StartQuestion, now: Instant): readonly PodQuery[] {
  const { waitForJobs } = pool.gates;
  // The wait for Jobs is limited, so that a node that always runs Jobs can start as well.
  const waited = isIn(reboot, 'Approved') ? reboot.state.jobs : undefined;
  if (waitForJobs === 0 || jobsWaitEnds(waited, pool, now) <= now) return [];
  const query: PodQuery = {
    query: podsOnNode(node.name),
    counts: (pod) => pod.controller?.kind === 'Job' && !isFinished(pod),
    blocker: (jobs) =>
      jobs.length === 0
        ? undefined
        : {
            sentence: `Jobs run on it: ${named(jobs)}. It waits for them, up to ${inWords(waitForJobs)} from when it could otherwise have started.`,
            clears: 'It starts when they have finished, or that time is over.',
          },
  };
  return [query];
}
