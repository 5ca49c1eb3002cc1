import { describe, expect, it } from 'vitest';
import { createGateway } from '../../src/bot/connection/gateway.ts';
import { createSlackChat } from '../../src/bot/slack-chat.ts';
import type { CardData } from '../../src/reboot/card/card-facts.ts';
import type { Chat } from '../../src/reboot/ports/chat.ts';
import type { ChatRecord } from '../../src/reboot/state/chat-record.ts';
import type { Draining, Reboot, RebootState } from '../../src/reboot/state/reboot.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import { chatContract, type ChatBench } from '../contracts/chat-contract.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { aBlock, at } from '../fakes/builders.ts';
import {
  aCard,
  cardDecision,
  cardDraining,
  cardFailed,
  cardRebooting,
  cardSettling,
  cardSucceeded,
} from './fixtures/cards.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';

interface Bench {
  readonly time: FakeClock;
  readonly slack: Recorder;
  readonly chat: Chat;
  readonly stored: { chat: ChatRecord };
  /** Shows a state as the chat worker would: with what is stored, storing what it is told. */
  readonly show: (state: RebootState, reboot?: Partial<Reboot>) => Promise<void>;
}

function bench(
  slack?: Recorder,
  time = fakeClock(),
  stored = { chat: { replies: {} } as ChatRecord },
): Bench {
  const recorder = slack ?? createRecorder(time);
  const signal = new AbortController().signal;
  const gateway = createGateway({ api: recorder, clock: time, sleep: time.sleep, random: () => 0.5, signal });
  const chat = createSlackChat({ gateway, clock: time, sleep: time.sleep, logger: silentLogger, signal });
  const save = async (record: ChatRecord): Promise<void> => {
    stored.chat = structuredClone(record);
  };
  const data = (state: RebootState, reboot: Partial<Reboot>): CardData =>
    aCard({ ...reboot, state, chat: stored.chat });
  return {
    time,
    slack: recorder,
    chat,
    stored,
    show: (state, reboot = {}) => chat.show(data(state, reboot), save),
  };
}

const asking: RebootState = { phase: 'Pending', since: at(0), approvals: [] };
const approved: RebootState = { phase: 'Approved', since: at(0), decision: cardDecision() };
const { drain: _none, ...beginning } = cardDraining();
const gone = (count: number, more: Partial<NonNullable<Draining['drain']>> = {}): RebootState =>
  cardDraining({
    drain: { at: at(0), total: 14, gone: count, leaving: [], waiting: [], trouble: [], ...more },
  });

chatContract('slack, against the recorder', async () => recorded(bench()), {
  asking: { state: asking },
  approved: { state: approved },
  failed: { state: cardFailed(cardRebooting()) },
});

function recorded(all: Bench): ChatBench {
  const { slack, time, chat } = all;
  const top = (): string[] =>
    [...slack.messages.values()]
      .filter((told) => told.threadTs === undefined || told.broadcast)
      .map((told) => told.text);
  return {
    chat,
    data: (reboot) => aCard(reboot),
    cards: top,
    replies: () => slack.thread().map((told) => told.text),
    now: () => time.now(),
    run: (work) => time.until(work),
    restart: () => recorded(bench(slack, time)),
    deleteCard: () => slack.delete(slack.card()?.ts ?? ''),
    loseNextAnswer: () => slack.fail('chat.postMessage', 'lost'),
    close: async () => undefined,
  };
}

