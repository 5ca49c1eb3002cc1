/**
 * Patch day: hundreds of nodes of one pool ask within seconds, Slack keeps its rate limits, and one person
 * approves all of them with one click.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import { type Bench, row, type Row } from '../report.ts';
import { type ApiKind, openScaleEnvironment, type ScaleEnvironment } from '../scale/scale-environment.ts';
import { usageOf } from '../scale/process-usage.ts';
import type { Cordon, Counts } from '../scale/protocol.ts';

const patience = 1_800_000;
const askWithin = 6_000;
const podsPerNode = 5;
export const approveAll = 'tugboot.digest.approve-now';

export interface StormOptions {
  readonly nodes: number;
  readonly api: ApiKind;
}

const buttonIn = ({ blocks = [] }: Message, id: string): boolean =>
  JSON.stringify(blocks).includes(`"${id}"`);

const digestIn = (slack: FakeSlack): Message | undefined =>
  slack.messages().find((message) => buttonIn(message, approveAll));

/** The digest as the person sees it: with all nodes that ask. */
export const completeDigest = (slack: FakeSlack, nodes: number): Message | undefined => {
  const digest = digestIn(slack);
  return digest !== undefined && JSON.stringify(digest.blocks).includes(`${nodes} nodes`)
    ? digest
    : undefined;
};

export async function poll<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const limit = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > limit) throw new Error(`${what} did not happen`);
    await pause(100);
  }
}

const firstCordon = async (environment: ScaleEnvironment): Promise<Cordon | undefined> =>
  (await environment.api.cordons()).find(({ on }) => on);

async function allBack(environment: ScaleEnvironment, nodes: number): Promise<readonly Cordon[] | undefined> {
  const cordons = await environment.api.cordons();
  return cordons.filter(({ on }) => !on).length >= nodes ? cordons : undefined;
}

/** How long each node was out, and the whole rollout against those times shared by as many as may be out. */
export function rolloutOf(cordons: readonly Cordon[], atOnce: number): { floor: number; whole: number } {
  const began = new Map<string, number>();
  let sum = 0;
  for (const { node, on, at } of cordons) {
    if (on) began.set(node, at);
    else sum += at - (began.get(node) ?? at);
  }
  const times = cordons.map(({ at }) => at);
  return { floor: sum / atOnce, whole: Math.max(...times) - Math.min(...times) };
}

/** For each node that is given back while others wait: how long until the next one is cordoned. */
export function successions(cordons: readonly Cordon[], atOnce: number): readonly number[] {
  const times = (wanted: boolean): readonly number[] =>
    cordons.flatMap(({ on, at }) => (on === wanted ? [at] : [])).toSorted((a, b) => a - b);
  const ends = times(false);
  return times(true)
    .slice(atOnce)
    .map((at, nth) => at - (ends[nth] ?? Number.NaN));
}

/** Requests for each node: reads and writes without watches, evictions (one for each pod) and Events. */
export function requestsForEach({ requests }: Counts, nodes: number): { reads: number; writes: number } {
  const counted = Object.entries(requests).filter(
    ([kind]) => !/^watch |\/eviction$|\bevents(\/NAME)?$/.test(kind),
  );
  const sum = (isRead: boolean): number =>
    counted.reduce((all, [kind, count]) => (/^(get|list) /.test(kind) === isRead ? all + count : all), 0);
  return { reads: sum(true) / nodes, writes: sum(false) / nodes };
}

async function measure(
  { nodes, api: kind }: StormOptions,
  tell: (line: string) => void,
): Promise<readonly Row[]> {
  const environment = await openScaleEnvironment(kind);
  const { slack, api } = environment;
  try {
    await api.seed(nodes, nodes * podsPerNode);
    const bot = environment.startBot();
    await poll('every node is mirrored', async () =>
      (await api.counts(Date.now())).mirrored >= nodes ? true : undefined,
    );
    const asked = Date.now();
    let posted: number | undefined;
    const unsubscribe = slack.subscribe(() => {
      if (posted === undefined && digestIn(slack)) posted = Date.now();
    });
    await api.ask(nodes, askWithin);
    const digest = await poll('the digest names all nodes', async () => completeDigest(slack, nodes));
    const complete = Date.now();
    tell(
      JSON.stringify({ what: 'digest', posted: (posted ?? complete) - asked, complete: complete - asked }),
    );
    const before = slack.messages().length;
    const clicked = Date.now();
    const answers = slack.ephemerals(slack.users.mia).length;
    await slack.as(slack.users.mia).click({ ts: digest.ts, action: approveAll });
    const answered = await poll('the answer to the click', async () =>
      slack.ephemerals(slack.users.mia).length > answers ? Date.now() : undefined,
    );
    const cordon = await poll('the first cordon', () => firstCordon(environment));
    const cordons = await poll('all nodes are back', () => allBack(environment, nodes));
    unsubscribe();
    const counts = await api.counts(asked);
    const usage = usageOf(bot.child.pid ?? 0);
    await bot.stop();
    const atOnce = Math.min(20, Math.floor(nodes / 10));
    const { floor, whole } = rolloutOf(cordons, atOnce);
    const calls = slack.calls();
    const refused = calls.filter(({ status }) => status === 429).length;
    tell(JSON.stringify({ what: 'rollout', seconds: whole / 1000, cpu: usage.cpu, rss: usage.highWater }));
    tell(JSON.stringify({ what: 'requests', requests: counts.requests }));
    const { reads, writes } = requestsForEach(counts, nodes);
    const one = (what: string, unit: string, limit: number, value: number): Row =>
      row({ what: `${nodes} nodes: ${what}`, unit, share: 1, limit }, [Math.round(value * 1000) / 1000]);
    const next = {
      what: `${nodes} nodes: a node is back → the next cordon`,
      unit: 'ms',
      share: 0.5,
      limit: 250,
    };
    return [
      one('first sentinel → digest posted', 'ms', 3_000, (posted ?? Number.NaN) - asked),
      one('messages in the channel before anybody decides', 'messages', 5, before),
      one('click → answer', 'ms', 1_000, answered - clicked),
      one('click → first cordon', 'ms', 1_000, cordon.at - clicked),
      one(`rollout ÷ floor, ${atOnce} at a time`, '×', 1.02, whole / floor),
      row(next, successions(cordons, atOnce)),
      one('requests to the API, for each node', 'requests', 35, reads + writes),
      one('of them reads', 'requests', 12, reads),
      one('calls to Slack, for each node', 'calls', 15, calls.length / nodes),
      one('calls that Slack refused (429)', 'calls', 0, refused),
    ];
  } finally {
    await environment.close();
  }
}

export const storm =
  (options: StormOptions): Bench =>
  async (_runs, tell) =>
    measure(options, tell);
