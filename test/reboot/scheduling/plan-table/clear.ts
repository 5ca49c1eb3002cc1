/** What people, nodes and time do about a blocker: as its words say, and nothing else. */
import type { Blocker, BlockerCode } from '../../../../src/reboot/scheduling/blockers/blockers.ts';
import { plan } from '../../../../src/reboot/scheduling/plan/plan.ts';
import { poolNamed, poolOf } from '../../../../src/reboot/policy/pools.ts';
import type { PoolPolicy } from '../../../../src/reboot/policy/policy.ts';
import type { NodeView } from '../../../../src/reboot/nodes/node-view.ts';
import { type In, isIn, type Reboot, type RebootState } from '../../../../src/reboot/state/reboot.ts';
import { planBlockers, withBlockers } from '../../../../src/reboot/state/stored-blockers.ts';
import { targetOf } from '../../../../src/reboot/rollout/rollout.ts';
import { minute, toTimestamp } from '../../../../src/reboot/time/time.ts';
import type { World } from '../../../fakes/arbitrary-plan.ts';
import { aDecision, aNode } from '../../../fakes/builders.ts';
import { mia } from './actors.ts';

/**
 * Those whose end is that of other reboots. What has ended may begin something: a rest between two, the bake
 * of a stage.
 */
export const finishing: ReadonlySet<BlockerCode> = new Set([
  'pool-halted',
  'control-plane-last',
  'control-plane-busy',
  'turn-taken',
  'cluster-turns-taken',
  'zone-busy',
  'too-many-out',
  'rollout-waits',
] as const);

export function clear(world: World, name: string, blocker: Blocker): World {
  const reboot = world.snapshot.reboots.find((each) => each.name === name);
  if (!reboot || !isIn(reboot, 'Approved')) throw new Error(`${name} is not approved`);
  if (blocker.until !== undefined) return later(world, blocker.until);
  return clearings(world, reboot)[blocker.code]?.() ?? fail(blocker);
}

function fail({ code }: Blocker): never {
  throw new Error(`nobody knows how to clear ${code}`);
}

const clearings = (world: World, reboot: In<'Approved'>): Partial<Record<BlockerCode, () => World>> => ({
  paused: () => resumed(world, reboot),
  'observed-only': () => withoutObserving(world, reboot),
  'stale-view': () => heard(world, reboot),
  'chat-away': () => withPool(world, reboot, { startWithoutSlack: true }),
  'unknown-pool': () => relabelled(world, reboot),
  'node-not-ready': () =>
    withNodes(world, (node) => (node.name === reboot.node.name ? { ...node, ready: true } : node)),
  'node-leaving': () => allStay(world),
  'packages-changing': () => ({ ...world, snapshot: { ...world.snapshot, packageWork: new Map() } }),
  'outside-window': () => withApproval(withPool(world, reboot, { windows: [] }), reboot),
  'calendar-unread': () => withPool(world, reboot, { calendars: [] }),
  'would-not-finish': () => withApproval(withPool(world, reboot, { approveNowOutsideWindow: true }), reboot),
  'reboot-loop': () => withApproval(world, reboot),
  'rule-withdrawn': () => withApproval(world, reboot),
  'rollout-waits': () => finish(world, reboot, (other) => sameRollout(other, reboot)),
  'pool-halted': () => finish(world, reboot, (other) => isIn(other, 'Failed') && other.pool === reboot.pool),
  'control-plane-last': () => finish(world, reboot, (other) => !other.facts.controlPlane),
  'control-plane-busy': () => finish(world, reboot, (other) => other.facts.controlPlane),
  'turn-taken': () => finish(world, reboot, (other) => inTheWay(world, other)),
  'zone-busy': () => finish(world, reboot, (other) => inTheWay(world, other)),
  'cluster-turns-taken': () => finish(world, reboot, (other) => inTheWay(world, other)),
  'too-many-out': () => allReady(finish(world, reboot, (other) => inTheWay(world, other))),
  'alerts-firing': () => withReboot(world, reboot.name, (each) => ({ ...each, state: unheld(reboot.state) })),
});

const later = (world: World, now: number): World => ({
  ...world,
  now,
  snapshot: { ...world.snapshot, heardAt: world.snapshot.heardAt + now - world.now },
});

