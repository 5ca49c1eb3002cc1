/** The rollouts that are modelled: a hundred nodes in five pools and three zones, by different rules. */
import type { Policy, PoolPolicy } from '../../src/reboot/policy/policy.ts';
import { weekdays } from '../../src/reboot/policy/pool-windows.ts';
import { hour, minute } from '../../src/reboot/time/time.ts';
import { zoneLabel } from '../../src/reboot/nodes/node-contract.ts';
import { aDrainPolicy, aPolicy, aPool, aWindow } from '../fakes/builders.ts';
import { mostOut } from '../../src/reboot/policy/pools.ts';
import type { Flock } from './rollout-kured.ts';
import type { ModelNode, PoolShape } from './rollout-nodes.ts';

export interface RolloutCase {
  readonly name: string;
  readonly policy: Policy;
  readonly stuck?: { readonly share: number; readonly for: number };
  /** A blocker dominates the duration, so that the bound is not comparable: printed, without an aim. */
  readonly blocked?: boolean;
}

export const hundred: readonly PoolShape[] = [
  { name: 'general', nodes: 40 },
  { name: 'batch', nodes: 25 },
  { name: 'gpu', nodes: 20 },
  { name: 'db', nodes: 12 },
  { name: 'control-plane', nodes: 3, controlPlane: true },
];
export const twenty: readonly PoolShape[] = [
  { name: 'general', nodes: 8 },
  { name: 'batch', nodes: 5 },
  { name: 'db', nodes: 4 },
  { name: 'control-plane', nodes: 3, controlPlane: true },
];

type Rules = Partial<PoolPolicy> | ((pool: PoolShape) => Partial<PoolPolicy>);

function policyOf(shapes: readonly PoolShape[], rules: Rules, concurrency = 99): Policy {
  const pools = shapes.map((shape) =>
    aPool({
      name: shape.name,
      selector: `pool=${shape.name}`,
      approval: 'auto',
      ...(typeof rules === 'function' ? rules(shape) : rules),
    }),
  );
  return aPolicy({ concurrency, pools, history: { keep: 1000, maxAge: 1000 * hour } });
}

const one: Partial<PoolPolicy> = { concurrency: 1, maxUnavailable: { count: 1 } };
const tenth: Partial<PoolPolicy> = { concurrency: 10, maxUnavailable: { percent: 10 } };
const nightly = aWindow({ days: [...weekdays], start: 22 * 60, length: 90, timeZone: 'UTC' });
const patient = { ...one, drain: aDrainPolicy({ timeout: 24 * hour }) };
const held = { share: 0.05, for: 3 * hour };

export const rolloutCases = (shapes: readonly PoolShape[]): readonly RolloutCase[] => [
  { name: 'one at a time in each pool', policy: policyOf(shapes, one) },
  { name: 'a tenth of each pool at once', policy: policyOf(shapes, tenth) },
  {
    name: 'three turns in the whole cluster',
    policy: policyOf(shapes, { ...one, concurrency: 2, maxUnavailable: { count: 2 } }, 3),
  },
  {
    name: 'two at once, zone after zone',
    policy: policyOf(shapes, {
      concurrency: 2,
      maxUnavailable: { count: 2 },
      topology: { label: zoneLabel, atOnce: 1 },
    }),
  },
  {
    name: 'one at a time, nightly for 90 min',
    policy: policyOf(shapes, { ...one, approval: 'window', noticePeriod: 0, windows: [nightly] }),
    blocked: true,
  },
  {
    name: 'canary of 1, 30 min to bake, then 10 %, 50 % and the rest',
    policy: policyOf(shapes, ({ controlPlane }) => ({
      ...tenth,
      ...(controlPlane ? {} : { rollout: { canary: 1, bake: 30 * minute, batches: [10, 50, 100] } }),
    })),
    blocked: true,
  },
  {
    name: 'budgets hold 5 % of the nodes for 3 h',
    policy: policyOf(shapes, patient),
    stuck: held,
    blocked: true,
  },
  {
    name: 'the same, where a turn is given up after 5 min',
    policy: policyOf(shapes, { ...patient, giveUpTurnAfter: 5 * minute }),
    stuck: held,
    blocked: true,
  },
];

/**
 * kured as near to the policy as it can be set up: a DaemonSet for each pool, or, where the cluster's turns
 * are fewer, one for all.
 */
export function flocksLike({ pools, concurrency }: Policy, nodes: readonly ModelNode[]): readonly Flock[] {
  const flocks = pools.map((pool) => {
    const own = nodes.filter((node) => node.pool === pool.name);
    return { nodes: own, locks: Math.min(pool.concurrency, mostOut(pool, own.length)) };
  });
  const together = flocks.reduce((all, { locks }) => all + locks, 0);
  return together <= concurrency ? flocks : [{ nodes, locks: concurrency }];
}
