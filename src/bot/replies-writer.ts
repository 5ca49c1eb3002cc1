/** Keeps the replies of a thread: each is posted once and for good. */
import type { CardData } from '../reboot/ports.ts';
import { minute, second, type Instant, type Millis } from '../reboot/time.ts';
import type { WriterOptions } from './card-post.ts';
import type { Writer } from './card-writer.ts';
import { postReply } from './reply-post.ts';
import type { Save } from './shown.ts';
import { replies, type LongWait, type Reply } from './views/replies.ts';

/** A budget that holds a drain back for this long is worth a message of its own. */
const longWait: Millis = 5 * minute;

export function createRepliesWriter(options: WriterOptions): Writer {
  const { clock, shown } = options;
  const heldSince = new Map<string, Instant>();

  const post = async (data: CardData, reply: Reply, save: Save): Promise<void> => {
    const known = shown.record.replies[reply.key];
    if (known) return;
    const keep = (ts: string): Promise<void> =>
      shown.keep((record) => ({ ...record, replies: { ...record.replies, [reply.key]: ts } }), save);
    // Known and empty: begun, and nobody heard whether it arrived. All replies are younger than the card.
    const begun = known === undefined ? {} : { begun: Number(shown.record.card?.ts ?? 0) * second };
    if (known === undefined) await keep('');
    await keep(await postReply(options, data, { ...reply, ...begun }));
  };

  return {
    write: async (data, save) => {
      const { due, next } = longWaits(data, heldSince, clock.now());
      for (const reply of replies(data, due)) await post(data, reply, save);
      return next;
    },
  };
}

interface LongWaits {
  readonly due: readonly LongWait[];
  /** When the next budget will have held the drain back for long. */
  readonly next: Instant | undefined;
}

/** Remembers in `heldSince` since when each budget has held the drain back without a break. */
function longWaits(
  { reboot: { state } }: CardData,
  heldSince: Map<string, Instant>,
  now: Instant,
): LongWaits {
  const held = state.phase === 'Draining' ? (state.drain?.waiting ?? []) : [];
  for (const budget of heldSince.keys()) {
    if (!held.some((block) => block.budget === budget)) heldSince.delete(budget);
  }
  for (const { budget } of held) if (!heldSince.has(budget)) heldSince.set(budget, now);
  const ends = held.map((block) => ({ block, long: (heldSince.get(block.budget) ?? now) + longWait }));
  const later = ends.filter(({ long }) => long > now).map(({ long }) => long);
  return {
    due: ends.filter(({ long }) => long <= now).map(({ block }) => ({ block, waited: longWait })),
    next: later.length === 0 ? undefined : Math.min(...later),
  };
}
