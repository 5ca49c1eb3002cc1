import { createHash } from 'node:crypto';
import type { Chat } from '../../../src/reboot/ports/chat.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { NotAppliedNotice } from '../../../src/reboot/ports/decisions/many-decisions.ts';
import type { RefusedConfigNotice } from '../../../src/reboot/ports/refused-config.ts';
import { type Instant, minute, toInstant, toTimestamp } from '../../../src/reboot/time/time.ts';
import type { Notice } from '../../../src/reboot/nodes/node-note.ts';
import type { ChatRecord } from '../../../src/reboot/state/chat-record.ts';
import type { CardData } from '../../../src/reboot/card/card-facts.ts';
import type { UnreadableNotice } from '../../../src/reboot/words/unreadable.ts';
import type { PoolDigestData } from '../../../src/reboot/pool-digest/message/digest-facts.ts';
import type { DigestChat } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { type FakeChannel, fakeChannel } from './fake-channel.ts';

export interface FakeChat extends Chat {
  readonly channel: FakeChannel;
  /** The latest data of each Reboot. */
  readonly cards: Map<string, CardData>;
  /** The latest data of the digest of each pool. */
  readonly digests: Map<string, PoolDigestData>;
  readonly notices: Notice[];
  readonly reports: UnreadableNotice[];
  readonly refusals: RefusedConfigNotice[];
  readonly notApplied: NotAppliedNotice[];
  /** Cards that this process has posted. */
  posts: number;
  /** Every call fails with it. */
  down: Error | undefined;
}

type Save = (record: ChatRecord) => Promise<void>;
type SaveDigest = (record: DigestChat) => Promise<void>;

/** One process that posts to a channel. Its messages are plain words for tests to look at. */
export function fakeChat(now: () => Instant, channel: FakeChannel = fakeChannel(now)): FakeChat {
  /** What this process knows of its messages, which may be more than what is stored. */
  const known = new Map<string, ChatRecord>();
  const knownDigests = new Map<string, DigestChat>();
  const showing = new Map<string, Promise<void>>();

  const postCard = async (data: CardData, record: ChatRecord, save: Save): Promise<ChatRecord> => {
    const { name } = data.reboot;
    if (record.posting !== undefined) {
      const found = channel.find(record.posting.channel, name, toInstant(record.posting.at));
      if (found !== undefined) return withCard(record, { channel: found.channel, ts: found.ts, hash: '' });
    }
    const begun = { ...record, posting: { channel: data.channel, at: toTimestamp(now()) } };
    known.set(name, begun);
    await save(begun);
    const ts = await channel.post({ channel: data.channel, key: name, text: textOf(data) });
    fake.posts += 1;
    return withCard(begun, { channel: data.channel, ts, hash: hashOf(data) });
  };

  const postNews = async (data: CardData, record: ChatRecord, save: Save): Promise<void> => {
    const news = newsOf(data);
    const { card } = record;
    if (news === undefined || card === undefined || record.replies[news.key] !== undefined) return;
    const remember = async (ts: string): Promise<void> => {
      const next = { ...record, replies: { ...record.replies, [news.key]: ts } };
      known.set(data.reboot.name, next);
      await save(next);
    };
    await remember('');
    await remember(await channel.post({ ...news, channel: card.channel, thread: card.ts }));
  };

  const show = async (data: CardData, save: Save): Promise<void> => {
    const { name } = data.reboot;
    const store = async (record: ChatRecord): Promise<ChatRecord> => {
      known.set(name, record);
      await save(record);
      return record;
    };
    let record = newest(known.get(name), data.reboot.chat);
    known.set(name, record);
    if (record.card === undefined) record = await store(await postCard(data, record, save));
    const hash = hashOf(data);
    if (record.card !== undefined && record.card.hash !== hash) {
      const isThere = channel.edit(record.card.ts, textOf(data));
      record = await store(
        isThere
          ? withCard(record, { ...record.card, hash })
          : await postCard(data, { replies: record.replies }, save),
      );
    }
    fake.cards.set(name, data);
    await postNews(data, record, save);
  };

  const showDigest = async (data: PoolDigestData, save: SaveDigest): Promise<void> => {
    const { id, channel: place } = data;
    const stored = data.chat;
    const ours = knownDigests.get(id);
    let record = Number(ours?.message?.ts ?? 0) > Number(stored.message?.ts ?? 0) ? (ours ?? stored) : stored;
    const store = async (next: DigestChat): Promise<void> => {
      record = next;
      await save(next);
      knownDigests.set(id, next);
    };
    const text = digestText(data);
    if (record.message === undefined) {
      const begun = record.posting;
      const found = begun && channel.find(begun.channel, id, toInstant(begun.at));
      if (!found) await store({ posting: { channel: place, at: toTimestamp(now()) } });
      const ts = found?.ts ?? (await channel.post({ channel: place, key: id, text }));
      if (!found) fake.posts += 1;
      await store({
        message: { channel: place, ts, hash: found ? '' : text, revision: found ? 0 : data.revision },
      });
    }
    if (record.message !== undefined && record.message.hash !== text) {
      channel.edit(record.message.ts, text);
      await store({ ...record, message: { ...record.message, hash: text, revision: data.revision } });
    }
    fake.digests.set(data.pool, data);
  };

  const answering = (): void => {
    if (fake.down !== undefined) throw fake.down;
  };
  const postOnce = async (
    { channel: id, key, since }: { channel: string; key: string; since: Instant },
    text: string,
  ): Promise<boolean> => {
    answering();
    if (channel.find(id, key, since) !== undefined) return false;
    await channel.post({ channel: id, key, text });
    return true;
  };

  const fake: FakeChat = {
    channel,
    digests: new Map(),
    cards: new Map(),
    notices: [],
    reports: [],
    refusals: [],
    notApplied: [],
    posts: 0,
    down: undefined,
    async show(data, save) {
      answering();
      const { name } = data.reboot;
      const before = showing.get(name) ?? Promise.resolve();
      const turn = before.catch(() => undefined).then(() => show(data, save));
      showing.set(name, turn);
      await turn;
    },
    async showDigest(data, save) {
      answering();
      const before = showing.get(data.id) ?? Promise.resolve();
      const turn = before.catch(() => undefined).then(() => showDigest(data, save));
      showing.set(data.id, turn);
      await turn;
    },
    async hasNotice({ key, channel: id }, begun) {
      answering();
      return channel.find(id, key, begun) !== undefined;
    },
    async notify(notice) {
      answering();
      if (now() >= notice.before)
        throw new PortError('chat-unreachable', 'The time for this notice has passed.', { retryable: true });
      await channel.post({ channel: notice.channel, key: notice.key, text: noticeText(notice) });
      fake.notices.push(notice);
    },
    async report(notice) {
      if (await postOnce(notice, notice.sentence)) fake.reports.push(notice);
    },
    async reportConfig(notice) {
      if (await postOnce(notice, notice.problems.join('\n'))) fake.refusals.push(notice);
    },
    async reportNotApplied(notice) {
      const text = notice.refusals.map(({ node, sentence }) => `${node}: ${sentence}`).join('\n');
      if (await postOnce(notice, text)) fake.notApplied.push(notice);
    },
  };
  return fake;
}