describe('the card', () => {
  it('and its thread cost at most 13 calls for a reboot with a drain of 6 s', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.pass(minute);
    await time.until(show(approved));
    const decided = time.now();
    await time.until(show(beginning));
    for (const pods of [2, 5, 9, 13]) {
      await time.until(show(gone(pods)));
      await time.pass(1.2 * second);
    }
    expect(time.now() - decided).toBeGreaterThan(5.8 * second);
    await time.until(show(cardRebooting()));
    await time.pass(90 * second);
    await time.until(show(cardSettling()));
    await time.pass(minute);
    await time.until(show(cardSucceeded()));
    await time.pass(minute);
    expect(slack.calls.length).toBeLessThanOrEqual(13);
    expect(slack.card()?.text).toContain('rebooted in');
    expect(slack.thread().map((told) => told.text)).toEqual([
      expect.stringContaining('Approved by'),
      expect.stringContaining('takes pods again'),
      expect.stringContaining('Back with kernel'),
    ]);
  });

  it('is not edited for each pod, and shows the last count in the end', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(gone(0)));
    const edits = (): number =>
      slack.of('chat.update').filter((call) => call.args['ts'] === slack.card()?.ts).length;
    const before = edits();
    for (let pods = 1; pods <= 6; pods += 1) {
      await time.until(show(gone(pods)));
      await time.pass(second);
    }
    expect(edits()).toBe(before);
    await time.pass(10 * second);
    expect(edits()).toBe(before + 1);
    expect(JSON.stringify(slack.card()?.blocks)).toContain('6 of 14');
  });

  it('is edited at once when a budget begins to block, since then it offers Force', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(gone(3)));
    await time.until(show(gone(4, { waiting: [aBlock()] })));
    expect(JSON.stringify(slack.card()?.blocks)).toContain('tugboot.force');
  });

  it('shows what came last, when states come faster than Slack answers', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    const release = slack.hold('chat.update');
    const shown = [show(approved), show(cardDraining()), show(asking), show(cardRebooting())];
    await time.settle();
    release();
    await time.until(Promise.all(shown));
    expect(slack.card()?.text).toContain('is rebooting');
  });

  it('returns to an earlier state, although its hash is the one stored', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    const release = slack.hold('chat.update');
    const shown = [show(approved), show(asking)];
    await time.settle();
    release();
    await time.until(Promise.all(shown));
    expect(slack.card()?.text).toContain('asks for a reboot');
  });

  it('is edited by a process that reads a record that another has outdated', async () => {
    const one = bench();
    await one.time.until(one.show(asking));
    const before = structuredClone(one.stored.chat);
    const other = bench(one.slack, one.time, { chat: before });
    await one.time.until(other.show(approved));
    one.stored.chat = other.stored.chat;
    await one.time.until(one.show(asking));
    expect(one.slack.card()?.text).toContain('asks for a reboot');
  });

  it('does not wait for its thread', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    const release = slack.hold('chat.postMessage');
    const first = show(approved);
    await time.settle();
    const second = show({
      phase: 'Cancelled',
      since: at(0),
      by: cardDecision().approvals[0]?.by ?? { kind: 'rule', pool: '' },
      from: 'Approved',
    });
    await time.settle();
    expect(slack.card()?.text).toContain('cancelled');
    release();
    await time.until(Promise.all([first, second]));
  });

  it('is posted although Slack does not let us look for an earlier one', async () => {
    const { time, slack, show, stored } = bench();
    slack.fail('chat.postMessage', 'unreachable');
    await expect(time.until(show(asking))).rejects.toMatchObject({ code: 'chat-unreachable' });
    expect(stored.chat.posting).toBeDefined();
    slack.fail('conversations.history', { error: 'missing_scope' });
    await time.until(show(asking));
    expect(slack.messages.size).toBe(1);
  });

  it('of another reboot is never taken for its own', async () => {
    const { time, slack, chat, show } = bench();
    const other = aCard({ name: 'worker-04-77aa01', node: { name: 'worker-04', uid: 'u4' }, state: asking });
    await time.until(chat.show(other, async () => undefined));
    slack.fail('chat.postMessage', 'unreachable');
    await expect(time.until(show(asking))).rejects.toMatchObject({ code: 'chat-unreachable' });
    await time.until(show(asking));
    expect([...slack.messages.values()].map((told) => told.text)).toEqual([
      expect.stringContaining('worker-04'),
      expect.stringContaining('worker-03'),
    ]);
  });

  it('that cannot be stored is told to the caller, and found again later', async () => {
    const { time, slack, chat, show, stored } = bench();
    const data = aCard({ state: asking });
    let saves = 0;
    const broken = async (record: ChatRecord): Promise<void> => {
      saves += 1;
      if (saves > 1) throw new Error('the API server is away');
      stored.chat = structuredClone(record);
    };
    await expect(time.until(chat.show(data, broken))).rejects.toThrow('the API server is away');
    await time.until(bench(slack, time, stored).show(asking));
    await time.until(show(asking));
    expect(slack.messages.size).toBe(1);
  });

  it('that could not be stored is stored the next time, although there is nothing to edit', async () => {
    const { time, slack, chat, show, stored } = bench();
    const data = aCard({ state: asking });
    const broken = async ({ card, ...begun }: ChatRecord): Promise<void> => {
      if (card !== undefined) throw new Error('the API server is away');
      stored.chat = structuredClone(begun);
    };
    await expect(time.until(chat.show(data, broken))).rejects.toThrow('the API server is away');
    expect(stored.chat.card).toBeUndefined();
    await time.until(show(asking));
    expect(stored.chat.card?.ts).toBe(slack.card()?.ts);
    expect(slack.of('chat.update')).toEqual([]);
  });

  it('is stored anew in a record that was deleted before it was known there, and made once more', async () => {
    const { time, slack, show, stored } = bench();
    await time.until(show(asking));
    stored.chat = { replies: {} };
    await time.until(show(asking));
    expect(stored.chat.card?.ts).toBe(slack.card()?.ts);
  });
});

