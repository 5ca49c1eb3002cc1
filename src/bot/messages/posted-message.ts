/** What is posted for one Reboot: the stored record, merged with the writes of this process. */
import type { ChatRecord } from '../../reboot/state/chat-record.ts';

export type Save = (record: ChatRecord) => Promise<void>;

export interface PostedMessage {
  readonly record: ChatRecord;
  /** Merges a record read from the store, which may be older than the one in memory. */
  merge(stored: ChatRecord): void;
  /** Changes the record and stores it; saves are serialised. */
  update(change: (record: ChatRecord) => ChatRecord, save: Save): Promise<void>;
  /**
   * Stores the record again if its last save failed, or if the stored record was recreated without the card.
   * Without this call it would wait for the next change, which may never come.
   */
  flush(save: Save): Promise<void>;
}

export function createPostedMessage(stored: ChatRecord): PostedMessage {
  let record = stored;
  let saving: Promise<unknown> = Promise.resolve();
  let isStored = true;
  const store = async (save: Save): Promise<void> => {
    // A failed save rejects only its own caller; the next one writes the whole record.
    const turn = saving.then(async () => {
      isStored = false;
      await save(record);
      isStored = true;
    });
    saving = turn.catch(() => undefined);
    await turn;
  };
  return {
    get record() {
      return record;
    },
    merge: (stored) => {
      record = merged(record, stored);
      if (record.card !== undefined && stored.card === undefined) isStored = false;
    },
    update: async (change, save) => {
      record = change(record);
      await store(save);
    },
    flush: async (save) => {
      await saving;
      if (!isStored) await store(save);
    },
  };
}

function merged(ours: ChatRecord, stored: ChatRecord): ChatRecord {
  const former = ours.former ?? stored.former;
  const card = notFormer(former, later(ours.card, stored.card));
  const progress = later(ours.progress, stored.progress);
  const posting = stored.posting ?? ours.posting;
  const digest = later(ours.digest, stored.digest);
  return {
    replies: {
      ...begun(ours.replies),
      ...begun(stored.replies),
      ...posted(ours.replies),
      ...posted(stored.replies),
    },
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
 * Of two references the one posted later. Of two hashes neither, unless they are equal: another replica may
 * have edited.
 */
function later<T extends { readonly ts: string; readonly hash: string }>(
  ours: T | undefined,
  stored: T | undefined,
): T | undefined {
  if (ours === undefined || stored === undefined) return ours ?? stored;
  if (ours.ts !== stored.ts) return Number(ours.ts) > Number(stored.ts) ? ours : stored;
  return ours.hash === stored.hash ? ours : { ...ours, hash: '' };
}

type Replies = ChatRecord['replies'];
const posted = (replies: Replies): Replies =>
  Object.fromEntries(Object.entries(replies).filter(([, ts]) => ts !== ''));
const begun = (replies: Replies): Replies =>
  Object.fromEntries(Object.entries(replies).filter(([, ts]) => ts === ''));
