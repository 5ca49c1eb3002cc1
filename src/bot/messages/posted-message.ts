/** What is posted, as stored by another process and by this one. */
import type { ChatRecord } from '../../reboot/state/chat-record.ts';
import { type Clock, type Instant, type Millis, second } from '../../reboot/time/time.ts';

export type SaveRecord<R> = (record: R) => Promise<void>;
export type Save = SaveRecord<ChatRecord>;

export interface PostedRecord<R> {
  readonly record: R;
  /** Merges a record read from the store, which may be older than the one in memory. */
  merge(stored: R): void;
  /** Changes the record and stores it; saves are serialised. */
  update(change: (record: R) => R, save: SaveRecord<R>): Promise<void>;
  /**
   * Changes the record in memory. The next update stores it, or `flush` if none comes soon. Only for facts
   * that can be recovered after a loss: a hash by one more edit, a begun reply by its metadata.
   */
  note(change: (record: R) => R): void;
  /** When `flush` has to be called for what was noted; undefined when it is stored. */
  dueAt(): Instant | undefined;
  /**
   * Stores the record again if its last save failed, if the stored record was recreated without the message,
   * or
   * if what was noted is due. Without this call it would wait for the next change, which may never come.
   */
  flush(save: SaveRecord<R>): Promise<void>;
}

/** Most notes are followed by an update within this time. */
const notedFor: Millis = 5 * second;

export type PostedMessage = PostedRecord<ChatRecord>;

export interface Merging<R> {
  /** `base`: the stored record as this process last read or wrote it. */
  readonly merged: (ours: R, stored: R, base: R) => R;
  /** The stored record lacks the message. */
  readonly isLost: (ours: R, stored: R) => boolean;
}

export function createPostedRecord<R>(
  stored: R,
  { merged: merge, isLost }: Merging<R>,
  clock: Pick<Clock, 'now'>,
): PostedRecord<R> {
  let record = stored;
  /** The stored record as this process last read or wrote it. */
  let base = stored;
  let saving: Promise<unknown> = Promise.resolve();
  let isStored = true;
  let due: Instant | undefined;
  const store = async (save: SaveRecord<R>): Promise<void> => {
    // A failed save rejects only its own caller; the next one writes the whole record.
    const turn = saving.then(async () => {
      isStored = false;
      due = undefined;
      const saved = record;
      await save(saved);
      base = saved;
      isStored = true;
    });
    saving = turn.catch(() => undefined);
    await turn;
  };
  return {
    get record() {
      return record;
    },
    merge: (read) => {
      record = merge(record, read, base);
      base = read;
      if (isLost(record, read)) isStored = false;
    },
    update: async (change, save) => {
      record = change(record);
      await store(save);
    },
    note: (change) => {
      record = change(record);
      due ??= clock.now() + notedFor;
    },
    dueAt: () => due,
    flush: async (save) => {
      await saving;
      if (!isStored || (due !== undefined && clock.now() >= due)) await store(save);
    },
  };
}

export const createPostedMessage = (stored: ChatRecord, clock: Pick<Clock, 'now'>): PostedMessage =>
  createPostedRecord(
    stored,
    { merged, isLost: (ours, read) => ours.card !== undefined && read.card === undefined },
    clock,
  );

function merged(ours: ChatRecord, stored: ChatRecord, base: ChatRecord): ChatRecord {
  const former = ours.former ?? stored.former;
  const card = notFormer(former, later(ours.card, stored.card, base.card));
  const progress = later(ours.progress, stored.progress, base.progress);
  const posting = stored.posting ?? ours.posting;
  const digest = later(ours.digest, stored.digest, base.digest);
  return {
    replies: bothReplies(ours.replies, stored.replies),
    ...(card ? { card } : {}),
    ...(former ? { former } : {}),
    ...(progress ? { progress } : {}),
    ...(digest ? { digest } : {}),
    ...(posting && !card ? { posting } : {}),
  };
}

/** A record read before the card moved still references the old card. */
const notFormer = (former: ChatRecord['former'], card: ChatRecord['card']): ChatRecord['card'] =>
  card !== undefined && card.ts === former?.ts ? undefined : card;

/**
 * Keeps the reference that was posted later. Keeps our hash if the stored one equals that of `base`, and
 * otherwise no hash, since another replica may have edited the message.
 */
export function later<T extends { readonly ts: string; readonly hash: string }>(
  ours: T | undefined,
  stored: T | undefined,
  base: T | undefined,
): T | undefined {
  if (ours === undefined || stored === undefined) return ours ?? stored;
  if (ours.ts !== stored.ts) return Number(ours.ts) > Number(stored.ts) ? ours : stored;
  const isKnown = stored.ts === base?.ts && stored.hash === base.hash;
  return ours.hash === stored.hash || isKnown ? ours : { ...ours, hash: '' };
}

type Replies = ChatRecord['replies'];

/** A known timestamp wins over a post that was only begun. */
export const bothReplies = (ours: Replies, stored: Replies): Replies => ({
  ...begun(ours),
  ...begun(stored),
  ...posted(ours),
  ...posted(stored),
});

const posted = (replies: Replies): Replies =>
  Object.fromEntries(Object.entries(replies).filter(([, ts]) => ts !== ''));
const begun = (replies: Replies): Replies =>
  Object.fromEntries(Object.entries(replies).filter(([, ts]) => ts === ''));
