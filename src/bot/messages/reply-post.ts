/**
 * Posts a reply into a card's thread once per key: the intent is stored before the post, the reference after
 * it, as for a card.
 */
import type { CardData } from '../../reboot/card/card-facts.ts';
import type { Instant } from '../../reboot/time/time.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import type { MessageView } from '../blocks/blocks.ts';
import type { WriterOptions } from './card-post.ts';
import { findMessage } from './find-message.ts';

export interface ReplyPost {
  readonly key: string;
  readonly view: MessageView;
  readonly broadcast?: boolean;
  /** When an earlier attempt with an unknown result was made; its message is searched for first. */
  readonly begun?: Instant;
}

/** Returns the reply's timestamp. */
export async function postReply(
  { gateway, logger, postedMessage }: WriterOptions,
  data: CardData,
  reply: ReplyPost,
): Promise<string> {
  const { card } = postedMessage.record;
  if (card === undefined) throw new TypeError('a thread needs its card');
  const metadata = {
    event_type: metadataTypes.reply,
    event_payload: { cluster: data.cluster, reboot: data.reboot.name, key: reply.key },
  };
  const place = { channel: card.channel, threadTs: card.ts, metadata };
  const { begun, view, broadcast = false } = reply;
  const earlier =
    begun === undefined ? undefined : await findMessage(gateway, logger, { ...place, since: begun });
  if (earlier !== undefined) return earlier;
  // A broadcast is for what a person must see: it goes before all that does not ask for anybody.
  const urgency = broadcast ? 'decision' : 'phase';
  const { ts } = await gateway.post({ ...place, view, broadcast, urgency });
  return ts;
}
