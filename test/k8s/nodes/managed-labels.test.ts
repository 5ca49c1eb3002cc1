import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../../demo/kube/patches/json-patch.ts';
import { textsAt } from '../../../src/k8s/api/json-value.ts';
import type { KubeNode } from '../../../src/k8s/nodes/kube-node.ts';
import { labelOperations } from '../../../src/k8s/nodes/managed-labels-patch.ts';
import { nodeView } from '../../../src/k8s/nodes/read-node.ts';
import { readManagedLabels } from '../../../src/k8s/nodes/read-managed-labels.ts';
import { noManagedLabels, relabel, type WantedLabels } from '../../../src/reboot/ownership/managed-labels.ts';
import { outcomeCounts } from '../../property-runs.ts';

/** As the writer sees a Node: with every annotation. */
const marked = (object: KubeNode) => ({
  ...nodeView(object),
  hookAnnotations: textsAt(object, 'metadata', 'annotations'),
});

/** Those that Tugboot writes for itself are told by the marks. */
const othersOf = (annotations: Readonly<Record<string, string>>) =>
  new Map(Object.entries(annotations).filter(([name]) => !name.startsWith('tugboot.dev/')));

const apply = (object: KubeNode, wanted: WantedLabels): KubeNode => {
  const view = marked(object);
  const next = relabel(view, wanted);
  if (next === undefined) return object;
  return applyJsonPatch(object, labelOperations(object, view, next) as never) as KubeNode;
};

const key = fc.constantFrom('a', 'example.com/b.c', 'team/x_y', 'constructor');
const labels = fc.dictionary(key, fc.constantFrom('', '1', 'x.y'), { noNullPrototype: true });
const wanted: fc.Arbitrary<WantedLabels> = fc.record(
  {
    labels: fc.dictionary(key, fc.constantFrom('o', 'p'), { noNullPrototype: true }),
    labelsFor: fc.constant('n1-r'),
    annotations: fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.dictionary(key, fc.constantFrom('o', '{"p": 1}'), { noNullPrototype: true }),
      },
    ),
    lasting: fc.constant({}),
    lastingAnnotations: fc.constant({}),
    waiting: fc.boolean(),
    state: fc.record({
      phase: fc.constantFrom('Pending' as const, 'Draining' as const),
      reboot: fc.constant('n1-r'),
    }),
  },
  { requiredKeys: ['labels', 'annotations', 'lasting', 'lastingAnnotations', 'waiting'] },
);
const taint = fc.record({
  key: fc.constantFrom('dedicated', 'tugboot.dev/reboot-waiting'),
  effect: fc.constantFrom('NoSchedule', 'NoExecute'),
});
const aNode = fc
  .record({
    labels: fc.option(labels, { nil: undefined }),
    annotations: fc.option(fc.constantFrom({ other: 'kept' }, { other: 'kept', 'team/x_y': 'a "b"\n' }), {
      nil: undefined,
    }),
    taints: fc.option(fc.array(taint, { maxLength: 3 }), { nil: undefined }),
  })
  .map((given) => ({
    metadata: {
      name: 'n1',
      ...(given.labels ? { labels: given.labels } : {}),
      ...(given.annotations ? { annotations: given.annotations } : {}),
    },
    spec: { unschedulable: true, ...(given.taints ? { taints: given.taints } : {}) },
  }));

