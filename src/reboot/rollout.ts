/** A rollout in stages: which Reboots belong together, and how far they are. Pure. */
import { isUnderWay } from './claims.ts';
import type { PoolPolicy } from './policy.ts';
import type { NodeView } from './ports.ts';
import { isIn, type Need, type Reboot } from './reboot.ts';
import { type Instant, toInstant } from './time.ts';
import { bestBefore, type WorkloadBefore } from './workloads.ts';

/** What is rolled out: nodes that go to the same kernel, or, where none is new, for the same risky packages, are one rollout. */
export const targetOf = ({ kernel, riskDigest }: Need): string => kernel.next ?? riskDigest;

/** The rollouts of a cluster, told apart. */
export const rolloutKey = (reboot: Pick<Reboot, 'pool' | 'need'>): string =>
  JSON.stringify([reboot.pool, targetOf(reboot.need)]);

export interface Rollout {
  readonly target: string;
  readonly bake: number;
  /** The nodes of the pool. */
  readonly nodes: readonly NodeView[];
  /** In no order. */
  readonly reboots: readonly Reboot[];
  /** How many nodes are through by the end of each stage but the last, which is the rest of the pool. */
  readonly stages: readonly number[];
  /** When each node that is done became so, the earliest first. */
  readonly ends: readonly Instant[];
}

/** Undefined where the pool does not go in stages. */
export function rolloutOf(
  reboot: Pick<Reboot, 'pool' | 'need'>,
  about: {
    readonly pool: PoolPolicy;
    readonly snapshot: { readonly reboots: readonly Reboot[] };
    /** The nodes of each pool. */
    readonly members: ReadonlyMap<string, readonly NodeView[]>;
  },
): Rollout | undefined {
  const { pool, snapshot, members } = about;
  if (pool.rollout === undefined) return undefined;
  const nodes = members.get(pool.name) ?? [];
  const target = targetOf(reboot.need);
  const reboots = sameRollout(snapshot.reboots, { ...reboot, pool: pool.name });
  return {
    target,
    bake: pool.rollout.bake,
    nodes,
    reboots,
    stages: stagesOf(pool.rollout, nodes.length),
    ends: endsOf(nodes, reboots, reboot.need.kernel.next),
  };
}

/** Those of the rollout that a Reboot belongs to. */
export function sameRollout(
  reboots: readonly Reboot[],
  { pool, need }: Pick<Reboot, 'pool' | 'need'>,
): readonly Reboot[] {
  const target = targetOf(need);
  return together(reboots.filter((other) => other.pool === pool && targetOf(other.need) === target));
}

/** Each stage as the number of nodes that are through by its end; a later one never has fewer. */
export function stagesOf(
  { canary, batches }: NonNullable<PoolPolicy['rollout']>,
  size: number,
): readonly number[] {
  let least = canary;
  const later = batches.map((percent) => (least = Math.max(least, Math.ceil((size * percent) / 100))));
  return [...new Set([canary, ...later])].filter((nodes) => nodes < size);
}

/**
 * A node that asks once more for what it was rebooted for begins a new rollout: reboots for no risky package at all have one target for ever, and what
 * was done last month proves nothing of today. What is still open goes along.
 */
function together(same: readonly Reboot[]): readonly Reboot[] {
  if (new Set(same.map(({ node }) => node.uid)).size === same.length) return same;
  let rollout: Reboot[] = [];
  let done = new Set<string>();
  for (const reboot of same.toSorted(byAge)) {
    if (done.has(reboot.node.uid)) {
      rollout = rollout.filter((other) => mayStillRun(other));
      done = new Set();
    }
    rollout.push(reboot);
    if (isIn(reboot, 'Succeeded')) done.add(reboot.node.uid);
  }
  return rollout;
}

/** Timestamps are written by one clock in one notation, so that their text sorts. */
export const byAge = (one: Reboot, other: Reboot): number =>
  one.createdAt === other.createdAt
    ? one.name < other.name
      ? -1
      : 1
    : one.createdAt < other.createdAt
      ? -1
      : 1;

/** It may still be carried out, or is. */
export const mayStillRun = (reboot: Reboot): boolean =>
  isUnderWay(reboot) || isIn(reboot, 'Pending', 'Snoozed', 'Approved');

/**
 * Records are kept for a while only: a node that runs the new kernel is done whether its record is still there or not, and has been for long.
 */
function endsOf(
  nodes: readonly NodeView[],
  reboots: readonly Reboot[],
  kernel: string | undefined,
): readonly Instant[] {
  const ends = new Map<string, Instant>();
  // It may run the new kernel and be anything but well: what is being watched, or failed, has proven nothing.
  const unproven = new Set(
    reboots
      .filter((other) => isUnderWay(other) || other.state.phase === 'Failed')
      .map(({ node }) => node.uid),
  );
  for (const node of nodes)
    if (kernel !== undefined && node.kernel === kernel && !unproven.has(node.uid))
      ends.set(node.uid, Number.NEGATIVE_INFINITY);
  for (const { node, state } of reboots)
    if (state.phase === 'Succeeded') ends.set(node.uid, toInstant(state.since));
  return [...ends.values()].sort((a, b) => a - b);
}

/**
 * How many nodes of a rollout may have been started now, and, where time alone allows more, when. A stage is over when so many nodes have
 * proven their reboot and the last of them has run for the bake time since.
 */
export interface Allowance {
  readonly nodes: number;
  readonly stage: number;
  readonly moreAt?: Instant;
}

export function allowanceOf({ stages, ends, bake }: Rollout, now: Instant): Allowance {
  for (const [stage, nodes] of stages.entries()) {
    const ended = ends[nodes - 1];
    if (ended === undefined) return { nodes, stage };
    if (ended + bake > now) return { nodes, stage, moreAt: ended + bake };
  }
  return { nodes: Number.POSITIVE_INFINITY, stage: stages.length };
}

/** When the drain of a Reboot that was started began; undefined where it was not. */
export function startedAt({ state }: Reboot): Instant | undefined {
  switch (state.phase) {
    case 'Draining':
      return toInstant(state.since);
    case 'Rebooting':
    case 'Settling':
      return toInstant(state.drained.startedAt);
    case 'Succeeded':
      return toInstant(state.since) - state.took.total;
    case 'Failed':
      return toInstant(state.from.phase === 'Draining' ? state.from.since : state.from.drained.startedAt);
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
    case 'Approved':
    case 'Cancelled':
    case 'Superseded':
      return undefined;
  }
}

/**
 * What was ready before the nodes that are done were rebooted, where the next start would be the first of its stage. Inside a stage nobody compares:
 * that is what the stages are for.
 */
export function comparedBefore(rollout: Rollout, now: Instant): readonly WorkloadBefore[] {
  const { stage } = allowanceOf(rollout, now);
  const boundary = stage === 0 ? undefined : rollout.ends[(rollout.stages[stage - 1] ?? 0) - 1];
  if (boundary === undefined) return [];
  const begun = rollout.reboots.some((reboot) => {
    if (isUnderWay(reboot)) return true;
    return isIn(reboot, 'Succeeded') && (startedAt(reboot) ?? boundary) > boundary;
  });
  return begun ? [] : bestBefore(rollout.reboots.flatMap(beforeOf));
}

/** What a proven Reboot found on its node when it began, and nobody has accepted the loss of. */
function beforeOf(reboot: Reboot): readonly WorkloadBefore[] {
  if (!isIn(reboot, 'Succeeded')) return [];
  return (reboot.workloads ?? []).map((workload) => ({ ...workload, node: reboot.node.name }));
}
