/**
 * What a large cluster costs: the bot that ships, against an API with thousands of nodes and simulated
 * agents. CPU time and requests are measured, since the machine may have other work.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from '../../../demo/environment/programs.ts';
import { type Bench, row, type Row } from '../report.ts';
import { growthOf } from './growth.ts';
import { type Usage, usageOf } from './process-usage.ts';
import type { Counts } from './protocol.ts';
import { type ApiKind, openScaleEnvironment, type ScaleEnvironment } from './scale-environment.ts';

export interface ScaleSize {
  readonly nodes: number;
  readonly pods: number;
  readonly asking: number;
}

/** What one size has cost. */
export interface Measured {
  readonly size: ScaleSize;
  readonly readyCpu: number;
  readonly readySeconds: number;
  readonly firstRequests: number;
  readonly firstCpu: number;
  readonly restartWrites: number;
  readonly restartCpu: number;
  readonly restCpu: number;
  readonly restRequests: number;
  readonly restRss: number;
  readonly highWater: number;
  readonly existSeconds: number;
  readonly existCpu: number;
  readonly waitRequests: number;
  /** Of the interval of a resync, with all that happens in it. */
  readonly waitCpu: number;
  /** More than at rest. */
  readonly waitCpuMore: number;
  readonly waitResync: number;
  readonly waitHighWater: number;
}

const resyncInterval = 30_000;
const askWithin = 6_000;
const patience = 900_000;

const sum = (counts: Counts, wanted: (kind: string) => boolean = () => true): number =>
  Object.entries(counts.requests).reduce((total, [kind, count]) => total + (wanted(kind) ? count : 0), 0);

const isWrite = (kind: string): boolean => !/^(get|list|watch) /.test(kind);

/** The records of cards that Slack takes one a second: the cost of Slack, not of the resync. */
const isOfCards = (kind: string): boolean => kind === 'patch reboots/NAME/status';

const requestsOf = (counts: Counts): number =>
  sum(counts, (kind) => !kind.startsWith('watch ') && !isOfCards(kind));

async function until(
  what: string,
  environment: ScaleEnvironment,
  done: (counts: Counts) => boolean,
  since: number,
): Promise<Counts> {
  const limit = Date.now() + patience;
  for (;;) {
    const counts = await environment.api.counts(since);
    if (done(counts)) return counts;
    if (Date.now() > limit) throw new Error(`${what}: ${JSON.stringify(counts)}`);
    await pause(250);
  }
}

async function untilReady(environment: ScaleEnvironment, times: number): Promise<void> {
  const limit = Date.now() + patience;
  while (environment.readies() < times) {
    if (Date.now() > limit) throw new Error('the bot is not ready');
    await pause(50);
  }
}

/** No request besides the watches for some seconds: what the start owed is done. */
async function untilQuiet(environment: ScaleEnvironment, since: number): Promise<Counts> {
  let before = -1;
  for (let quiet = 0; quiet < 8;) {
    const counts = await environment.api.counts(since);
    const now = sum(counts);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    await pause(500);
  }
  return environment.api.counts(since);
}

const use = ({ child }: Program): Usage => usageOf(child.pid ?? 0);

async function firstStart(environment: ScaleEnvironment, { nodes }: ScaleSize) {
  const since = Date.now();
  const bot = environment.startBot();
  await untilReady(environment, 1);
  const ready = { readySeconds: (Date.now() - since) / 1000, readyCpu: use(bot).cpu };
  const isMirrored = ({ mirrored, agents }: Counts): boolean => mirrored >= nodes && agents >= nodes;
  await until('every node mirrored', environment, isMirrored, since);
  const counts = await untilQuiet(environment, since);
  const figures = { ...ready, firstRequests: sum(counts), firstCpu: use(bot).cpu };
  await bot.stop();
  return { figures, counts };
}

async function restart(environment: ScaleEnvironment) {
  const since = Date.now();
  const bot = environment.startBot();
  await untilReady(environment, 2);
  const counts = await untilQuiet(environment, since);
  return { bot, counts, restartWrites: sum(counts, isWrite), restartCpu: use(bot).cpu };
}

/** Over whole intervals of the resync. */
async function over(environment: ScaleEnvironment, bot: Program, intervals: number) {
  const [since, before, resyncs] = [Date.now(), use(bot), await environment.resyncs()];
  await pause(intervals * resyncInterval);
  const [counts, after, later] = [await environment.api.counts(since), use(bot), await environment.resyncs()];
  const resync = (later.seconds - resyncs.seconds) / (later.count - resyncs.count);
  return { counts, cpu: after.cpu - before.cpu, seconds: (Date.now() - since) / 1000, after, resync };
}

