/** Draws the schedule of a seed. */
import { diceOf, type Dice } from '../time/randomness.ts';
import { allPoints } from '../wire/points.ts';
import { favour } from './favour.ts';
import type { Fault, MomentFault, PointFault, SpanFault } from './faults.ts';
import type { Act, Hand, NodePlan, PoolPlan, Schedule, WorkloadPlan, WorldPlan } from './schedule.ts';

const minute = 60_000;

export function drawSchedule(seed: number): Schedule {
  const dice = diceOf(seed, 'schedule');
  const lasts = dice.between(6, 14) * minute;
  const world = drawWorld(dice);
  const death = deathOf(seed);
  const schedule = {
    seed,
    lasts,
    world,
    acts: drawActs(dice, world, lasts),
    hands: drawHands(dice, world, lasts),
    faults: [death, ...drawFaults(dice, world, lasts)],
  };
  // Every second turn of a point is left to chance.
  return turnOf(seed) % 4 < 2 ? favour(schedule, death.point) : schedule;
}

function drawWorld(dice: Dice): WorldPlan {
  const pools: PoolPlan[] = [drawPool(dice, 'workers')];
  if (dice.chance(0.3)) pools.push(drawPool(dice, 'batch'));
  const count = dice.between(2, 4);
  const nodes = Array.from({ length: count }, (_, nth): NodePlan => {
    const faulty = dice.chance(0.12);
    return {
      name: `n${nth + 1}`,
      pool: dice.pick(pools)?.name ?? 'workers',
      zone: dice.pick(['a', 'b']),
      controlPlane: nth === 0 && dice.chance(0.2),
      boot: dice.between(20, 100) * 1000,
      ...(faulty
        ? { bootFault: dice.pick(['never-back', 'old-kernel', 'still-required', 'not-ready']) }
        : {}),
    };
  });
  return {
    bots: dice.chance(0.3) ? 1 : dice.chance(0.8) ? 2 : 3,
    nodes,
    workloads: drawWorkloads(dice),
    config: {
      cluster: 'chaos',
      channel: 'C0REBOOTS',
      concurrency: dice.between(1, 2),
      approvers: dice.chance(0.5) ? 'channel' : { users: ['U0MIA', 'U0LEE'] },
      history: dice.chance(0.5) ? { keep: 5, maxAge: '1h' } : { keep: 1, maxAge: '2m' },
      pools,
    },
  };
}

function drawPool(dice: Dice, name: string): PoolPlan {
  const window = dice.chance(0.2) ? drawWindow(dice) : undefined;
  const approval =
    window === undefined ? dice.pick(['manual', 'manual', 'auto']) : dice.pick(['manual', 'window']);
  return {
    name,
    selector: `pool=${name}`,
    concurrency: dice.between(1, 2),
    maxUnavailable: dice.between(1, 2),
    settleTime: '20s',
    settleTimeout: '3m',
    rebootTimeout: '4m',
    approval,
    ...(approval === 'manual' ? {} : { notice: '30s' }),
    ...(window === undefined ? {} : { windows: [window], finishInWindow: false }),
    ...(window !== undefined && dice.chance(0.3) ? { whenWindowCloses: 'undo' } : {}),
    approvalsNeeded: dice.chance(0.8) ? 1 : 2,
    digestFrom: dice.chance(0.3) ? 1 : 0,
    ...(dice.chance(0.2) ? { giveUpTurnAfter: '20s' } : {}),
    ...(dice.chance(0.2)
      ? {
          hooks: { labels: { before: { maintenance: 'true' } }, preferNoSchedule: true, annotateState: true },
        }
      : {}),
    drain: {
      timeout: dice.pick(['1m', '2m']),
      gracePeriod: 10,
      retryAfter: ['30s'],
      ...(dice.chance(0.3) ? { podsWithoutController: 'evict' } : {}),
    },
  };
}

/** It opens within the first minutes, and closes while things happen. */
const drawWindow = (dice: Dice): Readonly<Record<string, unknown>> => ({
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  start: `10:0${dice.between(1, 3)}`,
  duration: `${dice.between(2, 8)}m`,
});

function drawWorkloads(dice: Dice): readonly WorkloadPlan[] {
  const one = (nth: number): WorkloadPlan => {
    const replicas = dice.between(1, 3);
    const wrong = dice.chance(0.15);
    return {
      name: `w${nth}`,
      replicas,
      kind: dice.chance(0.06) ? 'bare' : 'ReplicaSet',
      budgets: dice.chance(0.5)
        ? []
        : [wrong ? replicas : replicas - 1, ...(dice.chance(0.1) ? [replicas - 1] : [])],
      stopSeconds: dice.chance(0.08) ? 3_600 : dice.between(1, 8),
      toleratesCordon: dice.chance(0.08),
    };
  };
  const daemons: WorkloadPlan = {
    name: 'ds',
    replicas: 1,
    kind: 'DaemonSet',
    budgets: [],
    stopSeconds: 1,
    toleratesCordon: true,
  };
  return [...Array.from({ length: dice.between(1, 3) }, (_, nth) => one(nth + 1)), daemons];
}