function withCard(record: ChatRecord, card: NonNullable<ChatRecord['card']>): ChatRecord {
  const { posting: _, ...rest } = record;
  return { ...rest, card };
}

/** The record with the later card, and the replies of both. */
function newest(ours: ChatRecord | undefined, stored: ChatRecord): ChatRecord {
  if (ours === undefined) return stored;
  const isOurs = Number(ours.card?.ts ?? 0) > Number(stored.card?.ts ?? 0);
  const record = isOurs ? ours : stored;
  return { ...record, replies: { ...ours.replies, ...stored.replies } };
}

const textOf = ({ reboot: { node, state }, blockers }: CardData): string =>
  [`${node.name}: ${state.phase}`, ...blockers.map(({ sentence }) => sentence)].join('\n');

/** Of everything that a card may show. */
function hashOf({ reboot, ...data }: CardData): string {
  const { chat: _, version: __, ...shown } = reboot;
  return createHash('sha256')
    .update(JSON.stringify([data, shown]))
    .digest('hex')
    .slice(0, 16);
}

/** What people are told of a phase, once. */
function newsOf({ reboot: { node, state } }: CardData) {
  if (state.phase === 'Approved')
    return { key: `approved@${state.decision.at}`, text: `${node.name} was approved.` };
  return state.phase === 'Failed'
    ? { key: `failed@${state.since}`, text: `${node.name} failed.`, broadcast: true }
    : undefined;
}

/** Of everything that the message of a digest may show. */
const digestText = ({ now: _now, chat: _chat, ...data }: PoolDigestData): string =>
  `${data.counts.total} nodes of pool ${data.pool}: ${createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16)}`;

const noticeText = (notice: Notice): string =>
  notice.topic === 'unknownSignals'
    ? `For ${notice.lasted / minute} min it is not known whether ${notice.nodes.join(', ')} need a reboot: ${notice.signals.join(', ')}: ${notice.reason}.`
    : `${notice.nodes.join(', ')} have another rebooter: ${notice.reason}.`;
