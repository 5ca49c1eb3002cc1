/** Which nodes the DaemonSets of the agents select, by the rules of the DaemonSet controller. */
import type { V1DaemonSet } from '@kubernetes/client-node';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import type { Received } from '../api/received.ts';
import { matches, tolerates, type PodConstraints } from '../placement/placement.ts';
import { constraintsOf } from '../placement/resource-requests.ts';

/** Selects the DaemonSets of the installation whose pods are agents. */
export const agentSetSelector = 'app.kubernetes.io/part-of=tugboot,app.kubernetes.io/component=agent';

/** The view of a DaemonSet: the scheduling fields of its template, in the shape of a pod. */
export interface WatchedAgentSet {
  readonly pod: PodConstraints;
}

export const watchedAgentSet = ({ spec }: Received<V1DaemonSet>): WatchedAgentSet => ({
  pod: constraintsOf(spec?.template ?? {}),
});

export interface AgentSets {
  /** The node, with the reason in `unselected` when no DaemonSet schedules an agent on it. */
  judged(node: NodeView): NodeView;
  /** Clears the cache after a change of the DaemonSets. */
  forget(): void;
  /** How often that was. */
  changes(): number;
}

interface Verdict {
  readonly node: NodeView;
  /** A pod that runs already stays where it is (taint effect NoSchedule). */
  readonly unlessRunning: boolean;
}

/**
 * `reports`: whether an agent has reported the node's current boot. While `sets` is empty, no node is marked.
 */
export function agentSets(
  sets: () => Iterable<WatchedAgentSet>,
  reports: (node: NodeView) => boolean,
): AgentSets {
  // Each plan reads all nodes. The cache is keyed by the view, so only changed nodes are evaluated again.
  let cache = new WeakMap<NodeView, Verdict>();
  let changes = 0;
  return {
    judged(node) {
      const verdict = cache.get(node) ?? verdictOn(node, [...sets()]);
      cache.set(node, verdict);
      return verdict.unlessRunning && reports(node) ? node : verdict.node;
    },
    forget: () => {
      cache = new WeakMap();
      changes += 1;
    },
    changes: () => changes,
  };
}

function verdictOn(node: NodeView, sets: readonly WatchedAgentSet[]): Verdict {
  const found = sets.map((set) => refusalOf(node, set));
  const [first] = found;
  if (first === undefined || found.includes(undefined)) return { node, unlessRunning: false };
  const { taint, why } = first;
  return {
    node: { ...node, unselected: { by: taint === undefined ? 'labels' : 'taint', why } },
    unlessRunning: found.some((refused) => refused?.taint === 'NoSchedule'),
  };
}

interface Refusal {
  readonly why: string;
  readonly taint?: 'NoSchedule' | 'NoExecute';
}

function refusalOf(node: NodeView, { pod }: WatchedAgentSet): Refusal | undefined {
  const { name, labels, taints = [] } = node;
  if (!matches(pod, { name, labels, taints })) return { why: unmatched(pod, labels) };
  const untolerated = taints.filter(
    (taint) => !isTransientTaint(taint.key) && !tolerates(pod, { name, labels, taints: [taint] }),
  );
  const worst = untolerated.find(({ effect }) => effect === 'NoExecute') ?? untolerated[0];
  if (worst === undefined) return undefined;
  const taint = worst.effect === 'NoExecute' ? 'NoExecute' : 'NoSchedule';
  return { taint, why: `it does not tolerate the taint ${worst.key}` };
}

function unmatched({ spec }: PodConstraints, labels: NodeView['labels']): string {
  const selector = Object.entries(spec?.nodeSelector ?? {});
  const missing = selector.find(([key, value]) => labels[key] !== value);
  return missing === undefined
    ? 'its node affinity does not match'
    : `its nodeSelector wants ${missing.join('=')}`;
}

/**
 * Kubernetes sets these taints itself while a node is starting, not Ready, under pressure or cordoned.
 * DaemonSet pods tolerate most of them, and none of them excludes agents for good.
 */
const isTransientTaint = (key: string): boolean =>
  key.startsWith('node.kubernetes.io/') || key.startsWith('node.cloudprovider.kubernetes.io/');