const decisions = [
  'approve',
  'approve',
  'approve',
  'snooze',
  'deny',
  'cancel',
  'retry',
  'skip',
  'wake',
  'now',
  'force',
];
const buttons = [
  'tugboot.approve-now',
  'tugboot.approve-now',
  'tugboot.approve-now',
  'tugboot.snooze',
  'tugboot.deny',
  'tugboot.cancel',
  'tugboot.retry',
  'tugboot.skip',
  'tugboot.force',
  'tugboot.details',
  'tugboot.ask-again',
  'tugboot.digest.approve-now',
  'tugboot.digest.choose',
  'tugboot.digest.deny',
  'tugboot.digest.details',
];

function drawActs(dice: Dice, { nodes, config }: WorldPlan, lasts: number): readonly Act[] {
  const act = (early: boolean): Act => {
    const at = early ? dice.between(20, 120) * 1000 : dice.between(30_000, lasts);
    const who = dice.pick(['mia', 'mia', 'lee', 'lee', 'sam', 'gio'] as const);
    const node = dice.pick(nodes)?.name ?? '';
    if (dice.chance(0.5))
      return {
        at,
        who,
        what: {
          kind: 'click',
          action: early ? 'tugboot.approve-now' : (dice.pick(buttons) ?? ''),
          pick: dice.between(0, 5),
        },
      };
    const word = early ? 'approve' : dice.pick(decisions);
    const windowed = word === 'approve' && dice.chance(0.2) ? ' window' : '';
    const pool = dice.pick(config.pools)?.name ?? '';
    const reason = word === 'deny' || word === 'force' || word === 'now' ? ' because of the chaos' : '';
    const other = dice.chance(0.15)
      ? dice.pick([
          `pause ${pool}`,
          'resume',
          `resume ${pool}`,
          'status',
          `why ${node}`,
          `plan ${node}`,
          'pause cluster 1m',
        ])
      : undefined;
    return { at, who, what: { kind: 'command', line: other ?? `${word} ${node}${reason}${windowed}` } };
  };
  const early = Array.from({ length: nodes.length + 1 }, () => act(true));
  const later = Array.from({ length: dice.between(0, 8) }, () => act(false));
  return [
    ...early,
    ...later,
    ...(dice.chance(0.2) ? [{ at: minute, who: 'mia', what: { kind: 'home' } } as const] : []),
  ];
}

const handActs = [
  'packages',
  'packages',
  'sentinel-gone',
  'cordon',
  'cordon',
  'uncordon',
  'boot',
  'power-loss',
  'delete-reboot',
  'delete-agent',
  'delete-node',
  'replace-node',
  'label',
  'pause',
  'forge-report',
  'agent-restart',
  'agent-away',
  'reload-config',
] as const;

function drawHands(dice: Dice, { nodes }: WorldPlan, lasts: number): readonly Hand[] {
  const asking = nodes
    .filter(() => dice.chance(0.85))
    .map(({ name }): Hand => ({ at: dice.between(1, 40) * 1000, node: name, what: 'sentinel' }));
  const others = Array.from({ length: dice.chance(0.3) ? 0 : dice.between(1, 4) }, (): Hand => {
    const node = dice.pick(nodes)?.name ?? '';
    return { at: dice.between(10_000, lasts), node, what: dice.pick(handActs) ?? 'label' };
  });
  return [...asking, ...others];
}

const points = allPoints();

/** The seeds take turns: each point has a bot die before it, and after it. */
const turnOf = (seed: number): number => Math.floor(seed / points.length);
const deathOf = (seed: number): PointFault => ({
  kind: 'point',
  point: points[seed % points.length] ?? '',
  nth: 1 + (Math.floor(turnOf(seed) / 4) % 3),
  what: turnOf(seed) % 2 === 0 ? 'crash-before' : 'crash-after',
});

function drawFaults(dice: Dice, { bots }: WorldPlan, lasts: number): readonly Fault[] {
  const bot = (): number => dice.between(0, bots - 1);
  const atPoint = (): PointFault => ({
    kind: 'point',
    bot: bot(),
    point: dice.pick(points) ?? '',
    nth: dice.chance(0.6) ? 1 : dice.between(1, 5),
    what: dice.pick([
      'crash-before',
      'crash-before',
      'crash-after',
      'crash-after',
      'freeze-before',
      'freeze-after',
      'lose-answer',
      'fail',
      'hang',
      'twice',
    ]),
  });
  const span = (): SpanFault => ({
    kind: 'span',
    at: dice.between(5_000, lasts),
    lasts: dice.between(2, 120) * 1000,
    ...(dice.chance(0.7) ? { bot: bot() } : {}),
    what: dice.pick([
      'frozen',
      'api-away',
      'api-slow',
      'api-erring',
      'watches-lag',
      'slack-away',
      'slack-limited',
      'slack-erring',
      'socket-away',
      'queue-away',
    ]),
  });
  const moment = (): MomentFault => ({
    kind: 'moment',
    at: dice.between(5_000, lasts),
    bot: bot(),
    what: dice.pick([
      'crash',
      'queue-flushed',
      'jobs-twice',
      'watches-dropped',
      'history-compacted',
      'clock-jump',
    ]),
    by: dice.between(-3, 3) * 1000,
  });
  const many = <T>(most: number, make: () => T): readonly T[] =>
    Array.from({ length: dice.between(0, most) }, make);
  return [...many(4, atPoint), ...many(3, span), ...many(2, moment)];
}
