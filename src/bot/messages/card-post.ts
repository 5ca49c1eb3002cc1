/** Posts a card at most once: the intent is stored before the post, the reference after it. */
import type { CardData } from '../../reboot/card/card-facts.ts';
import { type Clock, toInstant, toTimestamp } from '../../reboot/time/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { ChatRecord, MessageRef } from '../../reboot/state/chat-record.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import { findMessage } from './find-message.ts';
import type { Gateway, Metadata } from '../connection/gateway.ts';
import { hashOf } from './hash.ts';
import type { Save, PostedMessage } from './posted-message.ts';
import type { MessageView } from '../blocks/blocks.ts';
import { card } from '../views/card/card.ts';

export interface WriterOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly postedMessage: PostedMessage;
  /** The permalink of a message; undefined while the workspace's address is unknown. */
  readonly permalink?: (ref: MessageRef) => string | undefined;
}

export interface CardPost {
  /** Resolves when the card exists. Concurrent calls share one post. */
  ensure(data: CardData, save: Save): Promise<void>;
}

export const cardOf = ({ permalink }: Pick<WriterOptions, 'permalink'>, data: CardData): MessageView => {
  const { message } = data.poolDigest ?? {};
  return card(data, message && permalink?.(message));
};

export function createCardPost(options: WriterOptions): CardPost {
  const { gateway, clock, logger, postedMessage } = options;
  let posting: Promise<void> | undefined;

  const post = async (data: CardData, save: Save): Promise<void> => {
    if (await adopt(data, save)) return;
    const { channel } = data;
    await postedMessage.update(
      (record) => ({ ...record, posting: { channel, at: toTimestamp(clock.now()) } }),
      save,
    );
    const view = cardOf(options, data);
    const ref = await gateway.post({ channel, view, metadata: cardMetadata(data), urgency: 'phase' });
    await postedMessage.update(
      (record) => ({ ...withoutPosting(record), card: { ...ref, hash: hashOf(view) } }),
      save,
    );
  };

  /**
   * Adopts a card whose post was begun, if it has arrived. Its content is unknown, so that it will be edited.
   */
  const adopt = async (data: CardData, save: Save): Promise<boolean> => {
    const intent = postedMessage.record.posting;
    if (intent === undefined) return false;
    const { channel } = intent;
    const ts = await findMessage(gateway, logger, {
      channel,
      since: toInstant(intent.at),
      metadata: cardMetadata(data),
    });
    if (ts === undefined) return false;
    logger.info('card was posted before without being recorded, and is taken over');
    await postedMessage.update(
      (record) => ({ ...withoutPosting(record), card: { channel, ts, hash: '' } }),
      save,
    );
    return true;
  };

  return {
    ensure: async (data, save) => {
      if (postedMessage.record.card !== undefined) return;
      posting ??= post(data, save).finally(() => {
        posting = undefined;
      });
      await posting;
    },
  };
}

const cardMetadata = ({ cluster, reboot }: CardData): Metadata => ({
  event_type: metadataTypes.card,
  event_payload: { cluster, reboot: reboot.name },
});

const withoutPosting = ({ posting: _done, ...record }: ChatRecord): ChatRecord => record;
