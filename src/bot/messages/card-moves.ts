/** Moves a card: to the channel of another pool, or to the end of its channel when it asks again. */
import { asksAgainSince } from '../../reboot/approval/asks-again.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { CardData } from '../../reboot/card/card-facts.ts';
import type { MessageRef } from '../../reboot/state/chat-record.ts';
import type { Phase } from '../../reboot/state/reboot.ts';
import { hour, second, toInstant, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { MessageView } from '../blocks/blocks.ts';
import type { WriterOptions } from './card-post.ts';
import type { Urgency } from '../connection/gateway.ts';
import type { Save } from './posted-message.ts';
import { movedCard, movedToPool } from '../views/card/card.ts';

export interface CardMoves {
  /** Drops the reference to a card that has to be posted elsewhere. */
  before(data: CardData, save: Save): Promise<void>;
  /** Edits the old card to point to the new one. */
  after(data: CardData, save: Save): Promise<void>;
}

/** A card older than this has scrolled away: an edit would not be noticed. */
const scrolledAwayAfter: Millis = 8 * hour;

const waiting: ReadonlySet<Phase> = new Set(['Pending', 'Snoozed', 'Denied', 'Approved'] as const);

/**
 * Only while the reboot waits, and only if its pool changed: a new channel in the configuration does not move
 * cards.
 */
const hasMoved = ({ reboot, channel }: CardData, known: string): boolean =>
  known !== channel && waiting.has(reboot.state.phase) && reboot.history.some(({ what }) => what === 'moved');

const postedAt = ({ ts }: MessageRef): Instant => Number(ts) * second;

export function createCardMoves(options: WriterOptions): CardMoves {
  const { gateway, logger, postedMessage } = options;

  /**
   * Best effort: if Slack refuses the edit (an archived channel, for example), the new card is not delayed.
   */
  const editOld = async (ref: MessageRef, view: MessageView, urgency: Urgency): Promise<void> => {
    try {
      await gateway.update({ ref, view, urgency });
    } catch (error) {
      if (!(error instanceof PortError) || error.retryable) throw error;
      logger.warn('old card cannot be edited and does not say where the new one is', { err: error });
    }
  };

  /**
   * The approvers of the new pool may be in another channel. The old card names that channel and is not
   * edited again.
   */
  const moveToPool = async (data: CardData, save: Save): Promise<void> => {
    const known = postedMessage.record.card;
    if (known === undefined || !hasMoved(data, known.channel)) return;
    const ref = { channel: known.channel, ts: known.ts };
    await editOld(ref, movedToPool(data), 'decision');
    logger.info('card follows its node into the channel of another pool');
    await postedMessage.update(({ replies, digest }) => ({ replies, ...(digest ? { digest } : {}) }), save);
  };

  /** An edit of an old card is not noticed: the card is posted again. */
  const repost = async (data: CardData, save: Save): Promise<void> => {
    const since = asksAgainSince(data.reboot);
    const { card: old } = postedMessage.record;
    if (since === undefined || old === undefined || toInstant(since) - postedAt(old) < scrolledAwayAfter)
      return;
    const former = { channel: old.channel, ts: old.ts };
    await postedMessage.update(
      ({ replies, digest }) => ({ replies, former, ...(digest ? { digest } : {}) }),
      save,
    );
  };

  const editFormer = async (data: CardData, save: Save): Promise<void> => {
    const { former, card: now } = postedMessage.record;
    if (former === undefined || now === undefined) return;
    await editOld(former, movedCard(data, options.permalink?.(now)), 'phase');
    await postedMessage.update(({ former: _told, ...record }) => record, save);
  };

  return {
    before: async (data, save) => {
      await moveToPool(data, save);
      await repost(data, save);
    },
    after: editFormer,
  };
}
