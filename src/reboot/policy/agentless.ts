/** Nodes on which no agent can run. Nothing could carry out a reboot there, so they belong to no pool. */
import { isOutOfService } from './departure.ts';
import { kwokAnnotation } from '../nodes/node-contract.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Departing } from './policy.ts';

/** The fields of a node that decide whether an agent can run there. */
export type AgentHost = Pick<NodeView, 'labels' | 'taints' | 'annotations' | 'unselected'>;

interface Kind {
  /** Plural, after a number: "3 nodes with Windows". */
  readonly kind: string;
  readonly has: (node: AgentHost) => boolean;
  /** Continues a sentence that begins with the name of the node. */
  readonly words: (node: AgentHost) => string;
}

const osLabel = 'kubernetes.io/os';

/** The first that matches is reported. */
const kinds: readonly Kind[] = [
  {
    kind: 'with Windows',
    has: ({ labels }) => labels[osLabel] === 'windows',
    words: () => 'runs Windows',
  },
  {
    kind: 'with another operating system than Linux',
    has: ({ labels }) => !['linux', undefined].includes(labels[osLabel]),
    words: ({ labels }) => `runs ${labels[osLabel]}`,
  },
  {
    kind: 'of AWS Fargate',
    has: ({ labels }) => labels['eks.amazonaws.com/compute-type'] === 'fargate',
    words: () => 'is one of AWS Fargate',
  },
  {
    kind: 'of a virtual kubelet',
    has: ({ labels, taints }) =>
      labels['type'] === 'virtual-kubelet' ||
      taints?.some(({ key }) => key === 'virtual-kubelet.io/provider') === true,
    words: () => 'is one of a virtual kubelet',
  },
  {
    kind: 'simulated by KWOK',
    has: ({ labels, annotations }) =>
      labels['type'] === 'kwok' || annotations?.[kwokAnnotation] !== undefined,
    words: () => 'is simulated by KWOK',
  },
  {
    kind: 'that the agent’s DaemonSet does not select',
    has: ({ unselected }) => unselected !== undefined,
    words: ({ unselected }) => `is not selected by the agent’s DaemonSet: ${unselected?.why ?? ''}`,
  },
];

/** Why no agent can run on a node, in words that follow its name; undefined where one can. */
export const agentlessBecause = (node: AgentHost): string | undefined =>
  kinds.find(({ has }) => has(node))?.words(node);

/**
 * Whether a node belongs to no pool because no agent can run there. Taints may come from maintenance: a node
 * that is out of service, and that only a taint makes unsuitable for the agent, still counts as out of
 * service in its pool.
 */
export function isOutsidePools(
  node: AgentHost & Partial<Pick<NodeView, 'ready' | 'unschedulable' | 'conditions'>>,
  departing: Departing,
): boolean {
  const found = kinds.find(({ has }) => has(node));
  if (found === undefined) return false;
  const onlyTainted = node.unselected?.by === 'taint' && found === kinds.at(-1);
  return !(onlyTainted && isOutOfService(node, departing));
}

/** Number of nodes without an agent, by kind. */
export function agentlessAmong(nodes: readonly AgentHost[]): readonly { kind: string; count: number }[] {
  return kinds.flatMap(({ kind }) => {
    const count = nodes.filter((node) => kinds.find(({ has }) => has(node))?.kind === kind).length;
    return count === 0 ? [] : [{ kind, count }];
  });
}
