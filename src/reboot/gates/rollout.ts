import type { Blocker } from '../blockers.ts';
import { isUnderWay } from '../claims.ts';
import type { PoolPolicy } from '../policy.ts';
import type { NodeView } from '../ports.ts';
import type { In, Need, Reboot } from '../reboot.ts';
import { type Instant, inWords, toInstant } from '../time.ts';
import type { Situation } from './situation.ts';

/** What is rolled out: nodes that go to the same kernel, or, where none is new, for the same risky packages, are one rollout. */
const targetOf = ({ kernel, riskDigest }: Need): string => kernel.next ?? riskDigest;

/**
 * How many nodes of a rollout may have been started now, and, where time alone allows more, when. A stage is over when so many nodes have
 * proven their reboot and the last of them has run for the bake time since.
 */
interface Allowance {
  readonly nodes: number;
  readonly stage: number;
  readonly moreAt?: Instant;
}

function allowance(
  stages: readonly number[],
  ends: readonly Instant[],
  bake: number,
  now: Instant,
): Allowance {
  for (const [stage, nodes] of stages.entries()) {
    const ended = ends[nodes - 1];
    if (ended === undefined) return { nodes, stage };
    if (ended + bake > now) return { nodes, stage, moreAt: ended + bake };
  }
  return { nodes: Number.POSITIVE_INFINITY, stage: stages.length };
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

/** After the canary, and after each batch, the rest of the pool waits and is watched. */
export function rolloutWaits(reboot: In<'Approved'>, situation: Situation): Blocker | undefined {
  const { pool, snapshot, members, now } = situation;
  if (pool.rollout === undefined) return undefined;
  const nodes = members.get(pool.name) ?? [];
  const size = nodes.length;
  const target = targetOf(reboot.need);
  const same = snapshot.reboots.filter(
    (other) => other.pool === pool.name && targetOf(other.need) === target,
  );
  const ends = endsOf(nodes, same, reboot.need.kernel.next);
  const started = ends.length + underWay(same, situation, reboot);
  const allowed = allowance(stagesOf(pool.rollout, size), ends, pool.rollout.bake, now);
  if (started < allowed.nodes) return undefined;
  return blockerOf(pool, { allowed, done: ends.length, size, bake: pool.rollout.bake });
}

/**
 * When each node that is done became so, the earliest first. Records are kept for a while only: a node that runs the new kernel is done whether its
 * record is still there or not, and has been for long.
 */
function endsOf(
  nodes: readonly NodeView[],
  same: readonly Reboot[],
  kernel: string | undefined,
): readonly Instant[] {
  const ends = new Map<string, Instant>();
  // It may run the new kernel and be anything but well: what is being watched, or failed, has proven nothing.
  const unproven = new Set(
    same.filter((other) => isUnderWay(other) || other.state.phase === 'Failed').map(({ node }) => node.uid),
  );
  for (const node of nodes)
    if (kernel !== undefined && node.kernel === kernel && !unproven.has(node.uid))
      ends.set(node.uid, Number.NEGATIVE_INFINITY);
  for (const { node, state } of same)
    if (state.phase === 'Succeeded') ends.set(node.uid, toInstant(state.since));
  return [...ends.values()].sort((a, b) => a - b);
}

/** Those with a turn, of earlier in this very plan too. */
const underWay = (same: readonly Reboot[], { snapshot }: Situation, reboot: Reboot): number =>
  same.filter(
    ({ name, state }) =>
      name !== reboot.name &&
      state.phase !== 'Succeeded' &&
      snapshot.ledger.turns.some((turn) => turn.reboot === name),
  ).length;

function blockerOf(
  pool: PoolPolicy,
  { allowed, done, size, bake }: { allowed: Allowance; done: number; size: number; bake: number },
): Blocker {
  const stage = allowed.stage === 0 ? 'its canary' : `batch ${allowed.stage} of its rollout`;
  const stand = `${done} of ${size} nodes of pool ${pool.name} are done`;
  return {
    code: 'rollout-waits',
    sentence:
      allowed.moreAt === undefined
        ? `The pool is at ${stage}, ${allowed.nodes} ${allowed.nodes === 1 ? 'node' : 'nodes'} in all: ${stand}.`
        : `The pool has done ${stage} and watches it for ${inWords(bake)}: ${stand}.`,
    clears:
      allowed.moreAt === undefined
        ? `It starts when those are done and have been well for ${inWords(bake)}.`
        : 'It starts when that time is over.',
    ...(allowed.moreAt === undefined ? {} : { until: allowed.moreAt }),
  };
}
