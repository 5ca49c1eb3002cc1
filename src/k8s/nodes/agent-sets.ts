/** Which nodes the DaemonSets of the agents select, as the DaemonSet controller decides it. */
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import { at, listAt, textsAt } from '../api/json-value.ts';
import { matches, tolerates } from '../impact/placement.ts';

/** Of the DaemonSets of the installation, those whose pods are agents. */
export const agentSetSelector = 'app.kubernetes.io/part-of=tugboot,app.kubernetes.io/component=agent';

/** What is kept of a DaemonSet: shaped like a pod, as far as it decides where pods go. */
export interface WatchedAgentSet {
  readonly pod: unknown;
}

export function watchedAgentSet(set: unknown): WatchedAgentSet {
  const spec = at(set, 'spec', 'template', 'spec');
  const terms = at(spec, 'affinity', 'nodeAffinity');
  return {
    pod: {
      spec: {
        nodeSelector: textsAt(spec, 'nodeSelector'),
        affinity: { nodeAffinity: terms },
        tolerations: listAt(spec, 'tolerations'),
      },
    },
  };
}

export interface AgentSets {
  /** The node as it is, or with the reason why no agent is put on it. */
  judged(node: NodeView): NodeView;
  /** The DaemonSets have changed. */
  forget(): void;
}

interface Verdict {
  readonly node: NodeView;
  /** The controller leaves a pod that runs already where it is (taint effect NoSchedule). */
  readonly unlessRunning: boolean;
}

/**
 * `reports`: whether an agent has spoken of the node's present boot. Nothing is known while `sets` is empty.
 */
export function agentSets(
  sets: () => Iterable<WatchedAgentSet>,
  reports: (node: NodeView) => boolean,
): AgentSets {
  // Asked of all nodes for each plan, and answered anew only for those that have changed.
  let known = new WeakMap<NodeView, Verdict>();
  return {
    judged(node) {
      const verdict = known.get(node) ?? verdictOn(node, [...sets()]);
      known.set(node, verdict);
      return verdict.unlessRunning && reports(node) ? node : verdict.node;
    },
    forget: () => {
      known = new WeakMap();
    },
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
  const refused = taints.filter(
    (taint) => !isPassing(taint.key) && !tolerates(pod, { name, labels, taints: [taint] }),
  );
  const worst = refused.find(({ effect }) => effect === 'NoExecute') ?? refused[0];
  if (worst === undefined) return undefined;
  const taint = worst.effect === 'NoExecute' ? 'NoExecute' : 'NoSchedule';
  return { taint, why: `it does not tolerate the taint ${worst.key}` };
}

function unmatched(pod: unknown, labels: NodeView['labels']): string {
  const selector = Object.entries(textsAt(pod, 'spec', 'nodeSelector'));
  const missing = selector.find(([key, value]) => labels[key] !== value);
  return missing === undefined
    ? 'its node affinity does not match'
    : `its nodeSelector wants ${missing.join('=')}`;
}

/**
 * Kubernetes sets these by itself while a node is starting, not Ready, short of something or cordoned. Most
 * are tolerated by every DaemonSet pod, and none says that a node is not for agents.
 */
const isPassing = (key: string): boolean =>
  key.startsWith('node.kubernetes.io/') || key.startsWith('node.cloudprovider.kubernetes.io/');
