import { agentlessBecause } from '../../reboot/policy/agentless.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import { poolOf } from '../../reboot/policy/pools.ts';
import type { Policy } from '../../reboot/policy/policy.ts';
import type { AgentView } from '../../reboot/nodes/observation.ts';
import { second, toInstant } from '../../reboot/time/time.ts';
import type { Turn } from '../../reboot/scheduling/snapshot/ledger.ts';
import { reportOf } from '../../reboot/signals/signals.ts';
import { isOpen } from '../../reboot/ownership/ownership.ts';
import { isIn, type Reboot } from '../../reboot/state/reboot.ts';
import type { Sample } from './table.ts';

/** The state of a cluster, as the watches of this process have it. */
export interface ClusterState {
  readonly reboots: readonly Reboot[];
  readonly nodes: readonly NodeView[];
  readonly agent: (node: string) => AgentView | undefined;
  readonly policy: Policy;
  /** Undefined while the ledger cannot be read. */
  readonly turns: readonly Turn[] | undefined;
}

/** The gauges of a cluster. Every bot exports the same: add nothing up over bots, take the maximum. */
export const clusterSamples = (state: ClusterState): readonly Sample[] => [
  ...rebootSamples(state.reboots),
  ...nodeSamples(state),
  ...turnSamples(state),
];

function rebootSamples(reboots: readonly Reboot[]): readonly Sample[] {
  const groups = Map.groupBy(reboots, ({ pool, state }) => `${state.phase} ${pool}`);
  return [
    ...[...groups.values()].flatMap((same) => phaseSamples(same)),
    ...[...Map.groupBy(reboots, ({ pool }) => pool)].flatMap(([pool, of]) => blockerSamples(pool, of)),
  ];
}

/** The Reboots of one pool in one phase. */
function phaseSamples(same: readonly Reboot[]): readonly Sample[] {
  const [first] = same;
  if (first === undefined) return [];
  const labels = { pool: first.pool, phase: first.state.phase };
  const since = same.filter(isOpen).map(({ state }) => toInstant(state.since) / second);
  const count: Sample = { name: 'tugboot_reboots', labels, value: same.length };
  if (since.length === 0) return [count];
  // Not spread into one call: there may be more Reboots than a call may have arguments.
  const value = since.reduce((one, other) => Math.min(one, other));
  return [count, { name: 'tugboot_oldest_in_phase_timestamp_seconds', labels, value }];
}

function blockerSamples(pool: string, reboots: readonly Reboot[]): readonly Sample[] {
  const codes = reboots.flatMap((reboot) => [...new Set(blockersOf(reboot))]);
  return [...Map.groupBy(codes, (code) => code)].map(([code, same]) => ({
    name: 'tugboot_blocked_reboots',
    labels: { pool, code },
    value: same.length,
  }));
}

const blockersOf = (reboot: Reboot): readonly string[] =>
  isIn(reboot, 'Approved') ? (reboot.state.blockers ?? []).map(({ code }) => code) : [];

function nodeSamples({ nodes, agent, policy }: ClusterState): readonly Sample[] {
  const served = nodes.filter((node) => agentlessBecause(node) === undefined);
  const members = Map.groupBy(served, (node) => poolOf(policy, node)?.name);
  return policy.pools.flatMap(({ name: pool }): readonly Sample[] => {
    const of = members.get(pool) ?? [];
    const count = (matches: (node: NodeView) => boolean): number => of.filter(matches).length;
    return [
      { name: 'tugboot_nodes', labels: { pool }, value: of.length },
      {
        name: 'tugboot_nodes_requiring_reboot',
        labels: { pool },
        value: count(({ rebootRequired }) => rebootRequired === 'True'),
      },
      {
        name: 'tugboot_nodes_without_report',
        labels: { pool },
        value: count((node) => reportOf(node, agent(node.name)) === undefined),
      },
      {
        name: 'tugboot_nodes_cordoned',
        labels: { pool },
        value: count(({ unschedulable, cordonedBy }) => unschedulable && cordonedBy !== undefined),
      },
    ];
  });
}

/** For alerts that were written for kured. */
export const kuredSamples = ({ nodes }: Pick<ClusterState, 'nodes'>): readonly Sample[] =>
  nodes.map(({ name: node, rebootRequired }) => ({
    name: 'kured_reboot_required',
    labels: { node },
    value: rebootRequired === 'True' ? 1 : 0,
  }));

function turnSamples({ turns, policy }: ClusterState): readonly Sample[] {
  const limits = policy.pools.map(({ name: pool, concurrency }): Sample => ({
    name: 'tugboot_turns_limit',
    labels: { pool },
    value: concurrency,
  }));
  const cluster = { name: 'tugboot_cluster_turns_limit', labels: {}, value: policy.concurrency } as const;
  if (turns === undefined) return [...limits, cluster];
  const pools = new Set([...policy.pools.map(({ name }) => name), ...turns.map(({ pool }) => pool)]);
  const used = [...pools].map((pool): Sample => ({
    name: 'tugboot_turns',
    labels: { pool },
    value: turns.filter((turn) => turn.pool === pool).length,
  }));
  return [...used, ...limits, cluster];
}
