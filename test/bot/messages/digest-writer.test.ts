/** The message of a pool digest is one, and its replies are posted once. */
import { describe, expect, it } from 'vitest';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { createSlackChat } from '../../../src/bot/slack-chat.ts';
import type { PoolDigestData } from '../../../src/reboot/pool-digest/message/digest-facts.ts';
import type { DigestChat } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { aDigest, digests, noCounts } from '../fixtures/digests.ts';
import { aCard } from '../fixtures/cards.ts';
import { createRecorder, type Told } from '../recorder.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

function bench() {
  const time = fakeClock();
  const slack = createRecorder(time);
  const start = () => {
    const signal = new AbortController().signal;
    const gateway = createGateway({ api: slack, clock: time, sleep: time.sleep, random: () => 0.5, signal });
    return createSlackChat({ gateway, clock: time, sleep: time.sleep, logger: silentLogger, signal });
  };
  let chat = start();
  let record: DigestChat = {};
  const saves: DigestChat[] = [];
  const showNow = (data: PoolDigestData): Promise<void> =>
    chat.showDigest({ ...data, chat: record }, async (next) => {
      record = structuredClone(next);
      saves.push(record);
    });
  return {
    time,
    slack,
    saves,
    chat: () => chat,
    stored: () => record,
    /** As another process, which remembers nothing. */
    restart: () => {
      chat = start();
    },
    showNow,
    show: (data: PoolDigestData): Promise<void> => time.until(showNow(data)),
    told: (): readonly Told[] =>
      [...slack.messages.values()].filter(({ threadTs }) => threadTs === undefined),
    replies: (): readonly Told[] =>
      [...slack.messages.values()].filter(({ threadTs }) => threadTs !== undefined),
    edits: (): number => slack.of('chat.update').length,
  };
}

const underWay = digests['under-way'] ?? aDigest();

describe('the message of a pool digest', () => {
  it('is one: its post is announced before, and its place, hash and revision are stored after', async () => {
    const { show, told, saves, slack } = bench();
    await show(aDigest());
    expect(told()).toHaveLength(1);
    expect(saves[0]?.posting?.channel).toBe('C0REBOOTS');
    expect(saves.at(-1)).toMatchObject({
      message: { channel: 'C0REBOOTS', ts: told()[0]?.ts, revision: 3, hash: expect.stringMatching(/./) },
    });
    const calls = slack.calls.length;
    await show(aDigest());
    expect(slack.calls).toHaveLength(calls);
  });

  it('is posted once, although nobody heard that it arrived', async () => {
    const { slack, show, restart, told, stored } = bench();
    slack.fail('chat.postMessage', 'lost');
    await expect(show(aDigest())).rejects.toMatchObject({ code: 'chat-unreachable' });
    restart();
    await show(aDigest());
    expect(told()).toHaveLength(1);
    expect(stored()).toMatchObject({ message: { revision: 3, hash: expect.stringMatching(/./) } });
    expect(stored().posting).toBeUndefined();
  });

  it('is edited at once when what can be decided changes, and else every five seconds', async () => {
    const { show, edits, time, told } = bench();
    await show(aDigest());
    await show(aDigest({ revision: 4 }));
    expect(edits()).toBe(1);
    await show(underWay);
    expect(edits()).toBe(2);
    const further = { ...underWay, counts: { ...underWay.counts, done: 41, waiting: 155 } };
    await show(further);
    expect(edits()).toBe(2);
    await time.pass(5 * second);
    expect(edits()).toBe(3);
    expect(told()[0]?.text).toContain('41 of 212 nodes done');
    await show(digests['failed'] ?? underWay);
    expect(edits()).toBe(4);
  });

  it('stores the revision that it shows, also one that changes nothing of it', async () => {
    const { show, stored, edits } = bench();
    const done = digests['done'] ?? aDigest();
    await show(done);
    await show({ ...done, revision: 9 });
    expect(stored().message?.revision).toBe(9);
    expect(edits()).toBe(0);
  });

  it('is posted anew, with a thread of its own, when somebody deleted it', async () => {
    const { show, slack, told, stored } = bench();
    await show(aDigest());
    slack.delete(told()[0]?.ts ?? '');
    await show(aDigest({ revision: 4 }));
    expect(told()).toHaveLength(1);
    expect(stored().message?.ts).toBe(told()[0]?.ts);
  });

  it('goes before the cards that wait for their posts', async () => {
    const { chat, showNow, slack, time } = bench();
    const cards = Array.from({ length: 30 }, (_, nth) =>
      chat().show(aCard({ name: `worker-${nth}-4f1c9a` }), async () => undefined),
    );
    await time.settle();
    const asked = time.now();
    await time.until(showNow(aDigest()));
    expect(time.now() - asked).toBeLessThan(3 * second);
    await time.until(Promise.all(cards));
    expect(slack.of('chat.postMessage')).toHaveLength(31);
  });

  it('is edited again when another replica has edited it', async () => {
    const { show, stored, edits, chat, time } = bench();
    await show(aDigest());
    const message = stored().message;
    if (message === undefined) throw new Error('it was not posted');
    const elsewhere = { ...stored(), message: { ...message, hash: 'of another replica' } };
    await time.pass(minute);
    await time.until(chat().showDigest({ ...aDigest(), chat: elsewhere }, async () => undefined));
    expect(edits()).toBe(1);
  });
});

describe('the replies of a pool digest', () => {
  it('are posted once, those that call somebody to the channel, also by another process', async () => {
    const { show, restart, replies, told } = bench();
    const failed = digests['failed'] ?? underWay;
    await show(failed);
    await show(failed);
    restart();
    await show(failed);
    expect(replies().map(({ threadTs, broadcast }) => ({ threadTs, broadcast }))).toEqual([
      { threadTs: told()[0]?.ts, broadcast: false },
      { threadTs: told()[0]?.ts, broadcast: true },
    ]);
    expect(replies()[1]?.text).toContain('6 nodes did not come back');
  });

  it('are posted once, although nobody heard that one arrived', async () => {
    const { show, restart, replies, slack } = bench();
    await show(aDigest());
    slack.fail('chat.postMessage', 'lost');
    const decided = digests['under-way'] ?? aDigest();
    await expect(show(decided)).rejects.toMatchObject({ code: 'chat-unreachable' });
    restart();
    await show(decided);
    expect(replies()).toHaveLength(1);
  });

  it('of the end are none: the message says it', async () => {
    const { show, replies } = bench();
    await show(aDigest());
    await show(
      aDigest({ counts: { ...noCounts, total: 3, done: 3 }, rows: [], closedAt: aDigest().now + hour }),
    );
    expect(replies()).toEqual([]);
  });
});
