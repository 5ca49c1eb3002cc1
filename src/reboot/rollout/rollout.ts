/** A rollout in stages: which Reboots belong together, and how far they are. Pure. */
import { isUnderWay } from '../state/ownership.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Need } from '../state/need.ts';
import { type Instant, minute, toInstant } from '../ports/time.ts';
import { bestBefore, type WorkloadBefore } from './workloads.ts';

/**
 * What is rolled out: nodes that go to the same kernel, or, where none is new, for the same risky packages,
 * are one rollout.
 */
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
  /** When each node that was rebooted for it proved itself, the earliest first. */
  readonly ends: readonly Instant[];
  /**
   * Nodes that run the new kernel already, without a reboot of ours: they are done, and have shown nothing.
   */
  readonly joined: number;
  /** Names of its Reboots that have proven nothing, or not yet. */
  readonly unproven: ReadonlySet<string>;
}

/** How many nodes have nothing left to do. */
export const doneIn = ({ ends, joined }: Pick<Rollout, 'ends' | 'joined'>): number => ends.length + joined;

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
    ends: reboots
      .flatMap(({ state }) => (state.phase === 'Succeeded' ? [toInstant(state.since)] : []))
      .sort((a, b) => a - b),
    joined: joinedOf(nodes, reboots, reboot.need.kernel.next),
    unproven: new Set(reboots.filter((other) => !isIn(other, 'Succeeded')).map(({ name }) => name)),
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

/** All rollouts of a pool, each with the Reboots that belong to it. */
export function rolloutsIn(reboots: readonly Reboot[], pool: string): readonly (readonly Reboot[])[] {
  const ofPool = reboots.filter((reboot) => reboot.pool === pool);
  return [...Map.groupBy(ofPool, rolloutKey).values()].map((same) => together(same));
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
 * A node that asks once more for what it was rebooted for begins a new rollout: reboots for no risky package
 * at all have one target for ever, and what was done last month proves nothing of today. What is still open
 * goes along.
 */
function together(same: readonly Reboot[]): readonly Reboot[] {
  if (!someAskAgain(same)) return same;
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

/** Whether one that is done has another Reboot. Thousands are not put in order to find that none has. */
function someAskAgain(same: readonly Reboot[]): boolean {
  const times = new Map<string, number>();
  for (const { node } of same) times.set(node.uid, (times.get(node.uid) ?? 0) + 1);
  return same.some((reboot) => isIn(reboot, 'Succeeded') && (times.get(reboot.node.uid) ?? 0) > 1);
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
  isUnderWay(reboot) || isIn(reboot, 'Pending', 'Snoozed', 'Approved', 'Undoing');

/**
 * A node that came with the new kernel, or was rebooted by somebody else. It makes a stage smaller, and is no
 * canary: nobody has seen what its reboot did to what ran there. One that is being watched, or failed, is
 * none of these.
 */
function joinedOf(
  nodes: readonly NodeView[],
  reboots: readonly Reboot[],
  kernel: string | undefined,
): number {
  if (kernel === undefined) return 0;
  const known = new Set(
    reboots
      .filter((other) => isUnderWay(other) || isIn(other, 'Failed', 'Succeeded'))
      .map(({ node }) => node.uid),
  );
  return nodes.filter((node) => node.kernel === kernel && !known.has(node.uid)).length;
}

/**
 * How many nodes of a rollout may have been started now, and, where time alone allows more, when. A stage is
 * over when so many nodes have proven their reboot and the last of them has run for the bake time since.
 */
export interface Allowance {
  /** Rebooted for the rollout; those that need no reboot are not among them. */
  readonly nodes: number;
  readonly stage: number;
  readonly moreAt?: Instant;
}

export function allowanceOf(rollout: Rollout, now: Instant): Allowance {
  const { stages, ends, bake } = rollout;
  for (const stage of stages.keys()) {
    const nodes = rebootedBy(rollout, stage);
    const ended = ends[nodes - 1];
    if (ended === undefined) return { nodes, stage };
    if (ended + bake > now) return { nodes, stage, moreAt: ended + bake };
  }
  return { nodes: Number.POSITIVE_INFINITY, stage: stages.length };
}

/**
 * How many nodes are rebooted by the end of a stage: those that are there already spare the others, but never
 * the canary.
 */
function rebootedBy({ stages, joined }: Rollout, stage: number): number {
  const [canary = 0] = stages;
  return Math.max(canary, (stages[stage] ?? 0) - joined);
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
    case 'Undoing':
    case 'Cancelled':
    case 'Superseded':
      return undefined;
  }
}

/**
 * What was ready before the nodes that are done were rebooted, where the next start would be the first of its
 * stage. Inside a stage nobody compares: that is what the stages are for.
 */
export function comparedBefore(rollout: Rollout, now: Instant): readonly WorkloadBefore[] {
  // A pool that has grown or shrunk since has other stages: what is halted, or has stood still, is not let go
  // by that.
  if (rollout.reboots.some((reboot) => isHalted(reboot)) || hasStoodStill(rollout, now))
    return bestBefore(rollout.reboots.flatMap(beforeOf));
  const { stage } = allowanceOf(rollout, now);
  const boundary = stage === 0 ? undefined : rollout.ends[rebootedBy(rollout, stage - 1) - 1];
  if (boundary === undefined) return [];
  const begun = rollout.reboots.some((reboot) => {
    if (isUnderWay(reboot)) return true;
    return isIn(reboot, 'Succeeded') && (startedAt(reboot) ?? boundary) > boundary;
  });
  return begun ? [] : bestBefore(rollout.reboots.flatMap(beforeOf));
}

/**
 * One node follows the other at once inside a stage; also without a bake a break as long as this is none
 * between two of them.
 */
const leastStandstill = 5 * minute;

/**
 * Who was told of a halt may have been paused since, cancelled or denied, and then no Reboot says that there
 * was one.
 */
function hasStoodStill({ stages, ends, reboots, bake }: Rollout, now: Instant): boolean {
  const last = ends.at(-1);
  if (stages.length === 0 || last === undefined) return false;
  return now - last >= Math.max(bake, leastStandstill) && !reboots.some((reboot) => isUnderWay(reboot));
}

const isHalted = (reboot: Reboot): boolean =>
  isIn(reboot, 'Approved') &&
  reboot.state.held?.blockers.some(({ code }) => code === 'rollout-halted') === true;

/** What a proven Reboot found on its node when it began, and nobody has accepted the loss of. */
function beforeOf(reboot: Reboot): readonly WorkloadBefore[] {
  if (!isIn(reboot, 'Succeeded')) return [];
  return (reboot.workloads ?? []).map((workload) => ({ ...workload, node: reboot.node.name }));
}
