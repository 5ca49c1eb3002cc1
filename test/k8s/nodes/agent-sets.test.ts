import type { V1NodeSelectorRequirement, V1PodSpec } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Received } from '../../../src/k8s/api/received.ts';
import { agentSets, watchedAgentSet } from '../../../src/k8s/nodes/agent-sets.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import { aNode } from '../../fakes/builders.ts';

type PodSpec = Received<V1PodSpec>;

const set = (spec: PodSpec) => watchedAgentSet({ spec: { template: { spec } } });
const affinity = (...matchExpressions: readonly Received<V1NodeSelectorRequirement>[]): PodSpec => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  },
});
const taint = (key: string, effect: string): Partial<NodeView> => ({ taints: [{ key, effect }] });
const linux = { nodeSelector: { 'kubernetes.io/os': 'linux' } };
const labelled = { labels: { 'kubernetes.io/os': 'linux' } };

/** What the DaemonSet is, the node, whether an agent reports there, and why it is not selected. */
const rows: readonly (readonly [string, PodSpec, Partial<NodeView>, boolean, NodeView['unselected']])[] = [
  ['the selector matches', linux, labelled, false, undefined],
  [
    'the selector does not',
    { nodeSelector: { agents: 'yes' } },
    labelled,
    true,
    { by: 'labels', why: 'its nodeSelector wants agents=yes' },
  ],
  [
    'the affinity does not',
    affinity({ key: 'gpu', operator: 'DoesNotExist' }),
    { labels: { gpu: 'a100' } },
    true,
    { by: 'labels', why: 'its node affinity does not match' },
  ],
  ['the affinity matches', affinity({ key: 'gpu', operator: 'DoesNotExist' }), labelled, false, undefined],
  [
    'everything is tolerated',
    { tolerations: [{ operator: 'Exists' }] },
    taint('dedicated', 'NoExecute'),
    false,
    undefined,
  ],
  [
    'a taint is not',
    linux,
    { ...labelled, ...taint('dedicated', 'NoExecute') },
    true,
    { by: 'taint', why: 'it does not tolerate the taint dedicated' },
  ],
  [
    'a taint keeps new pods away, and none runs',
    linux,
    { ...labelled, ...taint('dedicated', 'NoSchedule') },
    false,
    { by: 'taint', why: 'it does not tolerate the taint dedicated' },
  ],
  [
    'a taint keeps new pods away, and one runs',
    linux,
    { ...labelled, ...taint('dedicated', 'NoSchedule') },
    true,
    undefined,
  ],
  ['a taint is a wish', linux, { ...labelled, ...taint('dedicated', 'PreferNoSchedule') }, false, undefined],
  [
    'the node is not Ready',
    linux,
    { ...labelled, ...taint('node.kubernetes.io/not-ready', 'NoExecute') },
    false,
    undefined,
  ],
  [
    'the node is cordoned',
    linux,
    { ...labelled, ...taint('node.kubernetes.io/unschedulable', 'NoSchedule') },
    false,
    undefined,
  ],
];

describe('whether the agent’s DaemonSet selects a node', () => {
  it.each(rows)('%s', (_, spec, marks, reports, unselected) => {
    const sets = agentSets(
      () => [set(spec)],
      () => reports,
    );
    expect(sets.judged(aNode(marks)).unselected).toEqual(unselected);
  });

  it('is not known without one, and one of several is enough', () => {
    const never = set({ nodeSelector: { agents: 'yes' } });
    const on = (...sets: readonly ReturnType<typeof set>[]) =>
      agentSets(
        () => sets,
        () => false,
      ).judged(aNode(labelled)).unselected;
    expect(on()).toBeUndefined();
    expect(on(never, set(linux))).toBeUndefined();
    expect(on(never, never)).toBeDefined();
  });

  it('is judged anew when the DaemonSet changes', () => {
    let spec: PodSpec = { nodeSelector: { agents: 'yes' } };
    const sets = agentSets(
      () => [set(spec)],
      () => false,
    );
    const node = aNode(labelled);
    expect(sets.judged(node).unselected).toBeDefined();
    spec = linux;
    sets.forget();
    expect(sets.judged(node)).toBe(node);
  });
});