describe('what is written on a Node for other tools', () => {
  it('is read again as it was meant', () => {
    const met = outcomeCounts<'written' | 'nothing to write'>();
    fc.assert(
      fc.property(aNode, fc.array(wanted, { minLength: 1, maxLength: 4 }), (node, wishes) => {
        let now: KubeNode = node;
        for (const wish of [...wishes, ...wishes.slice(-1)]) {
          const expected = relabel(marked(now), wish);
          met.saw(expected ? 'written' : 'nothing to write');
          now = apply(now, wish);
          const view = marked(now);
          if (expected) {
            const { labels, managed } = view;
            expect({ labels, managed }).toEqual({ labels: expected.labels, managed: expected.managed });
            expect(othersOf(view.hookAnnotations)).toEqual(othersOf(expected.hookAnnotations));
          }
          expect(relabel(view, wish)).toBeUndefined();
        }
      }),
    );
    met.atLeast({ written: 100, 'nothing to write': 100 });
  });

  it('leaves no trace when it is taken away, and touches nothing of others', () => {
    fc.assert(
      fc.property(aNode, fc.array(wanted), (node, wishes) => {
        const after = [...wishes, noManagedLabels].reduce<KubeNode>(apply, node);
        const { labels = {}, annotations = {} } = node.metadata;
        expect(nodeView(after)).toEqual(nodeView(node));
        expect(after).toMatchObject({ metadata: { name: 'n1' }, spec: { unschedulable: true } });
        const { metadata, spec } = after as { metadata: typeof node.metadata; spec: typeof node.spec };
        expect(metadata.labels ?? {}).toEqual(labels);
        expect(metadata.annotations ?? {}).toEqual(annotations);
        expect(spec.taints ?? []).toEqual(node.spec.taints ?? []);
      }),
    );
  });

  it('leaves a taint of the same key and another effect to its writer', () => {
    const theirs = { key: 'tugboot.dev/reboot-waiting', effect: 'NoSchedule' };
    const node = { metadata: {}, spec: { taints: [theirs] } };
    expect(readManagedLabels(node)).toBeUndefined();
    const during = apply(node, { ...noManagedLabels, waiting: true });
    expect(during).toMatchObject({ spec: { taints: [theirs, { effect: 'PreferNoSchedule' }] } });
    expect(apply(during, noManagedLabels)).toEqual(node);
  });
});

describe('a note that somebody else has written', () => {
  const noted = (text: string, labels: Record<string, string> = {}) => ({
    metadata: { labels, annotations: { 'tugboot.dev/marks': text } },
    spec: {},
  });
  const put = (key: string, value: unknown) => JSON.stringify({ labels: { [key]: value } });

  it.each([
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['no labels', '{}'],
    ['labels that are a list', '{"labels":[]}'],
    ['a label of Kubernetes', put('node-role.kubernetes.io/control-plane', { put: '' })],
    ['a label of Kubernetes’ older domain', put('beta.k8s.io/x', { put: 'a' })],
    ['a label of ours', put('tugboot.dev/x', { put: 'a' })],
    ['a key that is none', put('a b', { put: 'a' })],
    ['a prototype', '{"labels":{"__proto__":{"put":"a"}}}'],
    ['a value that is none', put('a', { put: 'a b' })],
    ['an earlier value that is none', put('a', { put: 'a', was: '$' })],
    ['an earlier value of another kind', put('a', { put: 'a', was: 1 })],
    ['nothing put', put('a', null)],
    ['annotations that are a list', '{"labels":{"a":{"put":"a"}},"annotations":[]}'],
    ['an annotation of ours', '{"labels":{},"annotations":{"tugboot.dev/cordoned-by":{"put":"a"}}}'],
    ['a key of an annotation that is none', '{"labels":{},"annotations":{"a b":{"put":"a"}}}'],
    ['a book', put('a', { put: 'a', note: 'x'.repeat(70_000) })],
  ])('is not believed: %s', (_, text) => {
    const labels = { 'node-role.kubernetes.io/control-plane': '', a: 'a' };
    expect(readManagedLabels(noted(text))).toEqual({ waiting: false, labels: {}, unreadable: true });
    const after = apply(noted(text, labels), noManagedLabels);
    expect(after).toEqual({ metadata: { labels, annotations: {} }, spec: {} });
  });

  it('may name the label that only load balancers look at, which a kubelet may write anyway', () => {
    const key = 'node.kubernetes.io/exclude-from-external-load-balancers';
    const after = apply(noted(put(key, { put: 'true' }), { [key]: 'true' }), noManagedLabels);
    expect(after).toEqual({ metadata: { labels: {}, annotations: {} }, spec: {} });
  });

  it('is no end of the program, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"labels":${json}}`),
        ),
        (text) => {
          const after = apply(noted(text, { a: '1' }), noManagedLabels);
          expect(nodeView(after).managed).toBeUndefined();
        },
      ),
    );
  });
});
