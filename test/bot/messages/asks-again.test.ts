/** A question that is put again: an edit of the card notifies nobody and marks nothing unread. */
import { describe, expect, it } from 'vitest';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { createSlackChat } from '../../../src/bot/slack-chat.ts';
import type { ChatRecord } from '../../../src/reboot/state/chat-record.ts';
import type { HistoryEntry } from '../../../src/reboot/state/decision.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { hour, minute, toTimestamp } from '../../../src/reboot/time/time.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { at } from '../../fakes/builders.ts';
import { aCard, cardDecision } from '../fixtures/cards.ts';
import { createRecorder, type Recorder } from '../recorder.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';

interface Bench {
  readonly slack: Recorder;
  readonly time: FakeClock;
  readonly stored: { chat: ChatRecord };
  show(state: RebootState, history?: readonly HistoryEntry[], channel?: string): Promise<void>;
  /** Another bot takes over, with what was stored. */
  restart(): void;
}

function bench(): Bench {
  const time = fakeClock();
  const slack = createRecorder(time);
  const signal = new AbortController().signal;
  const create = () =>
    createSlackChat({
      gateway: createGateway({ api: slack, clock: time, sleep: time.sleep, random: () => 0.5, signal }),
      clock: time,
      sleep: time.sleep,
      logger: silentLogger,
      signal,
      permalink: ({ channel, ts }) => `https://harbour.slack.com/archives/${channel}/p${ts.replace('.', '')}`,
    });
  let chat = create();
  const stored = { chat: { replies: {} } as ChatRecord };
  return {
    slack,
    time,
    stored,
    show: (state, history = [], channel) => {
      const reboot: Partial<Reboot> = { state, history, chat: stored.chat };
      return time.until(
        chat.show({ ...aCard(reboot), ...(channel === undefined ? {} : { channel }) }, async (record) => {
          stored.chat = structuredClone(record);
        }),
      );
    },
    restart: () => {
      chat = create();
    },
  };
}

const asking: RebootState = { phase: 'Pending', since: at(0), approvals: [] };
const now = (all: Bench) => toTimestamp(all.time.now());
const inChannel = ({ slack }: Bench) =>
  [...slack.messages.values()].filter(({ threadTs, broadcast }) => threadTs === undefined || broadcast);
const lapsed = (all: Bench): RebootState => ({
  phase: 'Pending',
  since: now(all),
  approvals: [],
  lapse: { at: now(all), added: ['linux-image-6.8.0-50'], removed: [], before: cardDecision() },
});

