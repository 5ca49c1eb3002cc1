/** The real Bolt over a real WebSocket, against the demo's Slack. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBot, type Bot, type BotOptions } from '../../src/bot/bot.ts';
import { startSlack, type FakeSlack } from '../../demo/slack/slack.ts';
import type { DecisionRequest } from '../../src/reboot/approval/decision-request.ts';
import type { Decisions, DecisionResult } from '../../src/reboot/ports/decisions/decisions.ts';
import type { CardData } from '../../src/reboot/card/card-facts.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import { chatContract, type ChatBench } from '../contracts/chat-contract.ts';
import { noDecisions } from '../fakes/no-decisions.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { at } from '../fakes/builders.ts';
import { aCard, cardDecision, cardFailed, cardReboot, cardRebooting } from './fixtures/cards.ts';

const pageDirectory = fileURLToPath(new URL('../../demo/slack/page', import.meta.url));
const soon = 60_000;

interface World {
  readonly slack: FakeSlack;
  readonly bot: Bot;
  readonly asked: {
    readonly request: DecisionRequest;
    readonly person: string;
    readonly foreign: boolean;
    readonly guest: boolean;
  }[];
  result: DecisionResult | Promise<DecisionResult>;
  readonly data: (reboot?: Partial<Reboot>) => CardData;
}

const refusal: DecisionResult = { ok: false, rejection: { code: 'not-allowed', sentence: 'Not you.' } };

async function startWorld(options: Partial<BotOptions> = {}, slack?: FakeSlack): Promise<World> {
  const where = slack ?? (await startSlack({ pageDirectory }));
  const asked: World['asked'] = [];
  const world: Pick<World, 'result'> = { result: refusal };
  const decisions: Decisions = {
    ...noDecisions,
    decide: async (_name, request, person) => {
      asked.push({ request, person: person.name, foreign: person.foreign, guest: person.guest });
      return world.result;
    },
    status: async () => ({
      ok: true,
      status: {
        cluster: 'prod-eu',
        nodes: 1,
        quiet: 1,
        rows: [],
        pauses: [],
        heardAt: Date.now(),
        now: Date.now(),
      },
    }),
    details: async () => ({ cluster: 'prod-eu', reboot: cardReboot(), blockers: [], earlier: [] }),
  };
  const bot = createBot({
    logOf: () => silentLogger,
    botToken: where.botToken,
    appToken: where.appToken,
    apiUrl: where.apiUrl,
    clusters: new Map([['prod-eu', decisions]]),
    examine: async () => [],
    approverGroups: () => [where.usergroups.onCall],

    approverChannels: () => [],
    channels: () => [where.channel.id],
    clock: { now: () => Date.now() },
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
    random: Math.random,
    logger: silentLogger,
    ...options,
  });
  const data = (reboot: Partial<Reboot> = {}): CardData => ({ ...aCard(reboot), channel: where.channel.id });
  return Object.assign(world, { slack: where, bot, asked, data });
}

async function stopWorld({ bot, slack }: World): Promise<void> {
  await bot.stop();
  await slack.close();
}

async function postCard({ bot, slack, data }: World): Promise<string> {
  await bot.chat.show(data(), async () => undefined);
  return slack.messages()[0]?.ts ?? '';
}

describe('the bot in Slack', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
    await world.bot.start();
  });
  afterEach(() => stopWorld(world));

  it('takes an approval from the card, from the person who clicked', async () => {
    const { slack, asked } = world;
    world.result = { ok: true, reboot: cardReboot(), approvalsMissing: 0 };
    const ts = await postCard(world);
    expect(await slack.as(slack.users.mia).click({ ts, action: 'Approve now', confirm: true })).toMatchObject(
      { kind: 'acked' },
    );
    await expect.poll(() => asked.length, { timeout: soon }).toBe(1);
    expect(asked).toEqual([
      {
        request: { kind: 'approve', mode: 'now', digest: '4f1c9a77' },
        person: 'mia',
        foreign: false,
        guest: false,
      },
    ]);
    expect(slack.ephemerals(slack.users.mia)).toEqual([]);
  });

  it('answers a refusal to the one who clicked, and knows guests and strangers', async () => {
    const { slack, asked } = world;
    const ts = await postCard(world);
    for (const user of [slack.users.gio, slack.users.kim]) {
      await slack.as(user).click({ ts, action: 'Approve now', confirm: true });
      await slack.until(() => slack.ephemerals(user).length > 0, soon, 'a refusal');
      expect(slack.ephemerals(user)[0]?.text).toBe('Not you.');
    }
    expect(slack.ephemerals(slack.users.mia)).toEqual([]);
    expect(asked.map(({ guest, foreign }) => ({ guest, foreign }))).toEqual([
      { guest: true, foreign: false },
      { guest: false, foreign: true },
    ]);
  });

  it('asks for the reason of a denial, and insists on it', async () => {
    const { slack, asked } = world;
    const ts = await postCard(world);
    const mia = slack.as(slack.users.mia);
    await mia.click({ ts, action: 'Deny' });
    await slack.until(() => mia.modal(), soon, 'the modal');
    expect(await mia.submitModal({ values: { 'tugboot.reason': '   ' } })).toMatchObject({ kind: 'errors' });
    expect(await mia.submitModal({ values: { 'tugboot.reason': 'not on a Sunday' } })).toMatchObject({
      kind: 'closed',
    });
    await slack.until(() => slack.ephemerals(slack.users.mia).length > 0, soon, 'the answer');
    expect(asked.map(({ request }) => request)).toEqual([{ kind: 'deny', reason: 'not on a Sunday' }]);
  });

  it('shows the details in a modal', async () => {
    const { slack } = world;
    const ts = await postCard(world);
    const mia = slack.as(slack.users.mia);
    await mia.click({ ts, action: 'Details' });
    await slack.until(
      () => JSON.stringify(mia.modal()?.body ?? '').includes('linux-image'),
      soon,
      'the details',
    );
  });

  it('answers its command, and what it does not know, too', async () => {
    const { slack } = world;
    const mia = slack.as(slack.users.mia);
    expect(await mia.command('/reboot status')).toMatchObject({
      kind: 'ephemeral',
      text: expect.stringContaining('prod-eu'),
    });
    expect((await mia.command('/reboot stauts')).text).toContain('Did you mean');
  });

  it('is back at once when Slack asks it to reconnect, and takes clicks again', async () => {
    const { slack, asked } = world;
    const ts = await postCard(world);
    const before = slack.calls().filter((call) => call.method === 'apps.connections.open').length;
    slack.disconnect('refresh_requested');
    await slack.until(
      () =>
        slack.calls().filter((call) => call.method === 'apps.connections.open').length > before &&
        slack.sockets() === 1,
      soon,
      'a new socket',
    );
    expect(world.bot.health()).toEqual({ ok: true });
    await slack.as(slack.users.mia).click({ ts, action: 'Approve now', confirm: true });
    await slack.until(() => slack.ephemerals(slack.users.mia).length > 0, soon, 'the answer');
    expect(asked).toHaveLength(1);
  });

  it('comes back when the network drops, although Slack refuses at first', async () => {
    const { slack } = world;
    slack.faults.add({ method: 'apps.connections.open', times: 1, do: { error: 'invalid_auth' } });
    slack.dropSockets();
    await slack.until(
      () =>
        slack.calls().filter((call) => call.method === 'apps.connections.open').length >= 3 &&
        slack.sockets() === 1,
      8000,
      'a new socket',
    );
  });

  it('survives two envelopes of the same click: both are answered', async () => {
    const { slack, asked } = world;
    const ts = await postCard(world);
    slack.duplicateNextEnvelope();
    await slack.as(slack.users.mia).click({ ts, action: 'Approve now', confirm: true });
    await slack.until(() => slack.ephemerals(slack.users.mia).length >= 2, soon, 'both answers');
    expect(asked).toHaveLength(2);
  });
});

describe('starting', () => {
  it.each([
    ['SLACK_BOT_TOKEN', { botToken: 'xoxb-wrong' }],
    ['SLACK_APP_TOKEN', { appToken: 'xapp-wrong' }],
  ])(
    'names the setting to mend when %s is wrong, goes on trying, and tells it nobody',
    async (setting, wrong) => {
      const world = await startWorld(wrong);
      const started = world.bot.start();
      await expect.poll(() => world.bot.health().why, { timeout: soon }).toContain(setting);
      expect(world.bot.health()).toMatchObject({ ok: false });
      expect(world.bot.health().why).not.toContain('wrong');
      expect(world.bot.awaySince()).toBeTypeOf('number');
      await stopWorld(world);
      await started;
    },
  );

  it('connects by itself when Slack is back', async () => {
    const world = await startWorld();
    world.slack.faults.add({ method: 'auth.test', times: 2, do: { status: 503 } });
    await world.bot.start();
    expect(world.bot.health()).toEqual({ ok: true });
    expect(world.bot.awaySince()).toBeUndefined();
    await stopWorld(world);
  });

  it('does not wait for ever for an answer of Slack', async () => {
    const world = await startWorld({ startTimeout: 300 });
    world.slack.faults.add({ method: 'apps.connections.open', times: 1, do: 'hang' });
    await world.bot.start();
    expect(world.bot.health()).toEqual({ ok: true });
    await stopWorld(world);
  });
});

describe('being healthy', () => {
  it('names each channel that no card can be posted to, and what to do about it', async () => {
    const channels = ['C0REBOOTS', 'C0GENERAL', 'C0ATTIC', 'C0SECRET', 'C0NOWHERE'];
    const world = await startWorld({ channels: () => channels });
    await world.bot.start();
    const why = (): string => world.bot.health().why ?? '';
    await expect.poll(why, { timeout: soon }).toContain('C0NOWHERE');
    expect(world.bot.health().ok).toBe(false);
    expect(why()).toMatch(/not in channel C0GENERAL: .*\/invite/);
    expect(why()).toMatch(/Channel C0ATTIC is archived/);
    expect(why()).toMatch(/no channel C0SECRET, or it is private/);
    expect(why()).not.toContain('C0REBOOTS');
    await stopWorld(world);
  });

  it('is over when nothing was heard from Slack for a minute, pongs included, and is back with the next', async () => {
    let ahead = 0;
    const world = await startWorld({ clock: { now: () => Date.now() + ahead } });
    await world.bot.start();
    expect(world.bot.health()).toEqual({ ok: true });
    ahead = 5 * minute;
    expect(world.bot.health()).toEqual({
      ok: false,
      why: expect.stringMatching(/^Slack's socket has been silent for 5 min/) as string,
    });
    // The socket is alive: its pongs come every second.
    await expect.poll(() => world.bot.health(), { timeout: soon }).toEqual({ ok: true });
    await stopWorld(world);
  });

  it('is over half a minute after the connection was lost', async () => {
    let ahead = 0;
    const world = await startWorld({ clock: { now: () => Date.now() + ahead } });
    await world.bot.start();
    world.slack.faults.add({ method: 'apps.connections.open', times: 100, do: { error: 'internal_error' } });
    world.slack.dropSockets();
    const tries = (): number =>
      world.slack.calls().filter((call) => call.method === 'apps.connections.open').length;
    await world.slack.until(() => tries() > 1, soon, 'the first try to connect again');
    expect(world.bot.health()).toEqual({ ok: true });
    ahead = minute;
    const why = (): string => world.bot.health().why ?? '';
    await expect.poll(why, { timeout: soon }).toMatch(/^Slack has not been connected for 1 min/);
    await stopWorld(world);
  });
});

describe('stopping', () => {
  it('waits for a click that is being carried out, and answers it before it leaves', async () => {
    const world = await startWorld();
    const { slack, bot } = world;
    await bot.start();
    const decision = Promise.withResolvers<DecisionResult>();
    world.result = decision.promise;
    const ts = await postCard(world);
    await slack.as(slack.users.mia).click({ ts, action: 'Approve now', confirm: true });
    await expect.poll(() => world.asked.length, { timeout: soon }).toBe(1);
    const order: string[] = [];
    const stopped = bot.stop().then(() => order.push('stopped'));
    // The socket stays until the click is done: an answer of Slack's over HTTP proves that time has passed.
    await bot.chat.show(world.data(), async () => undefined);
    expect(slack.sockets()).toBe(1);
    order.push('decided');
    decision.resolve(refusal);
    await stopped;
    expect(order).toEqual(['decided', 'stopped']);
    expect(slack.ephemerals(slack.users.mia).map(({ text }) => text)).toEqual(['Not you.']);
    await slack.until(() => slack.sockets() === 0, soon, 'the end of the socket');
    await slack.close();
  });

  it('does not wait for ever for one that hangs', async () => {
    const spans: number[] = [];
    const world = await startWorld({
      sleep: (ms, signal) => {
        spans.push(ms);
        return sleep(ms / 20, undefined, signal ? { signal } : {});
      },
    });
    const { slack, bot } = world;
    await bot.start();
    world.result = new Promise(() => undefined);
    const ts = await postCard(world);
    await slack.as(slack.users.mia).click({ ts, action: 'Approve now', confirm: true });
    await expect.poll(() => world.asked.length, { timeout: soon }).toBe(1);
    spans.length = 0;
    await bot.stop();
    // Well below the ten seconds that the whole program has.
    expect(Math.max(...spans)).toBeLessThan(8000);
    expect(slack.ephemerals(slack.users.mia)).toEqual([]);
    await slack.until(() => slack.sockets() === 0, soon, 'the end of the socket');
    await slack.close();
  });
});

const decided = { phase: 'Approved', since: at(0), decision: cardDecision() } as const;

chatContract('slack, over HTTP', async () => overHttp(await startWorld()), {
  asking: {},
  approved: { state: decided },
  failed: { state: cardFailed(cardRebooting()) },
});

function overHttp(world: World): ChatBench {
  const { slack, bot } = world;
  return {
    chat: bot.chat,
    data: world.data,
    cards: () =>
      slack
        .messages()
        .filter((message) => !message.tombstone)
        .map((message) => message.text),
    replies: () =>
      slack
        .messages()
        .flatMap((message) => slack.thread(slack.channel.id, message.ts))
        .map((message) => message.text),
    now: () => Date.now(),
    run: (work) => work,
    restart: async () => overHttp(await startWorld({}, slack)),
    deleteCard: async () => {
      const ts = slack.messages()[0]?.ts ?? '';
      const body = new URLSearchParams({ channel: slack.channel.id, ts });
      await fetch(`${slack.apiUrl}chat.delete`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${slack.botToken}` },
      });
    },
    loseNextAnswer: () => slack.faults.add({ method: 'chat.postMessage', do: 'reset-after' }),
    close: () => stopWorld(world),
  };
}
