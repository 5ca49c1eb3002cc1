/**
 * How fast a rollout could be at best, by what nodes need themselves and by the limits that the pools set.
 * Two answers: a bound that no schedule can beat, even one that knew every duration beforehand; and what the
 * very order of a run would have taken without a moment's wait between two nodes.
 */
import { mostOut } from '../../src/reboot/policy/pools.ts';
import type { Policy, PoolPolicy } from '../../src/reboot/policy/policy.ts';
import { day, type Instant, type Millis, minute } from '../../src/reboot/time/time.ts';
import { stagesOf } from '../../src/reboot/rollout/rollout.ts';
import { type ModelNode, ownTime } from './rollout-nodes.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** So many nodes of a pool may be out at once. */
const widthOf = (pool: PoolPolicy, size: number): number => Math.min(pool.concurrency, mostOut(pool, size));

/** Machines that share work cannot be done before each has had its part, nor before the longest piece. */
const shared = (times: readonly Millis[], width: number): Millis =>
  times.length === 0 ? 0 : Math.max(sum(times) / width, ...times);

/** The bound. `start` matters to windows alone. */
export function floorOf(policy: Policy, nodes: readonly ModelNode[], start: Instant): Millis {
  const workers = nodes.filter(({ controlPlane }) => !controlPlane);
  const timeOf = (node: ModelNode): Millis =>
    ownTime(node, policy.pools.find(({ name }) => name === node.pool)?.settleTime ?? 0);
  const ends = policy.pools.map((pool) => {
    const own = workers.filter((node) => node.pool === pool.name);
    return openAfter(pool, start, poolFloor(pool, own, timeOf)) - start;
  });
  const all = sum(workers.map(timeOf)) / policy.concurrency;
  const before = Math.max(all, ...ends);
  // One after the other, and after the workers.
  const controlPlane = nodes.filter((node) => node.controlPlane);
  const [last] = controlPlane;
  const pool = policy.pools.find(({ name }) => name === last?.pool);
  if (!pool) return before;
  return openAfter(pool, start + before, sum(controlPlane.map(timeOf))) - start;
}

function poolFloor(
  pool: PoolPolicy,
  nodes: readonly ModelNode[],
  timeOf: (node: ModelNode) => Millis,
): Millis {
  const width = widthOf(pool, nodes.length);
  const stuck = nodes.filter((node) => node.stuck > 0);
  const released = Math.max(0, ...stuck.map((node) => node.stuck));
  const bakes = pool.rollout ? stagesOf(pool.rollout, nodes.length).length * pool.rollout.bake : 0;
  const parts = pool.topology?.atOnce === 1 ? [...Map.groupBy(nodes, ({ zone }) => zone).values()] : [nodes];
  return Math.max(
    sum(parts.map((part) => shared(part.map(timeOf), width))) + bakes,
    // A budget that blocks delays every eviction until it allows them, whatever is done meanwhile.
    released + shared(stuck.map(timeOf), width),
  );
}

/** When so much work is done where work is done inside the pool's windows alone; these open daily here. */
function openAfter({ windows: [window] }: PoolPolicy, from: Instant, work: Millis): Instant {
  if (window === undefined) return from + work;
  let left = work;
  for (let opens = Math.floor(from / day) * day + window.start * minute; ; opens += day) {
    const closes = opens + window.length * minute;
    const begins = Math.max(opens, from);
    if (closes <= begins) continue;
    if (left <= closes - begins) return begins + left;
    left -= closes - begins;
  }
}

interface Placed {
  readonly node: ModelNode;
  readonly starts: Millis;
  readonly ends: Millis;
}

/** What the order of a run takes when each node starts at the moment at which the limits allow it. */
export function inThatOrder(policy: Policy, nodes: readonly ModelNode[], order: readonly string[]): Millis {
  const placed: Placed[] = [];
  for (const name of order) {
    const node = nodes.find((each) => each.name === name);
    const pool = policy.pools.find((each) => each.name === node?.pool);
    if (!node || !pool) throw new Error(`the policy knows no pool of ${name}`);
    const size = nodes.filter((each) => each.pool === pool.name).length;
    const earliest = Math.max(
      0,
      ...placed.filter((each) => each.node.pool === pool.name).map(({ starts }) => starts),
    );
    const starts = [earliest, ...placed.map(({ ends }) => ends)]
      .filter((time) => time >= earliest)
      .sort((a, b) => a - b)
      .find((time) => mayStart({ node, pool, policy, width: widthOf(pool, size) }, placed, time));
    if (starts === undefined) throw new Error(`${name} can never start`);
    placed.push({ node, starts, ends: starts + ownTime(node, pool.settleTime) });
  }
  return Math.max(0, ...placed.map(({ ends }) => ends));
}

function mayStart(
  { node, pool, policy, width }: { node: ModelNode; pool: PoolPolicy; policy: Policy; width: number },
  placed: readonly Placed[],
  time: Millis,
): boolean {
  const out = placed.filter(({ starts, ends }) => starts <= time && time < ends).map((each) => each.node);
  const beside = out.filter((each) => each.pool === node.pool);
  const zones = new Set([...beside.map(({ zone }) => zone), node.zone]);
  // Workers before it, and other control-plane nodes.
  if (node.controlPlane) return out.length === 0;
  return (
    out.length < policy.concurrency &&
    beside.length < width &&
    (pool.topology === undefined || zones.size <= pool.topology.atOnce)
  );
}
