/**
 * A rollout of a hundred nodes on a virtual clock: what the product adds to what nodes and rules need by
 * themselves.
 */
import { type Millis, hour, minute } from '../../src/reboot/time/time.ts';
import { type Bench, row, type Row } from './report.ts';
import { floorOf, inThatOrder } from './rollout-floor.ts';
import { kuredRollout } from './rollout-kured.ts';
import { modelNodes, type PoolShape } from './rollout-nodes.ts';
import { flocksLike, hundred, type RolloutCase, rolloutCases, twenty } from './rollout-rows.ts';
import type { Span } from './rollout-port.ts';
import { runRollout } from './rollout-world.ts';
import { textTable } from './text-table.ts';

export interface Measured {
  readonly name: string;
  readonly blocked: boolean;
  readonly took: Millis;
  /** That no schedule could beat. */
  readonly floor: Millis;
  /** That the same order takes without a wait. */
  readonly order: Millis;
  /** From a node that is back to the next one of its pool, where no more than one is out at once. */
  readonly gaps: readonly Millis[];
  readonly kured: { readonly hourly: Millis; readonly often: Millis };
}

export async function measure(
  { name, policy, stuck, blocked = false }: RolloutCase,
  { shapes, seed, scansOnly }: { shapes: readonly PoolShape[]; seed: number; scansOnly?: Millis },
): Promise<Measured> {
  const nodes = modelNodes(shapes, seed, stuck);
  const run = await runRollout({
    policy,
    nodes,
    seed,
    ...(scansOnly === undefined ? {} : { scansOnly }),
  });
  const flocks = flocksLike(policy, nodes);
  const [window] = policy.pools[0]?.windows ?? [];
  const kured = (period: Millis): Millis => kuredRollout(flocks, { period, seed, start: run.began, window });
  return {
    name,
    blocked,
    took: run.took,
    floor: floorOf(policy, nodes, run.began),
    order: inThatOrder(
      policy,
      nodes,
      run.spans.map(({ node }) => node),
    ),
    gaps: policy.pools.every(({ concurrency }) => concurrency === 1) && !blocked ? gapsOf(run.spans) : [],
    kured: { hourly: kured(hour), often: kured(5 * minute) },
  };
}

function gapsOf(spans: readonly Span[]): readonly Millis[] {
  return [...Map.groupBy(spans, ({ pool }) => pool).values()].flatMap((own) =>
    own.slice(1).map(({ cordoned }, n) => cordoned - (own[n]?.back ?? Number.NaN)),
  );
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Held to the aim is what nothing blocks: there the product alone can add to what nodes need. */
export function rolloutRows(measured: readonly Measured[]): readonly Row[] {
  const free = measured.filter(({ blocked }) => !blocked);
  const gaps = measured.flatMap((each) => each.gaps.map(Math.round));
  return [
    ...[...Map.groupBy(free, ({ name }) => name)].map(([name, runs]) =>
      row(
        { what: `${name}: ÷ the same order without a wait`, unit: '×', share: 1, limit: 1.02 },
        runs.map(({ took, order }) => round(took / order)),
      ),
    ),
    row(
      { what: 'one at a time in each pool: ÷ floor', unit: '×', share: 1, limit: 1.02 },
      free.filter(({ gaps: known }) => known.length > 0).map(({ took, floor }) => round(took / floor)),
    ),
    row({ what: 'a node is back → the next is cordoned', unit: 'ms', share: 0.99, limit: 1000 }, gaps),
  ];
}

const hours = (ms: Millis): string => (ms / hour).toFixed(2);
const mean = (values: readonly number[]): number =>
  values.reduce((all, value) => all + value, 0) / values.length;

/** Means over the seeds. */
export function rolloutTable(measured: readonly Measured[]): string {
  const header = [
    '',
    'floor h',
    'tugboot h',
    '÷ floor',
    '÷ order',
    'kured 1 h',
    '÷ floor',
    'kured 5 min',
    '÷ floor',
  ];
  const lines = [...Map.groupBy(measured, ({ name }) => name)].map(([name, runs]) => {
    const of = (pick: (each: Measured) => number): number => mean(runs.map(pick));
    const [floor, took] = [of((each) => each.floor), of((each) => each.took)];
    const [hourly, often] = [of(({ kured }) => kured.hourly), of(({ kured }) => kured.often)];
    return [
      name,
      hours(floor),
      hours(took),
      (took / floor).toFixed(3),
      runs.some(({ blocked }) => blocked) ? '' : (took / of((each) => each.order)).toFixed(3),
      hours(hourly),
      (hourly / floor).toFixed(2),
      hours(often),
      (often / floor).toFixed(2),
    ];
  });
  return textTable([header, ...lines]);
}

const rollouts =
  (shapes: readonly PoolShape[]): Bench =>
  async (runs, tell) => {
    const measured: Measured[] = [];
    for (const each of rolloutCases(shapes)) {
      tell(each.name);
      for (let seed = 1; seed <= runs; seed += 1) measured.push(await measure(each, { shapes, seed }));
    }
    tell(`\n${rolloutTable(measured)}\n`);
    return rolloutRows(measured);
  };

export const rollout = rollouts(hundred);
export const quickRollout = rollouts(twenty);
