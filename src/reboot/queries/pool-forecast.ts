/** `/reboot plan POOL`: the next reboots of a pool, in order, with times from measured durations. */
import type {
  ForecastOpening,
  ForecastStart,
  MeasuredDurations,
  PoolPreview,
  PreviewAnswer,
} from '../ports/decisions/decisions.ts';
import { isOutOfService } from '../policy/departure.ts';
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import { mostOut } from '../policy/pools.ts';
import { day, type Instant, toInstant } from '../time/time.ts';
import type { BlockerCode } from '../scheduling/blockers/blockers.ts';
import { type Plan, plan } from '../scheduling/plan/plan.ts';
import { membersOf, type Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { startQueue } from '../scheduling/plan/start-queue.ts';
import { isUnderWay } from '../ownership/ownership.ts';
import { isIn, type Reboot, type RebootState } from '../state/reboot.ts';
import { openingLabel } from '../windows/labels.ts';
import { type Opening, openingsIn } from '../windows/openings.ts';
import { hasWindows } from '../windows/schedule.ts';
import { asIfApproved } from '../card/why.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { currentPlan } from '../start/plans.ts';
import { forecast, median } from './forecast.ts';

/** How many of the pool's last reboots are measured. */
const sampleSize = 50;

/** How far ahead openings are searched: five weekly windows, and one that opens once a month. */
const horizon = 35 * day;

export async function forecastOf(deps: ServiceDeps, pool: PoolPolicy): Promise<PreviewAnswer> {
  const { snapshot } = await currentPlan(deps);
  const now = deps.clock.now();
  const policy = deps.policy();
  const approved: Snapshot = {
    ...snapshot,
    reboots: snapshot.reboots.map((each) =>
      isIn(each, 'Pending') && each.pool === pool.name ? asIfApproved(each, policy, now) : each,
    ),
  };
  const queue = startQueue(approved, policy).filter((reboot) => reboot.pool === pool.name);
  const underWay = snapshot.reboots.filter((each) => each.pool === pool.name && isUnderWay(each));
  const measured = measuredIn(snapshot.reboots, pool);
  const openings = hasWindows(pool) ? openingsIn(pool, now, now + horizon) : undefined;
  const free = freePlaces(snapshot, { pool, policy, underWay, now, measured });
  const times = measured
    ? forecast({
        queue: queue.map(({ name }) => name),
        freeAt: free,
        each: measured.total,
        between: pool.minTimeBetween.pool,
        ...(openings ? { openings } : {}),
        finishInWindow: pool.finishInWindow,
      })
    : new Map<string, Instant>();
  const decided = new Set(snapshot.reboots.filter((each) => isIn(each, 'Approved')).map(({ name }) => name));
  return {
    ok: true,
    of: 'pool',
    cluster: policy.cluster,
    pool: pool.name,
    starts: queue.map((reboot) => startOf(reboot, decided, times)),
    underWay: underWay.map(({ node }) => node.name).sort(),
    atOnce: free.length,
    ...(measured ? { measured } : {}),
    openings: openingsOf(openings, { times, measured, now }),
    blocked: blockedOf(queue, plan(approved, policy, now)),
    leftOut: leftOutOf(pool),
    now,
  };
}

function startOf(
  { name, node }: Reboot,
  decided: ReadonlySet<string>,
  times: ReadonlyMap<string, Instant>,
): ForecastStart {
  const at = times.get(name);
  return { node: node.name, isApproved: decided.has(name), ...(at === undefined ? {} : { at }) };
}

interface Places {
  readonly pool: PoolPolicy;
  readonly policy: Policy;
  readonly underWay: readonly Reboot[];
  readonly now: Instant;
  readonly measured: MeasuredDurations | undefined;
}

/**
 * When each slot of the pool becomes free. One that is in use becomes free after the measured duration of a
 * reboot, and never if its reboot failed.
 */
function freePlaces(snapshot: Snapshot, { pool, policy, underWay, now, measured }: Places): Instant[] {
  const members = membersOf(snapshot, policy).get(pool.name) ?? [];
  const ours = new Set(underWay.map(({ node }) => node.name));
  const others = members.filter((node) => isOutOfService(node, policy.departing) && !ours.has(node.name));
  const room = mostOut(pool, members.length) - others.length;
  const failed = underWay.filter((each) => isIn(each, 'Failed')).length;
  const limit = Math.max(0, Math.min(pool.concurrency, policy.concurrency, room) - failed);
  const ends = underWay
    .flatMap(({ state }) => endOf(state, measured) ?? [])
    .map((end) => Math.max(now, end))
    .sort((a, b) => a - b)
    .slice(0, limit);
  return [...ends, ...Array.from({ length: limit - ends.length }, () => now)];
}

/** When a reboot under way would end; undefined for one that failed. */
function endOf(state: RebootState, measured: MeasuredDurations | undefined): Instant | undefined {
  const { drain, boot, settle } = measured ?? { drain: 0, boot: 0, settle: 0 };
  const since = toInstant(state.since);
  if (state.phase === 'Draining') return since + drain + boot + settle;
  if (state.phase === 'Rebooting') return since + boot + settle;
  return state.phase === 'Settling' ? since + settle : undefined;
}

function measuredIn(reboots: readonly Reboot[], pool: PoolPolicy): MeasuredDurations | undefined {
  const took = reboots
    .flatMap(({ pool: of, state }) => (of === pool.name && state.phase === 'Succeeded' ? [state] : []))
    .toSorted((a, b) => toInstant(b.since) - toInstant(a.since))
    .slice(0, sampleSize)
    .map((state) => state.took);
  const of = (part: keyof (typeof took)[number]): number => median(took.map((each) => each[part])) ?? 0;
  if (took.length === 0) return undefined;
  return {
    reboots: took.length,
    drain: of('drain'),
    boot: of('boot'),
    settle: of('settle'),
    total: of('total'),
  };
}

interface Times {
  readonly times: ReadonlyMap<string, Instant>;
  readonly measured: MeasuredDurations | undefined;
  readonly now: Instant;
}

function openingsOf(
  openings: readonly Opening[] | undefined,
  { times, measured, now }: Times,
): readonly ForecastOpening[] {
  const starts = [...times.values()];
  const total = measured?.total ?? 0;
  const lastDone = (of: readonly Instant[]): Instant => Math.max(...of) + total;
  if (openings === undefined)
    return starts.length === 0 ? [] : [{ opens: now, nodes: starts.length, done: lastDone(starts) }];
  return openings.flatMap((opening, index) => {
    const { opens, closes } = opening;
    const inside = starts.filter((start) => start >= opens && start < closes);
    // The next opening is shown, whether or not a time is known for any node.
    if (inside.length === 0 && index > 0) return [];
    const done = inside.length === 0 ? opens : lastDone(inside);
    return [{ opens, closes, label: openingLabel(opening, now), nodes: inside.length, done }];
  });
}

/** Blockers that the times account for: turns, room and windows. */
const inTheTimes: ReadonlySet<BlockerCode> = new Set([
  'turn-taken',
  'cluster-turns-taken',
  'too-many-out',
  'zone-busy',
  'outside-window',
  'would-not-finish',
  'too-soon',
]);

function blockedOf(queue: readonly Reboot[], { blocked }: Plan): PoolPreview['blocked'] {
  const counts = new Map<string, number>();
  for (const { name } of queue) {
    for (const { code, sentence } of blocked.get(name) ?? [])
      if (!inTheTimes.has(code)) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  }
  return [...counts]
    .map(([sentence, nodes]) => ({ sentence, nodes }))
    .sort((a, b) => b.nodes - a.nodes || (a.sentence < b.sentence ? -1 : 1));
}

function leftOutOf(pool: PoolPolicy): readonly string[] {
  return [
    ...(pool.rollout ? ['the stages of the rollout and their bake time'] : []),
    ...(pool.topology ? [`the limit by ${pool.topology.label}`] : []),
    'budgets that may hold a drain',
    'gates that are asked at the start',
  ];
}