describe('a Reboot that asks again', () => {
  it('the first time is on its card alone', async () => {
    const all = bench();
    await all.show(asking);
    expect(inChannel(all)).toHaveLength(1);
  });

  it('while its card is in sight replies below it, for the channel to see, once', async () => {
    const all = bench();
    await all.show(asking);
    await all.time.pass(10 * minute);
    const again = lapsed(all);
    await all.show(again);
    await all.show(again);
    all.restart();
    await all.show(again);
    const told = inChannel(all);
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ broadcast: true, threadTs: told[0]?.ts });
    expect(told[1]?.text).toMatch(/worker-03 asks again · prod-eu[\s\S]*linux-image-6\.8\.0-50/);
  });

  it.each([
    ['the snooze is over', [{ what: 'snoozed' }, { what: 'asked-again' }], /The snooze is over/],
    [
      'somebody asks for it',
      [
        { what: 'denied', reason: 'not now' },
        { what: 'asked-again', by: { kind: 'user', id: 'U0LEE', name: 'lee' }, reason: 'the fix is out' },
      ],
      /Asked again by <@U0LEE>: "the fix is out"/,
    ],
  ] as const)('says why: %s', async (_why, entries, words) => {
    const all = bench();
    await all.show(asking);
    await all.time.pass(hour);
    const history = entries.map((entry): HistoryEntry => ({ at: now(all), ...entry }));
    await all.show({ phase: 'Pending', since: now(all), approvals: [] }, history);
    expect(inChannel(all)[1]?.text).toMatch(words);
    // What was decided afterwards does not tell it a second time.
    await all.show({ phase: 'Approved', since: now(all), decision: cardDecision() }, history);
    const told = [...all.slack.messages.values()].map(({ text }) => text);
    expect(told.filter((text) => /[Aa]sked again|asks again/.test(text))).toHaveLength(1);
  });

  it('when its card has scrolled away is posted anew, and the old card says where it went', async () => {
    const all = bench();
    await all.show(asking);
    const old = all.stored.chat.card;
    await all.time.pass(9 * hour);
    await all.show(lapsed(all));
    const told = inChannel(all);
    expect(told).toHaveLength(2);
    const { card, former } = all.stored.chat;
    expect(card?.ts).toBe(told[1]?.ts);
    expect(card?.ts).not.toBe(old?.ts);
    expect(former).toBeUndefined();
    const before = told.find(({ ts }) => ts === old?.ts);
    expect(before?.text).toContain('worker-03 asks again');
    expect(JSON.stringify(before?.blocks)).toContain(`p${card?.ts.replace('.', '')}`);
    expect(JSON.stringify(before?.blocks)).not.toContain('"actions"');
    expect(JSON.stringify(told[1]?.blocks)).toContain('"actions"');
  });

  it('loses neither card when the bot ends after the new one was posted and before the old one was edited', async () => {
    const all = bench();
    await all.show(asking);
    const old = all.stored.chat.card;
    await all.time.pass(9 * hour);
    const again = lapsed(all);
    all.slack.fail('chat.update', { error: 'internal_error' });
    all.slack.fail('chat.update', { error: 'internal_error' });
    all.slack.fail('chat.update', { error: 'internal_error' });
    all.slack.fail('chat.update', { error: 'internal_error' });
    all.slack.fail('chat.update', { error: 'internal_error' });
    all.slack.fail('chat.update', { error: 'internal_error' });
    await all.show(again).catch(() => undefined);
    expect(all.stored.chat.former).toEqual({ channel: old?.channel, ts: old?.ts });
    all.restart();
    await all.show(again);
    expect(inChannel(all)).toHaveLength(2);
    expect(all.stored.chat.former).toBeUndefined();
    expect(inChannel(all).find(({ ts }) => ts === old?.ts)?.text).toContain('asks again');
  });

  it.each(['edit_window_closed', 'is_archived', 'cant_update_message'])(
    'is shown and kept up to date also where Slack refuses to edit the old card (%s)',
    async (error) => {
      const all = bench();
      await all.show(asking);
      const old = all.stored.chat.card;
      await all.time.pass(9 * hour);
      all.slack.fail('chat.update', { error });
      await all.show(lapsed(all));
      expect(all.stored.chat.card?.ts).not.toBe(old?.ts);
      await all.show({ phase: 'Approved', since: now(all), decision: cardDecision() });
      const card = inChannel(all).find(({ ts }) => ts === all.stored.chat.card?.ts);
      expect(card?.text).toMatch(/approved/);
      expect(all.stored.chat.former).toBeUndefined();
    },
  );

  it('follows its node into another channel also where Slack refuses to edit the old card', async () => {
    const all = bench();
    await all.show(asking);
    const moved = [{ what: 'moved', at: now(all), reason: 'control-plane' }] as const;
    all.slack.fail('chat.update', { error: 'is_archived' });
    await all.show(asking, moved, 'C0OTHER');
    expect(all.stored.chat.card?.channel).toBe('C0OTHER');
  });
});

describe('a card that can be edited no more', () => {
  it.each(['edit_window_closed', 'cant_update_message'])('is posted anew (%s)', async (error) => {
    const all = bench();
    await all.show(asking);
    const old = all.stored.chat.card;
    await all.time.pass(hour);
    all.slack.fail('chat.update', { error });
    await all.show({ phase: 'Approved', since: now(all), decision: cardDecision() });
    const { card } = all.stored.chat;
    expect(card?.ts).not.toBe(old?.ts);
    expect(inChannel(all).find(({ ts }) => ts === card?.ts)?.text).toMatch(/approved/);
  });
});
