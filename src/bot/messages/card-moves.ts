/**
 * A card that has to be elsewhere: in the channel of another pool, or further down, where people see that it
 * asks again.
 */
import { asksAgainSince } from '../../reboot/signals/asks-again.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { CardData } from '../../reboot/words/card-facts.ts';
import type { MessageRef } from '../../reboot/state/chat-record.ts';
import type { Phase } from '../../reboot/state/reboot.ts';
import { hour, second, toInstant, type Instant, type Millis } from '../../reboot/ports/time.ts';
import type { MessageView } from '../blocks.ts';
import type { WriterOptions } from './card-post.ts';
import type { Urgency } from '../connection/gateway.ts';
import type { Save } from './posted-message.ts';
import { movedCard, movedToPool } from '../views/card/card.ts';

export interface CardMoves {
  /** Forgets the card where another has to be posted. */
  before(data: CardData, save: Save): Promise<void>;
  /** Says on the old card where the new one is. */
  after(data: CardData, save: Save): Promise<void>;
}

/** A card that is older than this has scrolled away: nobody sees that it was edited. */
const outOfSight: Millis = 8 * hour;

const waiting: ReadonlySet<Phase> = new Set(['Pending', 'Snoozed', 'Denied', 'Approved'] as const);

/**
 * Only what waits, and only where its pool changed: a channel that is renamed in the configuration takes no
 * cards along.
 */
const hasMoved = ({ reboot, channel }: CardData, known: string): boolean =>
  known !== channel && waiting.has(reboot.state.phase) && reboot.history.some(({ what }) => what === 'moved');

const postedAt = ({ ts }: MessageRef): Instant => Number(ts) * second;

export function createCardMoves(options: WriterOptions): CardMoves {
  const { gateway, logger, shown } = options;

  /**
   * The old card is a courtesy: where Slack refuses the edit (an archived channel, say), the new one must not
   * wait for it.
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
   * The people of the new pool may be in another channel. The old card says where the question is now, and is
   * left.
   */
  const follow = async (data: CardData, save: Save): Promise<void> => {
    const known = shown.record.card;
    if (known === undefined || !hasMoved(data, known.channel)) return;
    const ref = { channel: known.channel, ts: known.ts };
    await editOld(ref, movedToPool(data), 'decision');
    logger.info('card follows its node into the channel of another pool');
    await shown.keep(({ replies, digest }) => ({ replies, ...(digest ? { digest } : {}) }), save);
  };

  /** An edit of an old card reaches nobody: what asks again there is posted anew. */
  const moveIntoSight = async (data: CardData, save: Save): Promise<void> => {
    const since = asksAgainSince(data.reboot);
    const { card: old } = shown.record;
    if (since === undefined || old === undefined || toInstant(since) - postedAt(old) < outOfSight) return;
    const former = { channel: old.channel, ts: old.ts };
    await shown.keep(({ replies, digest }) => ({ replies, former, ...(digest ? { digest } : {}) }), save);
  };

  const tellFormer = async (data: CardData, save: Save): Promise<void> => {
    const { former, card: now } = shown.record;
    if (former === undefined || now === undefined) return;
    await editOld(former, movedCard(data, options.permalink?.(now)), 'phase');
    await shown.keep(({ former: _told, ...record }) => record, save);
  };

  return {
    before: async (data, save) => {
      await follow(data, save);
      await moveIntoSight(data, save);
    },
    after: tellFormer,
  };
}