const withNodes = (world: World, change: (node: NodeView) => NodeView): World => ({
  ...world,
  snapshot: { ...world.snapshot, nodes: world.snapshot.nodes.map(change) },
});
const withReboot = (world: World, name: string, change: (reboot: Reboot) => Reboot): World => ({
  ...world,
  snapshot: {
    ...world.snapshot,
    reboots: world.snapshot.reboots.map((each) => (each.name === name ? change(each) : each)),
  },
});
const withPool = (world: World, { pool: name }: Reboot, change: Partial<PoolPolicy>): World => ({
  ...world,
  policy: {
    ...world.policy,
    pools: world.policy.pools.map((pool) => (pool.name === name ? { ...pool, ...change } : pool)),
  },
});
const withoutObserving = (world: World, { pool: name }: Reboot): World => ({
  ...world,
  policy: {
    ...world.policy,
    pools: world.policy.pools.map((pool) => {
      const { observeOnly: _, ...others } = pool;
      return pool.name === name ? others : pool;
    }),
  },
});
/** Somebody approves it once more, for now. */
const withApproval = (world: World, { name, state }: In<'Approved'>): World => {
  const approval = {
    by: mia,
    at: toTimestamp(world.now),
    mode: 'now',
    digest: '4f1c',
    riskDigest: 'aaaa',
  } as const;
  const approvals = [...state.decision.approvals, approval];
  return withReboot(world, name, (each) => ({
    ...each,
    state: { ...state, decision: { ...state.decision, mode: 'now', approvals } },
  }));
};

function resumed(world: World, { node: { name } }: Reboot): World {
  const { snapshot } = world;
  const nodes = snapshot.nodes.map((node) => {
    const { paused: _, ...rest } = node;
    return node.name === name ? rest : node;
  });
  return { ...world, snapshot: { ...snapshot, nodes, pauses: [] } };
}

/** The watch receives events again, and shows the node. */
function heard(world: World, { node: { name, uid }, pool, facts }: Reboot): World {
  const { snapshot, now } = world;
  const known = snapshot.nodes.some((node) => node.name === name);
  const zone = facts.zone === undefined ? {} : { 'topology.kubernetes.io/zone': facts.zone };
  const missing = known ? [] : [aNode({ name, uid, labels: { pool, ...zone } })];
  return { ...world, snapshot: { ...snapshot, heardAt: now, nodes: [...snapshot.nodes, ...missing] } };
}

function relabelled(world: World, reboot: Reboot): World {
  const { policy, snapshot } = world;
  const node = snapshot.nodes.find(({ name }) => name === reboot.node.name);
  if (poolNamed(policy, reboot.pool))
    return withNodes(world, (each) =>
      each.name === reboot.node.name ? { ...each, labels: { ...each.labels, pool: reboot.pool } } : each,
    );
  // The pool is named again as the one that has the node now; where the node is not known either, as any.
  const pool = (node && poolOf(policy, node)?.name) ?? policy.pools[0]?.name ?? '';
  return withReboot(world, reboot.name, (each) => ({ ...each, pool }));
}

const sameRollout = (other: Reboot, reboot: Reboot): boolean =>
  other.pool === reboot.pool &&
  targetOf(other.need) === targetOf(reboot.need) &&
  !isIn(other, 'Succeeded', 'Denied', 'Cancelled');

/** It has a turn, or goes first. */
function inTheWay({ snapshot, policy, now }: World, { name }: Reboot): boolean {
  const held = snapshot.ledger.turns.some((turn) => turn.reboot === name);
  return held || plan(snapshot, policy, now).starts.includes(name);
}

/** Other reboots come to their end, well, and just now; what failed is skipped. */
function finish(world: World, reboot: Reboot, which: (other: Reboot) => boolean): World {
  const { snapshot, now } = world;
  const ended = new Set(
    snapshot.reboots
      .filter((other) => other.name !== reboot.name && isOpen(other) && which(other))
      .map(({ name }) => name),
  );
  const reboots = snapshot.reboots.map((other) =>
    ended.has(other.name) ? { ...other, state: endOf(other, now) } : other,
  );
  const back = new Set(reboots.flatMap(({ name, node }) => (ended.has(name) ? [node.name] : [])));
  const turns = snapshot.ledger.turns.filter((turn) => !ended.has(turn.reboot));
  const freed = { ...world, snapshot: { ...snapshot, reboots, ledger: { turns } } };
  return withNodes(freed, (node) =>
    back.has(node.name) ? { ...node, ready: true, unschedulable: false } : node,
  );
}

const isOpen = (reboot: Reboot): boolean =>
  isIn(reboot, 'Pending', 'Approved', 'Draining', 'Rebooting', 'Settling', 'Failed');

function endOf(reboot: Reboot, now: number): RebootState {
  const since = toTimestamp(now);
  if (isIn(reboot, 'Failed'))
    return { ...reboot.state, phase: 'GivenUp', since, by: mia, failedAt: since, leaveCordoned: false };
  return {
    phase: 'Succeeded',
    since,
    decision: aDecision(),
    cordon: 'us',
    newBootId: 'boot-of-another-day',
    kernel: 'k',
    pods: 1,
    took: { drain: 1, boot: 1, settle: 1, total: minute },
  };
}

const allStay = (world: World): World => withNodes(world, (node) => ({ ...node, taints: [] }));

const allReady = (world: World): World =>
  withNodes(allStay(world), (node) => ({ ...node, ready: true, unschedulable: false }));

function unheld(held: In<'Approved'>['state']): RebootState {
  return withBlockers(held, planBlockers(held));
}