export async function measure(
  size: ScaleSize,
  kind: ApiKind,
  tell: (line: string) => void,
): Promise<Measured> {
  const environment = await openScaleEnvironment(kind);
  const note = (what: string, counts: Counts, more: object = {}): void =>
    tell(JSON.stringify({ what, nodes: size.nodes, ...more, requests: counts.requests }));
  try {
    await environment.api.seed(size.nodes, size.pods);
    const first = await firstStart(environment, size);
    note('first start', first.counts, first.figures);
    const { bot, counts, ...again } = await restart(environment);
    note('restart', counts, again);
    const rest = await over(environment, bot, 2);
    note('at rest', rest.counts, { ...rest.after, cpu: rest.cpu, resync: rest.resync });
    const [asked, before] = [Date.now(), use(bot)];
    await environment.api.ask(size.asking, askWithin);
    const exist = await until('all reboots', environment, ({ reboots }) => reboots >= size.asking, asked);
    const existed = { existSeconds: (exist.now - asked) / 1000, existCpu: use(bot).cpu - before.cpu };
    note('all reboots exist', exist, { ...existed, cards: exist.cards });
    // What came with them: decisions by rule, first assessments.
    await pause(2 * resyncInterval);
    const waits = await over(environment, bot, 2);
    const { after, cpu, resync } = waits;
    note('they wait', waits.counts, { ...after, cpu, resync, cards: waits.counts.cards });
    await bot.stop();
    return {
      size,
      ...first.figures,
      ...again,
      restCpu: (100 * rest.cpu) / rest.seconds,
      restRequests: sum(rest.counts) / rest.seconds,
      restRss: rest.after.rss,
      highWater: rest.after.highWater,
      ...existed,
      // Reads of a resync that do not depend on waiting nodes are in the figures at rest.
      waitRequests: (requestsOf(waits.counts) - requestsOf(rest.counts)) / 2,
      waitCpu: cpu / 2,
      waitCpuMore: (cpu - rest.cpu) / 2,
      waitResync: resync,
      waitHighWater: waits.after.highWater,
    };
  } finally {
    await environment.close();
  }
}

function rowsOf(measured: Measured): readonly Row[] {
  const { nodes, asking } = measured.size;
  const one = (what: string, unit: string, limit: number, value: number): Row =>
    row({ what: `${nodes} nodes: ${what}`, unit, share: 1, limit }, [Math.round(value * 100) / 100]);
  const told = Number.POSITIVE_INFINITY;
  return [
    one('ready after its first start', 's', 5, measured.readySeconds),
    one('ready after its first start, CPU', 's', 5, measured.readyCpu),
    one('requests until every node is mirrored', 'requests', told, measured.firstRequests),
    one('CPU until every node is mirrored', 's', told, measured.firstCpu),
    one('writes of a restart', 'requests', 0, measured.restartWrites),
    one('CPU of a restart', 's', told, measured.restartCpu),
    one('at rest, CPU', '% of a core', 1, measured.restCpu),
    one('at rest, requests', '/s', 1, measured.restRequests),
    one('at rest, RSS', 'MB', 300, measured.restRss),
    one('at rest, RSS high-water', 'MB', 300, measured.highWater),
    one(`${asking} ask within 6 s: all Reboots exist after`, 's', 15, measured.existSeconds),
    one(`${asking} ask within 6 s: CPU until all Reboots exist`, 's', 15, measured.existCpu),
    one(`${asking} wait: requests per resync for those`, 'requests', 0, measured.waitRequests),
    one(`${asking} wait: a resync takes`, 's', 0.2, measured.waitResync),
    one(`${asking} wait: CPU more than at rest, per interval of it`, 's', 0.2, measured.waitCpuMore),
    one(`${asking} wait: CPU per interval of it, in all`, 's', told, measured.waitCpu),
    one(`${asking} wait: RSS high-water`, 'MB', 400, measured.waitHighWater),
  ];
}

const grows: readonly (keyof Omit<Measured, 'size'>)[] = [
  'firstCpu',
  'restartCpu',
  'existCpu',
  'waitCpu',
  'waitResync',
  'waitRequests',
  'waitHighWater',
];

/** How the figures grow from the first size to the last, as exponents of the number of nodes. */
const growthRows = (all: readonly Measured[]): readonly Row[] =>
  grows.map((what) => {
    const points = all.map((measured) => ({ size: measured.size.nodes, value: measured[what] }));
    return row({ what: `growth of ${what}`, unit: 'exponent of nodes', share: 1, limit: 1.1 }, [
      growthOf(points),
    ]);
  });

export const scale =
  (sizes: readonly ScaleSize[], kind: ApiKind): Bench =>
  async (_runs, tell) => {
    const all: Measured[] = [];
    for (const size of sizes) all.push(await measure(size, kind, tell));
    return [...all.flatMap(rowsOf), ...(all.length > 1 ? growthRows(all) : [])];
  };
