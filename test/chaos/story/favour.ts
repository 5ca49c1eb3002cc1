/** Adds to a schedule what leads to a point that is seldom met, so that the turn of each point meets it. */
import type { Act, Hand, PoolPlan, Schedule } from './schedule.ts';

interface Favour {
  readonly points: RegExp;
  readonly with: (schedule: Schedule) => Schedule;
}

const early = 45_000;

const say = (schedule: Schedule, ...lines: readonly string[]): Schedule => ({
  ...schedule,
  acts: [
    ...schedule.acts,
    ...lines.map((line, nth): Act => ({
      at: early + nth * 45_000,
      who: 'mia',
      what: { kind: 'command', line },
    })),
  ],
});

const click = (schedule: Schedule, ...actions: readonly string[]): Schedule => ({
  ...schedule,
  acts: [
    ...schedule.acts,
    ...actions.map((action, nth): Act => {
      const who = nth === 0 ? 'mia' : 'lee';
      return { at: early + nth * 20_000, who, what: { kind: 'click', action, pick: nth } };
    }),
  ],
});

const lend = (schedule: Schedule, what: Hand['what'], at = 60_000): Schedule => ({
  ...schedule,
  hands: [...schedule.hands, { at, node: nodeOf(schedule), what }],
});

const pools = (schedule: Schedule, change: Readonly<Record<string, unknown>>): Schedule => {
  const { config } = schedule.world;
  const changed = config.pools.map((pool): PoolPlan => ({ ...pool, ...change }));
  return { ...schedule, world: { ...schedule.world, config: { ...config, pools: changed } } };
};

const machines = (schedule: Schedule, bootFault: 'never-back' | 'not-ready'): Schedule => ({
  ...schedule,
  world: { ...schedule.world, nodes: schedule.world.nodes.map((node) => ({ ...node, bootFault })) },
});

const nodeOf = ({ world }: Schedule): string => world.nodes.at(-1)?.name ?? '';

/** Everybody asks, and nobody else is in the way of the people. */
const asking = (schedule: Schedule): Schedule => ({
  ...pools(schedule, { approval: 'manual', approvalsNeeded: 1, digestFrom: 0 }),
  acts: [],
  hands: schedule.world.nodes.map(({ name }, nth): Hand => ({
    at: 2_000 + nth * 500,
    node: name,
    what: 'sentinel',
  })),
});

const inDigest = (schedule: Schedule): Schedule => pools(asking(schedule), { digestFrom: 1 });

const stuck = (schedule: Schedule): Schedule => {
  const workloads = schedule.world.workloads.map((workload) =>
    workload.kind === 'ReplicaSet' ? { ...workload, budgets: [workload.replicas] } : workload,
  );
  return { ...schedule, world: { ...schedule.world, workloads } };
};

const failing = (schedule: Schedule): Schedule => {
  const node = nodeOf(schedule);
  const told = say(machines(asking(schedule), 'not-ready'), `approve ${node}`);
  const skip: Act = { at: 420_000, who: 'mia', what: { kind: 'command', line: `skip ${node}` } };
  return { ...told, lasts: 480_000, acts: [...told.acts, skip] };
};

const favours: readonly Favour[] = [
  { points: /Snoozed$/, with: (one) => say(asking(one), `snooze ${nodeOf(one)} 2m`) },
  { points: /Denied$/, with: (one) => say(asking(one), `deny ${nodeOf(one)} not today`) },
  { points: /Cancelled$/, with: (one) => say(asking(one), `cancel ${nodeOf(one)}`) },
  { points: /Superseded$/, with: (one) => lend(asking(one), 'boot') },
  { points: /(Failed|GivenUp)$/, with: failing },
  { points: /(Succeeded|Settling)$|verify$/, with: (one) => say(asking(one), `approve ${nodeOf(one)}`) },
  { points: /Undoing$/, with: (one) => say(stuck(asking(one)), `approve ${nodeOf(one)}`) },
  { points: /tugboot-pauses$|^create configmaps$/, with: (one) => say(one, 'pause cluster 1m', 'resume') },
  {
    points: /digest|spread|^views.update$/,
    with: (one) =>
      click(inDigest(one), 'tugboot.digest.choose', 'tugboot.digest.approve-now', 'tugboot.digest.details'),
  },
  {
    points: /^views.open$/,
    with: (one) => click(asking(one), 'tugboot.deny', 'tugboot.details', 'tugboot.snooze'),
  },
  {
    points: /^views.publish$/,
    with: (one) => ({ ...one, acts: [...one.acts, { at: early, who: 'mia', what: { kind: 'home' } }] }),
  },
  {
    points: /^chat.postEphemeral$/,
    with: (one) => ({
      ...asking(one),
      acts: [
        { at: early, who: 'gio', what: { kind: 'click', action: 'tugboot.approve-now', pick: 0 } },
        { at: early + 9_000, who: 'gio', what: { kind: 'click', action: 'tugboot.approve-now', pick: 1 } },
        { at: early + 18_000, who: 'gio', what: { kind: 'click', action: 'tugboot.approve-now', pick: 0 } },
      ],
    }),
  },
  {
    points: /^delete pods$/,
    with: (one) => {
      const told = say(stuck(asking(one)), `approve ${nodeOf(one)}`, `force ${nodeOf(one)} it has to go`);
      return say(told, `force ${nodeOf(one)} it has to go`);
    },
  },
  {
    points: /^delete reboots$/,
    with: (one) => {
      const told = lend(say(asking(one), `cancel ${nodeOf(one)}`), 'boot', 120_000);
      const config = { ...told.world.config, history: { keep: 1, maxAge: '1m' } };
      return { ...told, world: { ...told.world, config } };
    },
  },
  {
    points: /^patch nodes marks$/,
    with: (one) => {
      const hooks = { labels: { before: { maintenance: 'true' } }, annotateState: true };
      return say(pools(asking(one), { hooks }), `approve ${nodeOf(one)}`);
    },
  },
];

export function favour(schedule: Schedule, point: string): Schedule {
  const found = favours.find(({ points }) => points.test(point));
  return found === undefined ? schedule : found.with(schedule);
}
