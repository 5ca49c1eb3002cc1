/** Keeps the replies of a thread: each is posted once and never edited. */
import type { CardData } from '../../reboot/card/card-facts.ts';
import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import {
  minute,
  second,
  toInstant,
  type Instant,
  type Millis,
  type Timestamp,
} from '../../reboot/time/time.ts';
import type { ChatRecord } from '../../reboot/state/chat-record.ts';
import type { WriterOptions } from './card-post.ts';
import type { Writer } from './card-writer.ts';
import { postReply } from './reply-post.ts';
import type { Save } from './posted-message.ts';
import { replies, type LongWait, type Reply } from '../views/answers/replies.ts';

/** A budget that blocks a drain for this long gets a reply. */
const longWait: Millis = 5 * minute;

export function createRepliesWriter(options: WriterOptions): Writer {
  const { clock, postedMessage } = options;

  const post = async (data: CardData, reply: Reply, save: Save): Promise<void> => {
    const known = postedMessage.record.replies[reply.key];
    if (known) return;
    const posted = Number(postedMessage.record.card?.ts ?? 0) * second;
    if (reply.unlessCardSince !== undefined && posted >= toInstant(reply.unlessCardSince)) return;
    const withReply =
      (ts: string) =>
      (record: ChatRecord): ChatRecord => ({ ...record, replies: { ...record.replies, [reply.key]: ts } });
    // An empty timestamp: the post was begun and its result is unknown. Every reply is newer than its card.
    const begun = known === undefined ? {} : { begun: Number(postedMessage.record.card?.ts ?? 0) * second };
    if (known === undefined) await postedMessage.update(withReply(''), save);
    postedMessage.note(withReply(await postReply(options, data, { ...reply, ...begun })));
  };

  return {
    write: async (data, save) => {
      const { due, next } = longWaits(data, clock.now());
      for (const reply of replies(data, due)) await post(data, reply, save);
      return next;
    },
  };
}

interface LongWaits {
  readonly due: readonly LongWait[];
  /** When the next budget will have blocked the drain for `longWait`. */
  readonly next: Instant | undefined;
}

/** Computed from the stored state, so that a restart or another replica does not restart the count. */
function longWaits({ reboot: { state } }: CardData, now: Instant): LongWaits {
  const drain = state.phase === 'Draining' ? state.drain : undefined;
  if (drain === undefined) return { due: [], next: undefined };
  const blocked = longestOfEach(drain.waiting).map((block) => ({
    block,
    since: toInstant(block.since ?? drain.at),
  }));
  const later = blocked.map(({ since }) => since + longWait).filter((long) => long > now);
  return {
    due: blocked.flatMap(({ block, since }) => {
      const waited = now - since;
      // Rounded down to minutes: the check does not run at the exact second.
      return waited < longWait ? [] : [{ block, waited: waited - (waited % minute) }];
    }),
    next: later.length === 0 ? undefined : Math.min(...later),
  };
}

/** For each budget, the pod that has waited longest. */
function longestOfEach(blocks: readonly BudgetBlock[]): readonly BudgetBlock[] {
  const longest = new Map<string, BudgetBlock>();
  for (const block of blocks) {
    const known = longest.get(block.budget);
    if (known === undefined || isEarlier(block.since, known.since)) longest.set(block.budget, block);
  }
  return [...longest.values()];
}

const isEarlier = (one: Timestamp | undefined, other: Timestamp | undefined): boolean =>
  one !== undefined && (other === undefined || toInstant(one) < toInstant(other));
