import { describe, expect, it } from 'vitest';
import { type ClusterState, clusterSamples, kuredSamples } from '../../../src/ops/metrics/state-samples.ts';
import type { Sample } from '../../../src/ops/metrics/table.ts';
import { minute, second, toInstant } from '../../../src/reboot/time/time.ts';
import { aDecision, aNode, aPolicy, aPool, aReboot, aReport, at, pending } from '../../fakes/builders.ts';
import { draining, stored } from '../../fakes/states.ts';

const workers = aPool({ name: 'workers', concurrency: 2 });
const state = (overrides: Partial<ClusterState> = {}): ClusterState => ({
  reboots: [],
  nodes: [],
  agent: () => undefined,
  policy: aPolicy({ concurrency: 3, pools: [workers] }),
  turns: [],
  ...overrides,
});
const named = (
  samples: readonly Sample[],
  name: Sample['name'],
): readonly (Readonly<Record<string, string>> | { readonly value: number })[] =>
  samples.flatMap((sample) => (sample.name === name ? [{ ...sample.labels, value: sample.value }] : []));

describe('the gauges of Reboots', () => {
  const reboots = [
    aReboot({ name: 'a', state: { ...pending, since: at(-3 * minute) } }),
    aReboot({ name: 'b' }),
    aReboot({ name: 'c', state: draining() }),
  ];

  it('count them by pool and phase', () => {
    expect(named(clusterSamples(state({ reboots })), 'tugboot_reboots')).toEqual([
      { pool: 'workers', phase: 'Pending', value: 2 },
      { pool: 'workers', phase: 'Draining', value: 1 },
    ]);
  });

  it('say since when the oldest has been in each phase', () => {
    const samples = clusterSamples(state({ reboots }));
    expect(named(samples, 'tugboot_oldest_in_phase_timestamp_seconds')[0]).toEqual({
      pool: 'workers',
      phase: 'Pending',
      value: toInstant(at(-3 * minute)) / second,
    });
  });

  it('count each Reboot once for each code that blocks it', () => {
    const blocker = { code: 'paused', sentence: 'It is paused.', clears: 'When it is resumed.' } as const;
    const blockers = stored([blocker, { ...blocker, sentence: 'Twice.' }], 'plan');
    const approved = { phase: 'Approved', since: at(0), decision: aDecision(), blockers } as const;
    const samples = clusterSamples(state({ reboots: [aReboot({ state: approved })] }));
    expect(named(samples, 'tugboot_blocked_reboots')).toEqual([
      { pool: 'workers', code: 'paused', value: 1 },
    ]);
  });
});

describe('the gauges of nodes', () => {
  const nodes = [
    aNode({ name: 'n1', rebootRequired: 'True' }),
    aNode({ name: 'n2', rebootRequired: 'False', unschedulable: true, cordonedBy: 'r' }),
    aNode({ name: 'n3', unschedulable: true }),
    aNode({ name: 'win', labels: { 'kubernetes.io/os': 'windows' } }),
  ];
  const agent: ClusterState['agent'] = (node) =>
    node === 'n1' ? { node, report: aReport({ bootId: 'boot-1' }) } : undefined;

  it('leave out nodes on which no agent can run, and cordons of others', () => {
    const samples = clusterSamples(state({ nodes, agent }));
    const values = (
      [
        'tugboot_nodes',
        'tugboot_nodes_requiring_reboot',
        'tugboot_nodes_without_report',
        'tugboot_nodes_cordoned',
      ] as const
    ).map((name) => named(samples, name));
    expect(values).toMatchObject([[{ value: 3 }], [{ value: 1 }], [{ value: 2 }], [{ value: 1 }]]);
  });

  it('are those of kured by node', () => {
    expect(kuredSamples({ nodes: nodes.slice(0, 2) })).toEqual([
      { name: 'kured_reboot_required', labels: { node: 'n1' }, value: 1 },
      { name: 'kured_reboot_required', labels: { node: 'n2' }, value: 0 },
    ]);
  });
});

describe('the gauges of turns', () => {
  const turn = { reboot: 'r', node: 'n1', pool: 'gone', controlPlane: false, since: at(0) };

  it('name every pool, and those of turns that are left of a pool that is gone', () => {
    expect(named(clusterSamples(state({ turns: [turn] })), 'tugboot_turns')).toEqual([
      { pool: 'workers', value: 0 },
      { pool: 'gone', value: 1 },
    ]);
  });

  it('are absent while the ledger cannot be read, and their limits are not', () => {
    const samples = clusterSamples(state({ turns: undefined }));
    expect(named(samples, 'tugboot_turns')).toEqual([]);
    expect(named(samples, 'tugboot_turns_limit')).toEqual([{ pool: 'workers', value: 2 }]);
    expect(named(samples, 'tugboot_cluster_turns_limit')).toEqual([{ value: 3 }]);
  });
});
