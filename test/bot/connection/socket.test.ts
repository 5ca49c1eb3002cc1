/**
 * The connections to Slack: real WebSockets against the demo's Slack, which leaves TCP open after the close
 * handshake as Slack does.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createBot, type Bot, type BotOptions } from '../../../src/bot/bot.ts';
import { systemClock } from '../../../demo/slack/clock.ts';
import { textAt } from '../../../demo/slack/json.ts';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { noDecisions } from '../../fakes/no-decisions.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { call, start } from '../../demo/slack/api-client.ts';

const soon = 120_000;
const deadline = 61 * second;
/** How often the bot looks at its channels. */
const channelsAgain = 3 * minute;
/** How long a connection that was replaced still answers, if Slack does not close it. */
const overlap = 20 * second;
/** When a stranger on the token is looked for again. */
const secondLook = 2 * minute;
const laterLook = 30 * minute;

interface World {
  readonly slack: FakeSlack;
  readonly bot: Bot;
  /** Pauses between attempts, which pass at once; deadlines are real. */
  readonly pauses: number[];
  /** Sets the clock of the bot forward. */
  readonly pass: (span: number) => void;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startWorld(options: Partial<BotOptions> = {}, before?: FakeSlack): Promise<World> {
  const slack = before ?? (await startSlack());
  let ahead = 0;
  const pauses: number[] = [];
  const bot = createBot({
    logOf: () => silentLogger,
    botToken: slack.botToken,
    appToken: slack.appToken,
    apiUrl: slack.apiUrl,
    clusters: new Map([['prod-eu', noDecisions]]),
    examine: async () => [],
    approverGroups: () => [],

    approverChannels: () => [],
    channels: () => [],
    clock: { now: () => Date.now() + ahead },
    sleep: (ms, signal) => {
      const options = signal ? { signal } : {};
      if (ms === deadline || ms === channelsAgain || ms === overlap || ms < second / 2)
        return wait(ms, undefined, options);
      pauses.push(ms);
      return wait(ms >= minute ? deadline : 1, undefined, options);
    },
    random: () => 1,
    logger: silentLogger,
    startTimeout: deadline,
    ...options,
  });
  await bot.start();
  cleanups.push(() => bot.stop());
  return { slack, bot, pauses, pass: (span) => void (ahead += span) };
}

/**
 * Slack uses a connection for seven seconds after it has asked for another, and keeps it for ten. Here
 * both last until `endOld`: neither depends on how fast the machine is.
 */
let ends: (() => void)[] | undefined;
function askForRefresh(slack: FakeSlack, reason: 'refresh_requested' | 'warning'): (oldest?: number) => void {
  const held: (() => void)[] = [];
  ends = held;
  slack.disconnect(reason);
  ends = undefined;
  // Two for each connection: its use, and itself.
  return (oldest = held.length) => {
    for (const end of held.splice(0, 2 * oldest)) end();
  };
}

async function startSlack(): Promise<FakeSlack> {
  const clock = systemClock();
  const after: typeof clock.after = (ms, run) => {
    if (ends === undefined) return clock.after(ms, run);
    ends.push(run);
    return () => undefined;
  };
  const slack = await start({ clock: { ...clock, after } });
  cleanups.push(() => slack.close());
  return slack;
}

const stoppable = (signal: AbortSignal | undefined, keep: (resolve: () => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    keep(resolve);
    signal?.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });

const openings = (slack: FakeSlack): number =>
  slack.calls().filter(({ method }) => method === 'apps.connections.open').length;

const hellos = (slack: FakeSlack): number =>
  slack.frames().filter(({ body }) => body['type'] === 'hello').length;

describe('when Slack asks for a new connection', () => {
  it('there is no moment without one, although Slack leaves TCP open, and no click is lost', async () => {
    const { slack, pass } = await startWorld();
    const open: number[] = [];
    const stop = slack.subscribe((change) => {
      if (change.kind === 'sockets') open.push(change.open);
    });
    const mia = slack.as(slack.users.mia);
    for (let round = 0; round < 3; round += 1) {
      pass(2 * minute);
      const before = hellos(slack);
      const endOld = askForRefresh(slack, 'refresh_requested');
      const answered: unknown[] = [];
      while (hellos(slack) === before || slack.sockets() !== 1) {
        answered.push((await mia.command('/reboot help')).text);
        if (hellos(slack) > before) endOld();
      }
      expect(answered.length).toBeGreaterThan(0);
      expect(answered.filter((text) => String(text).includes('failed with the error'))).toEqual([]);
    }
    stop();
    expect(open.length).toBeGreaterThanOrEqual(6);
    expect(Math.min(...open)).toBe(1);
  });

  it('the old one stays until the new one is open, however long that takes', async () => {
    const { slack, bot, pass } = await startWorld();
    pass(2 * minute);
    slack.faults.add({ method: 'apps.connections.open', times: 2, do: { error: 'internal_error' } });
    const endOld = askForRefresh(slack, 'warning');
    await slack.until(() => openings(slack) >= 3, soon, 'the third attempt');
    expect(slack.sockets()).toBeGreaterThanOrEqual(1);
    expect(bot.health()).toEqual({ ok: true });
    await slack.until(() => hellos(slack) === 2, soon, 'the new connection');
    endOld();
    await slack.until(() => slack.sockets() === 1, soon, 'the new connection alone');
  });
});

describe('a connection that does not last', () => {
  it('is opened anew after pauses that grow, and readiness says so', async () => {
    const { slack, bot, pauses } = await startWorld();
    // Slack says hello and hangs up, each time.
    const stop = slack.subscribe((change) => {
      if (change.kind === 'sockets' && change.open > 0) slack.dropSockets();
    });
    slack.dropSockets();
    await slack.until(() => openings(slack) >= 7, soon, 'six more openings');
    expect(bot.health()).toEqual({
      ok: false,
      why: expect.stringMatching(/^Slack's connection does not last: \d+ times in a row/) as string,
    });
    expect(pauses.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 30].map((each) => each * second));
    stop();
    await expect.poll(() => slack.sockets(), { timeout: soon }).toBe(1);
  });

  it('is waited for as long as Retry-After says', async () => {
    const { slack, pauses, pass } = await startWorld();
    pass(2 * minute);
    slack.faults.add({ method: 'apps.connections.open', do: { status: 429, retryAfter: 47 } });
    slack.dropSockets();
    await slack.until(() => openings(slack) >= 3, soon, 'the attempt after the pause');
    expect(pauses).toContain(47 * second);
  });
});

describe('others on the same app-level token', () => {
  const stranger = async (slack: FakeSlack): Promise<WebSocket> => {
    const { body } = await call(slack, 'apps.connections.open', {}, slack.appToken);
    const socket = new WebSocket(textAt(body, 'url'));
    cleanups.push(async () => socket.terminate());
    await new Promise((resolve) => socket.once('message', resolve));
    return socket;
  };

  it('are told of when a second look finds them still there, and no more when they are gone', async () => {
    const waits = new Map<number, () => void>();
    const slack = await startSlack();
    const other = await stranger(slack);
    const { bot } = await startWorld(
      {
        sleep: (ms, signal) =>
          ms === secondLook || ms === laterLook
            ? stoppable(signal, (resolve) => waits.set(ms, resolve))
            : wait(ms === deadline ? ms : Math.min(ms, 50), undefined, signal ? { signal } : {}),
      },
      slack,
    );
    expect(bot.health()).toEqual({ ok: true });
    waits.get(secondLook)?.();
    const why = (): string => bot.health().why ?? '';
    await expect
      .poll(why, { timeout: soon })
      .toMatch(/^Slack counts 1 more connection on SLACK_APP_TOKEN than Tugboot has replicas \(1\)/);
    other.terminate();
    await expect.poll(() => waits.has(laterLook), { timeout: soon }).toBe(true);
    waits.get(laterLook)?.();
    await expect.poll(() => bot.health(), { timeout: soon }).toEqual({ ok: true });
  });

  it('are none when they are the replicas', async () => {
    const { slack, bot, pauses, pass } = await startWorld({ replicas: 2 });
    await stranger(slack);
    pass(2 * minute);
    const endOld = askForRefresh(slack, 'refresh_requested');
    await slack.until(() => hellos(slack) >= 3, soon, 'a new connection');
    endOld(1);
    await expect.poll(() => slack.sockets(), { timeout: soon }).toBe(2);
    expect(bot.health()).toEqual({ ok: true });
    expect(pauses.filter((pause) => pause >= minute)).toEqual([]);
  });
});
