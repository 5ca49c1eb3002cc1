/** Finds a smaller schedule that breaks the same invariant. */
import type { Schedule } from './schedule.ts';
import { runSchedule } from './run-schedule.ts';

/** Runs that a shrink may take. */
const mostRuns = 250;

export async function shrink(schedule: Schedule, invariant: string): Promise<Schedule> {
  let best = schedule;
  const spent = { runs: 0 };
  const stillFails = async (candidate: Schedule): Promise<boolean> => {
    if (spent.runs >= mostRuns) return false;
    spent.runs += 1;
    const outcome = await runSchedule(candidate).catch(() => undefined);
    return outcome?.violation?.invariant === invariant;
  };
  const keep = async (candidate: Schedule): Promise<boolean> => {
    const fails = await stillFails(candidate);
    if (fails) best = candidate;
    return fails;
  };
  for (let before: Schedule | undefined; before !== best;) {
    before = best;
    for (const key of ['faults', 'hands', 'acts'] as const) await dropItems(() => best, key, keep);
    for (const smaller of smallerWorlds) await keepWhile(() => smaller(best), keep);
  }
  return best;
}

type Keep = (candidate: Schedule) => Promise<boolean>;

async function keepWhile(next: () => readonly Schedule[], keep: Keep): Promise<void> {
  for (let found = true; found;) {
    found = false;
    for (const candidate of next()) {
      found = await keep(candidate);
      if (found) break;
    }
  }
}

/** Halves first, then one by one. */
async function dropItems(now: () => Schedule, key: 'faults' | 'hands' | 'acts', keep: Keep): Promise<void> {
  for (let size = Math.ceil(now()[key].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < now()[key].length;) {
      const items = now()[key];
      const rest = [...items.slice(0, start), ...items.slice(start + size)];
      if (!(await keep({ ...now(), [key]: rest }))) start += size;
    }
  }
}

const withWorld = (schedule: Schedule, world: Partial<Schedule['world']>): Schedule => ({
  ...schedule,
  world: { ...schedule.world, ...world },
});

const without = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.map((_, index) => [...items.slice(0, index), ...items.slice(index + 1)]);

const optional = ['giveUpTurnAfter', 'hooks', 'approvalsNeeded', 'digestFrom', 'windows', 'gates', 'rollout'];

const smallerWorlds: readonly ((schedule: Schedule) => readonly Schedule[])[] = [
  (schedule) => (schedule.world.bots > 1 ? [withWorld(schedule, { bots: schedule.world.bots - 1 })] : []),
  (schedule) => without(schedule.world.workloads).map((workloads) => withWorld(schedule, { workloads })),
  (schedule) =>
    schedule.world.nodes.length < 2
      ? []
      : without(schedule.world.nodes).map((nodes) => withWorld(schedule, { nodes })),
  (schedule) => {
    const { config } = schedule.world;
    return config.pools.length < 2
      ? []
      : without(config.pools).map((pools) => withWorld(schedule, { config: { ...config, pools } }));
  },
  (schedule) => {
    const { config } = schedule.world;
    return optional.flatMap((name) => {
      if (!config.pools.some((pool) => name in pool)) return [];
      const pools = config.pools.map(({ [name]: _left, ...pool }) => pool as (typeof config.pools)[number]);
      return [withWorld(schedule, { config: { ...config, pools } })];
    });
  },
];
