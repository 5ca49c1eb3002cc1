/** The dry-run of a drain. Names of pods and PodDisruptionBudgets are `namespace/name`. */
import { z } from 'zod';
import type { WantedAnnotation } from '../nodes/pod-annotations.ts';
import { budgetBlocks, comesBack } from './drain-facts.ts';
import { count, flag, list, millis, name, names, phrases, type Stored, text, time } from '../schema/field.ts';

export interface AssessWish {
  readonly fresh: boolean;
  /** Annotations that mark pods not to be disrupted, where the pool configures its own. */
  readonly podAnnotations?: readonly WantedAnnotation[];
}

const pod = name('Namespace and name.');

/** A workload whose ready pods are all among the pods to evict. */
const workloadDown = z.object({
  // As shown to people: "Deployment shop/cart".
  workload: text('Kind, namespace and name.', 1024),
  wants: count('Number of replicas that its spec requests. Absent: not known.').exactOptional(),
  ready: count('Number of its ready pods, all of them on this node.'),
});
export type WorkloadDown = Stored<typeof workloadDown>;

/**
 * Whether the pods fit on other nodes, estimated from requests, node selectors, node affinity, taints and
 * allocatable resources.
 */
const roomEstimate = z
  .object({
    pods: count('Number of pods to place on other nodes.'),
    short: count('How many of them fit on no node.'),
    // `reason` continues a sentence that begins with the pod.
    without: list(
      z.object({ pod, reason: text('Why no node would take it.') }),
      'Some of the pods that do not fit, and why.',
    ),
  })
  .meta({ description: 'Whether other nodes have room for the pods, estimated. Absent: not known.' });
export type RoomEstimate = Stored<typeof roomEstimate>;

const nodeNotReady = flag(
  'The node is not Ready, so its kubelet would not confirm that pods have terminated.',
);

const afterDecision = z
  .object({
    decision: time('When the decision was taken.'),
    lost: names('Pods that would be lost.'),
    goesDown: list(z.string().meta({ maxLength: 1024 }), 'Workloads that would go down.'),
    refusals: phrases('Why the drain would refuse to start, one sentence each.'),
    nodeNotReady: nodeNotReady.exactOptional(),
  })
  .meta({
    description:
      'Set by a dry-run after a decision: what was not part of the impact that the decision was taken on.',
  });
export type AfterDecision = Stored<typeof afterDecision>;

export const impact = z
  .object({
    at: time('When this was counted.'),
    podsToMove: count('Number of pods that would be evicted.'),
    podsStaying: count('Number of pods that would stay: those of DaemonSets, and static ones.'),
    blockedBy: budgetBlocks('PodDisruptionBudgets that would refuse an eviction now.'),
    lost: names('Pods without a controller. Nothing recreates them after an eviction.'),
    emptyDir: names('Pods whose emptyDir volumes would be lost.'),
    refusals: phrases('Why the drain would refuse to start, one sentence each.'),
    // Absent: not known. Records of earlier versions have neither this nor `room`.
    goesDown: list(workloadDown, 'Workloads without a ready pod on another node.').exactOptional(),
    room: roomEstimate.exactOptional(),
    // A drain evicts each of them once. Absent: not known.
    comeBack: list(
      z.object({ pod, why: comesBack }),
      'Pods to evict whose successors may run on the same node, cordoned or not.',
    ).exactOptional(),
    askToStay: list(
      z.object({ pod, by: text('The annotation.', 1024) }),
      'Pods to evict although an annotation marks them as not to be disrupted. Absent: not known.',
    ).exactOptional(),
    slow: z
      .object({
        timeout: millis('Timeout of the drain.'),
        pods: list(z.object({ pod, grace: millis('Termination grace period of the pod.') }), 'Those pods.'),
      })
      .meta({
        description: 'Pods whose termination grace period may exceed the timeout of the drain. Milliseconds.',
      })
      .exactOptional(),
    nodeNotReady: nodeNotReady.exactOptional(),
    daemonsNotReady: names(
      'DaemonSets with a pod on this node that is not ready. Absent: none, or not known.',
    ).exactOptional(),
    afterDecision: afterDecision.exactOptional(),
  })
  .meta({ description: 'A dry-run of the drain.' });
export type Impact = Stored<typeof impact>;
