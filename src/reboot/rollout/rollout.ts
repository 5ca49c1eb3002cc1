/** Staged rollouts: which Reboots belong together, and their progress. Pure. */
import { haltsRollout } from '../scheduling/blockers/blocker-facts.ts';
import { isUnderWay } from '../ownership/ownership.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { gateCheck } from '../state/stored-blockers.ts';
import { type Need } from '../state/need.ts';
import { type Instant, minute, toInstant } from '../time/time.ts';
import { bestBefore, type WorkloadBefore } from '../nodes/workloads.ts';

/**
 * The target of a rollout: the next kernel, or the digest of the risky packages where the kernel stays the
 * same.
 */
export const targetOf = ({ kernel, riskDigest }: Need): string => kernel.next ?? riskDigest;

/** A key that identifies a rollout in a cluster. */
export const rolloutKey = (reboot: Pick<Reboot, 'pool' | 'need'>): string =>
  JSON.stringify([reboot.pool, targetOf(reboot.need)]);

export interface Rollout {
  readonly target: string;
  readonly bake: number;
  readonly nodes: readonly NodeView[];
  /** Unsorted. */
  readonly reboots: readonly Reboot[];
  /** How many nodes are done by the end of each stage, without the last, which is the rest of the pool. */
  readonly stages: readonly number[];
  /** When each of its Reboots succeeded, the earliest first. */
  readonly ends: readonly Instant[];
  /**
   * How many nodes run the new kernel already, without a reboot by Tugboot. They are done, but prove nothing
   * about the reboot.
   */
  readonly joined: number;
  /** Names of its Reboots that have not succeeded. */
  readonly unproven: ReadonlySet<string>;
}

/** How many nodes are done. */
export const doneIn = ({ ends, joined }: Pick<Rollout, 'ends' | 'joined'>): number => ends.length + joined;

