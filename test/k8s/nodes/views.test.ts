import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentView } from '../../../src/k8s/nodes/agent-view.ts';
import { nodeView, watchedNode } from '../../../src/k8s/nodes/read-node.ts';
import { reportLimits } from '../../../src/reboot/nodes/report-limits.ts';
import { clusterSignals, watchedNamesOf } from '../../../src/reboot/policy/pool-signal.ts';
import { aReport, at } from '../../fakes/builders.ts';

const node = {
  metadata: {
    name: 'n1',
    uid: 'u1',
    labels: { a: 'b' },
    annotations: {
      'update.node.deckhouse.io/disruption-required': '',
      'example.com/hold': 'h'.repeat(600),
      other: 'x'.repeat(100_000),
    },
  },
  status: {
    nodeInfo: { bootID: 'b1', kernelVersion: 'k', osImage: 'o' },
    conditions: [
      { type: 'Ready', status: 'True', message: 'kubelet is posting ready status' },
      { type: 'KernelDeadlock', status: 'True', message: 'y'.repeat(5_000), lastTransitionTime: at(0) },
      { type: 'kured.dev/RebootRequired', status: 'Sideways', lastTransitionTime: 'never' },
      { type: 'MemoryPressure', status: 'False' },
    ],
  },
};
const wanted = () => ({ ...watchedNamesOf(clusterSignals), hookAnnotations: new Set(['example.com/hold']) });

describe('the view of a Node', () => {
  it('keeps the conditions and annotations that are signals, shortened, and no others', () => {
    expect(nodeView(node, wanted)).toMatchObject({
      conditions: {
        KernelDeadlock: { status: 'True', message: 'y'.repeat(300), since: at(0) },
        'kured.dev/RebootRequired': { status: 'Unknown', message: '' },
      },
      annotations: { 'update.node.deckhouse.io/disruption-required': '' },
    });
    expect(JSON.stringify(watchedNode(node, wanted)).length).toBeLessThan(2_000);
  });

  it('keeps what hooks write, or have written, long enough to put it back', () => {
    const hookAnnotations = { 'example.com/hold': 'h'.repeat(600) };
    expect(nodeView(node, wanted).hookAnnotations).toEqual(hookAnnotations);
    expect(nodeView(node)).not.toHaveProperty('hookAnnotations');
    const marks = '{"labels":{},"annotations":{"other":{"put":"a"}}}';
    const noted = { metadata: { annotations: { ...node.metadata.annotations, 'tugboot.dev/marks': marks } } };
    expect(nodeView(noted, wanted).hookAnnotations).toEqual({ ...hookAnnotations, other: 'x'.repeat(1_024) });
  });

  it('keeps what decides whether pods may come, while any may', () => {
    const { spec, status } = {
      spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
      status: node.status,
    };
    const open = { ...node, spec, status: { ...status, allocatable: { cpu: '3920m', pods: '110' } } };
    expect(watchedNode(open).space).toEqual({
      name: 'n1',
      labels: { a: 'b' },
      taints: spec.taints,
      allocatable: new Map([
        ['cpu', 3920],
        ['pods', 110],
      ]),
    });
    expect(watchedNode({ ...open, spec: { unschedulable: true } }).space).toBeUndefined();
    expect(watchedNode({ ...open, status: { ...status, conditions: [] } }).space).toBeUndefined();
  });

  it('keeps none where no pool asks for any', () => {
    const view = nodeView(node);
    expect(view).not.toHaveProperty('conditions');
    expect(view).not.toHaveProperty('annotations');
    expect(nodeView({ metadata: { name: 'n1' } }, wanted)).not.toHaveProperty('conditions');
  });
});

describe('the view of a NodeAgent', () => {
  const agent = (status: unknown, annotations: unknown = {}) =>
    agentView({ metadata: { name: 'n1', annotations }, spec: {}, status });

  it('has the signals of the report, and understands a report without any', () => {
    const report = aReport({
      bootedAt: at(0),
      asking: 'kernel',
      signals: [
        {
          name: 'kernel',
          required: 'yes',
          reason: 'r',
          since: at(0),
          packages: [{ name: 'p', version: '1' }],
        },
      ],
    });
    expect(agent(report).report).toEqual(report);
    expect(agent(aReport()).report).toEqual(aReport());
  });

  it.each([
    ['an answer that there is none of', [{ name: 'a', required: 'maybe' }]],
    ['a name too long', [{ name: 'x'.repeat(64), required: 'no' }]],
    [
      'more signals than a report holds',
      Array.from({ length: reportLimits.signals + 1 }, () => ({ name: 'a', required: 'no' })),
    ],
    ['no list', { name: 'a', required: 'no' }],
  ])('says why it cannot be read: %s', (_what, signals) => {
    const view = agent({ ...aReport(), signals });
    expect(view.report).toBeUndefined();
    expect(view.unreadable).toContain('signals');
  });

  it('bounds a count that no host can have, and keeps the rest of the report', () => {
    const { report } = agent(aReport({ packagesLeftOut: 2_000_000_000 }));
    expect(report).toEqual(aReport({ packagesLeftOut: reportLimits.packagesLeftOut }));
  });

  it('takes a note that cannot be read for none', () => {
    const note = (text: string) => agent(aReport(), { 'tugboot.dev/doubt': text }).unknownSignals;
    expect(note(JSON.stringify({ about: ['kernel'], since: at(0) }))).toEqual({
      about: ['kernel'],
      since: at(0),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => note(text)).not.toThrow();
      }),
    );
    expect(note('{"about":"kernel"}')).toBeUndefined();
  });
});