describe('the thread', () => {
  it('edits its progress at once, then at growing intervals, and at once in a new phase', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.pass(10 * second);
    const began = time.now();
    for (let step = 0; step < 40; step += 1) {
      await time.until(show(gone(Math.min(13, Math.floor(step / 3)))));
      await time.pass(second);
    }
    const progress = slack.thread().find((told) => told.text.includes('pods gone'));
    const times = slack
      .of('chat.update')
      .filter((call) => call.args['ts'] === progress?.ts)
      .map((call) => call.at - began);
    const gaps = times.slice(1).map((when, index) => when - (times[index] ?? 0));
    for (const [index, gap] of gaps.entries())
      expect(gap).toBeGreaterThanOrEqual(index === 0 ? 2000 : (gaps[index - 1] ?? 0));
    expect(times.length).toBeLessThanOrEqual(6);
    const before = slack.of('chat.update').length;
    await time.until(show(cardRebooting()));
    expect(slack.of('chat.update').length).toBe(before + 2);
    expect(slack.messages.get(progress?.ts ?? '')?.text).toContain('Waiting for it to come back');
  });

  it('shows the last progress even if nobody calls again', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(gone(1)));
    await time.until(show(gone(2)));
    await time.until(show(gone(9)));
    await time.pass(minute);
    expect(slack.thread().at(-1)?.text).toContain('9 of 14');
  });

  it('tells of a budget that has held the drain back for five minutes, once', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    const stuck = gone(13, { waiting: [aBlock({ since: at(0) })] });
    await time.until(show(stuck));
    await time.pass(4 * minute);
    const waits = (): number =>
      slack.thread().filter((told) => told.text.includes('Drain waits 5 min now')).length;
    expect(waits()).toBe(0);
    await time.pass(2 * minute);
    expect(waits()).toBe(1);
    await time.until(show(stuck));
    await time.pass(20 * minute);
    expect(waits()).toBe(1);
  });

  it('tells of a budget after the five minutes that are stored, no matter which process counted the first of them', async () => {
    const { time, slack, show, stored } = bench();
    await time.until(show(asking));
    await time.pass(4 * minute);
    const stuck = gone(13, {
      waiting: [aBlock({ pod: 'db/pg-2', since: at(3 * minute) }), aBlock({ since: at(0) })],
    });
    const restarted = bench(slack, time, stored);
    await time.until(restarted.show(stuck));
    const waits = (): readonly string[] =>
      slack.thread().flatMap(({ text }) => (text.includes('Drain waits') ? [text] : []));
    await time.pass(50 * second);
    expect(waits()).toEqual([]);
    await time.pass(15 * second);
    expect(waits()).toEqual([expect.stringMatching(/5 min now for budget db\/pg: .*db\/pg-1 cannot leave/)]);
    await time.until(bench(slack, time, stored).show(stuck));
    await time.pass(20 * minute);
    expect(waits()).toHaveLength(1);
  });

  it('says how long a budget has held the drain back when it notices late', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.pass(25 * minute + 40 * second);
    await time.until(show(gone(13, { waiting: [aBlock({ since: at(0) })] })));
    expect(slack.thread().some(({ text }) => text.includes('Drain waits 25 min now'))).toBe(true);
  });

  it('does not count a wait that ended: the next one is another', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(gone(12, { waiting: [aBlock({ since: at(0) })] })));
    await time.pass(4 * minute);
    await time.until(show(gone(13)));
    await time.until(show(gone(13, { waiting: [aBlock({ pod: 'db/pg-0', since: at(4 * minute) })] })));
    await time.pass(4 * minute);
    expect(slack.thread().some(({ text }) => text.includes('Drain waits'))).toBe(false);
    await time.pass(2 * minute);
    expect(slack.thread().some(({ text }) => text.includes('Drain waits 5 min now'))).toBe(true);
  });

  it('finds a reply whose answer was lost', async () => {
    const all = bench();
    const { time, slack, show, stored } = all;
    await time.until(show(asking));
    slack.fail('chat.postMessage', 'lost');
    await expect(time.until(show(approved))).rejects.toMatchObject({ retryable: true });
    await time.until(bench(slack, time, stored).show(approved));
    await time.pass(5 * second);
    expect(slack.thread()).toHaveLength(1);
    expect(Object.values(stored.chat.replies)).toEqual([slack.thread()[0]?.ts]);
  });

  it('broadcasts a failure, with those who can help', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(cardFailed(cardRebooting())));
    const loud = slack.thread().find((told) => told.broadcast);
    expect(loud?.text).toContain('<!subteam^S0ONCALL>');
    expect(loud?.text).toContain('<@U0MIA>');
  });

  it('begins anew below a card that replaces a deleted one, without old news', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(gone(1)));
    const first = slack.card()?.ts ?? '';
    slack.delete(first);
    await time.until(show(cardRebooting()));
    const below = slack.thread().filter((told) => told.threadTs !== first);
    expect(below.map((told) => told.text)).toEqual([expect.stringContaining('Waiting for it to come back')]);
  });
});

