import { describe, expect, it } from 'vitest';
import { agentlessAmong, agentlessBecause } from '../../../src/reboot/policy/agentless.ts';
import { roomOf } from '../../../src/reboot/scheduling/gates/limits/room.ts';
import { poolOf } from '../../../src/reboot/policy/pools.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { aNode, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const byTaint = {
  unselected: { by: 'taint', why: 'it does not tolerate the taint dedicated' },
} as const satisfies Partial<NodeView>;
const byLabels = {
  unselected: { by: 'labels', why: 'its nodeSelector wants agents=yes' },
} as const satisfies Partial<NodeView>;

const without: readonly (readonly [string, Partial<NodeView>])[] = [
  ['runs Windows', { labels: { 'kubernetes.io/os': 'windows' } }],
  ['runs plan9', { labels: { 'kubernetes.io/os': 'plan9' } }],
  ['is one of AWS Fargate', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }],
  ['is one of a virtual kubelet', { labels: { type: 'virtual-kubelet' } }],
  ['is one of a virtual kubelet', { taints: [{ key: 'virtual-kubelet.io/provider', effect: 'NoSchedule' }] }],
  ['is simulated by KWOK', { labels: { type: 'kwok' } }],
  ['is simulated by KWOK', { annotations: { 'kwok.x-k8s.io/node': 'fake' } }],
  ['is not selected by the agent’s DaemonSet: it does not tolerate the taint dedicated', byTaint],
  ['is not selected by the agent’s DaemonSet: its nodeSelector wants agents=yes', byLabels],
];

const withAgent: readonly (readonly [string, Partial<NodeView>])[] = [
  ['says nothing of itself', {}],
  ['runs Linux', { labels: { 'kubernetes.io/os': 'linux' } }],
  ['is of EC2', { labels: { 'eks.amazonaws.com/compute-type': 'ec2' } }],
  ['has a type of its own', { labels: { type: 'storage' } }],
  ['has another taint', { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] }],
];

const policy = aPolicy({ pools: [aPool({ maxUnavailable: { percent: 50 } })] });

describe('a node on which no agent can run', () => {
  it.each(without)('is one that %s, and a member of no pool', (words, marks) => {
    expect(agentlessBecause(aNode(marks))).toBe(words);
    expect(poolOf(policy, aNode(marks))).toBeUndefined();
  });

  it.each(withAgent)('is none that %s', (_, marks) => {
    expect(agentlessBecause(aNode(marks))).toBeUndefined();
    expect(poolOf(policy, aNode(marks))?.name).toBe('workers');
  });

  it.each(without)('that %s makes no percentage, and is not out while it is not Ready', (_, marks) => {
    const many = Array.from({ length: 6 }, (__, nth) => aNode({ name: `f${nth}`, ...marks }));
    const nodes = [aNode({ name: 'w1' }), aNode({ name: 'w2' }), ...many];
    expect(roomOf({ nodes }, policy, aPool({ maxUnavailable: { percent: 50 } }))).toEqual({
      members: ['w1', 'w2'],
      out: [],
      mostOut: 1,
    });
  });

  it('still counts as out while it is, where a taint alone keeps the agent from it', () => {
    const marks = { ...byTaint, unschedulable: true };
    const nodes = [aNode({ name: 'w1' }), aNode({ name: 'w2', ...marks })];
    expect(roomOf({ nodes }, policy, aPool()).out).toEqual(['w2']);
    const selected = [aNode({ name: 'w1' }), aNode({ name: 'w2', ...byLabels, unschedulable: true })];
    expect(roomOf({ nodes: selected }, policy, aPool()).out).toEqual([]);
  });

  it('is counted by its kind, once', () => {
    const nodes = [
      ...without.map(([, marks]) => aNode(marks)),
      ...withAgent.map(([, marks]) => aNode(marks)),
    ];
    expect(agentlessAmong(nodes)).toEqual([
      { kind: 'with Windows', count: 1 },
      { kind: 'with another operating system than Linux', count: 1 },
      { kind: 'of AWS Fargate', count: 1 },
      { kind: 'of a virtual kubelet', count: 2 },
      { kind: 'simulated by KWOK', count: 2 },
      { kind: 'that the agent’s DaemonSet does not select', count: 2 },
    ]);
  });
});

const caller = {
  person: {
    id: 'U0MIA',
    name: 'mia',
    groups: [],
    channels: ['C0OPS'],
    guest: false,
    bot: false,
    deactivated: false,
    foreign: false,
  },
  channel: 'C0OPS',
};

describe('the service, of a node on which no agent can run', () => {
  const windows = { labels: { 'kubernetes.io/os': 'windows' } };

  it('makes no NodeAgent, and tells nobody that it is silent', async () => {
    const { cluster, service, chat, pass, settle } = serviceHarness(
      aPolicy({ pools: [aPool({ unknownFor: 15 * minute })] }),
    );
    cluster.addNode(aNode({ name: 'win-1', ...windows }));
    cluster.addNode(aNode({ name: 'win-2', bootId: 'boot-2', ...windows }), { report: aReport() });
    cluster.addNode(aNode({ name: 'w1', bootId: 'boot-2' }), { report: aReport() });
    for (let spent = 0; spent < hour; spent += minute) {
      await pass(minute);
      await service.resync();
      await service.reconcileNode('win-1');
      await settle();
    }
    expect(cluster.agent('win-1')).toBeUndefined();
    expect(chat.notices.map(({ nodes }) => nodes)).toEqual([['w1']]);
  });

  it('says so to a person who asks', async () => {
    const { cluster, service } = serviceHarness();
    cluster.addNode(aNode({ name: 'win-1', ...windows }));
    cluster.addNode(aNode({ name: 'w1' }), { report: aReport({ required: 'no' }) });
    expect(await service.why('win-1')).toMatchObject({ why: { agentless: 'runs Windows' } });
    expect(await service.preview('win-1')).toMatchObject({
      ok: false,
      sentence: 'win-1 runs Windows. No agent can run there, so Tugboot would never drain it.',
    });
    expect(await service.request('win-1', undefined, caller)).toMatchObject({
      ok: false,
      sentence: 'win-1 runs Windows. No agent can run there, so nobody could carry it out.',
    });
    for (const of of [undefined, 'workers'])
      expect(await service.status(of)).toMatchObject({
        status: { nodes: 1, quiet: 1, agentless: [{ kind: 'with Windows', count: 1 }] },
      });
  });
});