/** The rollout that a Reboot belongs to; undefined where the pool has no stages. */
export function rolloutOf(
  reboot: Pick<Reboot, 'pool' | 'need'>,
  about: {
    readonly pool: PoolPolicy;
    readonly snapshot: { readonly reboots: readonly Reboot[] };
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

/** The Reboots of the rollout that a Reboot belongs to. */
export function sameRollout(
  reboots: readonly Reboot[],
  { pool, need }: Pick<Reboot, 'pool' | 'need'>,
): readonly Reboot[] {
  const target = targetOf(need);
  return currentRollout(reboots.filter((other) => other.pool === pool && targetOf(other.need) === target));
}

/** All rollouts of a pool, each as the list of its Reboots. */
export function rolloutsIn(reboots: readonly Reboot[], pool: string): readonly (readonly Reboot[])[] {
  const ofPool = reboots.filter((reboot) => reboot.pool === pool);
  return [...Map.groupBy(ofPool, rolloutKey).values()].map((sameTarget) => currentRollout(sameTarget));
}

/** For each stage but the last: how many nodes are done by its end. Never decreases. */
export function stagesOf(
  { canary, batches }: NonNullable<PoolPolicy['rollout']>,
  size: number,
): readonly number[] {
  let least = canary;
  const later = batches.map((percent) => (least = Math.max(least, Math.ceil((size * percent) / 100))));
  return [...new Set([canary, ...later])].filter((nodes) => nodes < size);
}

/**
 * A second Reboot of a node that is done begins a new rollout. Reboots without a risky package always have
 * the same target, and last month's results prove nothing now. Reboots that are still open move to the new
 * rollout.
 */
function currentRollout(sameTarget: readonly Reboot[]): readonly Reboot[] {
  if (!hasRepeatedNode(sameTarget)) return sameTarget;
  let rollout: Reboot[] = [];
  let done = new Set<string>();
  for (const reboot of sameTarget.toSorted(byAge)) {
    if (done.has(reboot.node.uid)) {
      rollout = rollout.filter((other) => mayStillRun(other));
      done = new Set();
    }
    rollout.push(reboot);
    if (isIn(reboot, 'Succeeded')) done.add(reboot.node.uid);
  }
  return rollout;
}

/** Whether a node that is done has another Reboot. Avoids sorting thousands of Reboots in the common case. */
function hasRepeatedNode(sameTarget: readonly Reboot[]): boolean {
  const times = new Map<string, number>();
  for (const { node } of sameTarget) times.set(node.uid, (times.get(node.uid) ?? 0) + 1);
  return sameTarget.some((reboot) => isIn(reboot, 'Succeeded') && (times.get(reboot.node.uid) ?? 0) > 1);
}

/** Oldest first. All timestamps have one format, so they compare as text. */
export const byAge = (one: Reboot, other: Reboot): number =>
  one.createdAt === other.createdAt
    ? one.name < other.name
      ? -1
      : 1
    : one.createdAt < other.createdAt
      ? -1
      : 1;

/** Whether it is under way or may still start. */
export const mayStillRun = (reboot: Reboot): boolean =>
  isUnderWay(reboot) || isIn(reboot, 'Pending', 'Snoozed', 'Approved', 'Undoing');

/**
 * Counts nodes that booted into the new kernel without a reboot by Tugboot. They make later stages smaller
 * but do not count as canaries: they show nothing about how workloads take a reboot. Nodes whose Reboot is
 * under way, failed or succeeded are not counted.
 */
function joinedOf(
  nodes: readonly NodeView[],
  reboots: readonly Reboot[],
  kernel: string | undefined,
): number {
  if (kernel === undefined) return 0;
  const known = new Set(
    reboots
      .filter((other) => isUnderWay(other) || isIn(other, 'GivenUp', 'Succeeded'))
      .map(({ node }) => node.uid),
  );
  return nodes.filter((node) => node.kernel === kernel && !known.has(node.uid)).length;
}

/**
 * How many nodes of a rollout may have started by now, and, where only time is missing, when more may. A
 * stage ends when that many nodes have succeeded and the bake time has passed since the last of them.
 */
export interface Allowance {
  /** Reboots of the rollout; nodes that need none are not counted. */
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
 * How many nodes are rebooted by the end of a stage. Nodes that are already on the target reduce a batch, but
 * never the canary.
 */
function rebootedBy({ stages, joined }: Rollout, stage: number): number {
  const [canary = 0] = stages;
  return Math.max(canary, (stages[stage] ?? 0) - joined);
}

/** When the drain of a Reboot started; undefined where it did not. */
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
    case 'GivenUp':
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
 * The workload readiness to compare with, where the next start is the first of its stage, or the rollout was
 * halted or stood still. Else empty: inside a stage nothing is compared.
 */
export function comparedBefore(rollout: Rollout, now: Instant): readonly WorkloadBefore[] {
  // The stage boundaries change when the pool grows or shrinks. A halt or a standstill must not be lifted by
  // that.
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
 * Inside a stage the next node starts at once. A gap of this length counts as a standstill even without a
 * bake time.
 */
const minStandstill = 5 * minute;

/**
 * The Reboot that stored the halt may have been paused, cancelled or denied since. Then no Reboot records
 * that the rollout was halted.
 */
function hasStoodStill({ stages, ends, reboots, bake }: Rollout, now: Instant): boolean {
  const last = ends.at(-1);
  if (stages.length === 0 || last === undefined) return false;
  return now - last >= Math.max(bake, minStandstill) && !reboots.some((reboot) => isUnderWay(reboot));
}

const isHalted = (reboot: Reboot): boolean =>
  isIn(reboot, 'Approved') &&
  gateCheck(reboot.state)?.blockers.some(({ code }) => haltsRollout.has(code)) === true;

/**
 * The workload readiness that a successful Reboot recorded before its cordon, unless its loss was accepted.
 */
function beforeOf(reboot: Reboot): readonly WorkloadBefore[] {
  if (!isIn(reboot, 'Succeeded')) return [];
  return (reboot.workloads ?? []).map((workload) => ({ ...workload, node: reboot.node.name }));
}