describe('what is known of the messages', () => {
  it('is stored before each post, and with what was found out since the last one', async () => {
    const { time, chat, show, stored } = bench();
    await time.until(show(asking));
    const saves: ChatRecord[] = [];
    const save = async (record: ChatRecord): Promise<void> => {
      saves.push(record);
      stored.chat = structuredClone(record);
    };
    const cardBefore = stored.chat.card?.hash;
    await time.until(chat.show(aCard({ state: approved, chat: stored.chat }), save));
    await time.until(chat.show(aCard({ state: gone(1), chat: stored.chat }), save));
    // The reply of the approval is begun, then the progress.
    expect(saves.map(({ replies, progress }) => [...Object.values(replies), progress?.ts])).toEqual([
      ['', undefined],
      [expect.stringMatching(/./u), ''],
    ]);
    expect(saves[0]?.card?.hash).not.toBe(cardBefore);
    expect(stored.chat.progress?.ts).toBe('');
    await time.pass(5 * second);
    expect(saves).toHaveLength(3);
    expect(stored.chat.progress?.ts).toMatch(/./u);
  });

  it('does not make it edit once more what it has edited, while that is not stored', async () => {
    const { time, slack, show } = bench();
    await time.until(show(asking));
    await time.until(show(approved));
    await time.until(show(approved));
    expect(slack.of('chat.update')).toHaveLength(1);
  });

  it('leads to one more edit where another replica has edited since', async () => {
    const { time, slack, show, stored } = bench();
    await time.until(show(asking));
    await time.until(show(approved));
    const { card } = stored.chat;
    if (card) stored.chat = { ...stored.chat, card: { ...card, hash: 'of another' } };
    await time.until(show(approved));
    await time.pass(10 * second);
    expect(slack.of('chat.update')).toHaveLength(2);
  });
});

describe('a Reboot that follows its node into the pool of another channel', () => {
  const history = [{ at: at(0), what: 'moved' as const, reason: 'Its node moved from pool web to pool db.' }];
  it('has its card there, and the old one says where', async () => {
    const all = bench();
    await all.time.until(all.show(asking));
    const old = all.stored.chat.card;
    const data = aCard({ state: asking, pool: 'db', history, chat: all.stored.chat }, { channel: 'C0DB' });
    await all.time.until(
      all.chat.show(data, async (record) => {
        all.stored.chat = structuredClone(record);
      }),
    );
    expect(all.stored.chat.card?.channel).toBe('C0DB');
    const texts = [...all.slack.messages.values()].map(({ text }) => text);
    expect(texts).toContainEqual(
      expect.stringContaining('belongs to pool db of prod-eu now. Its card is in <#C0DB>'),
    );
    expect(all.stored.chat.card?.ts).not.toBe(old?.ts);
  });
  it('stays where it is while it is carried out', async () => {
    const all = bench();
    await all.time.until(all.show(asking));
    const data = aCard({ state: cardRebooting(), history, chat: all.stored.chat }, { channel: 'C0DB' });
    await all.time.until(all.chat.show(data, async () => undefined));
    expect(all.stored.chat.card?.channel).not.toBe('C0DB');
  });
});
