/** Keeps one card: posts it once, and edits it when its content changes. */
import type { CardData } from '../../reboot/card/card-facts.ts';
import type { Phase } from '../../reboot/state/reboot.ts';
import { second, type Instant, type Millis } from '../../reboot/time/time.ts';
import { actions } from '../blocks/blocks.ts';
import { createCardMoves } from './card-moves.ts';
import { cardOf, createCardPost, type WriterOptions } from './card-post.ts';
import type { Urgency } from '../connection/gateway.ts';
import { hashOf } from './hash.ts';
import type { Save } from './posted-message.ts';
import { buttonsFor } from '../views/card/buttons.ts';
import { card } from '../views/card/card.ts';
import { headline } from '../views/card/headline.ts';

/** Updates one part of a Reboot's messages. */
export interface Writer {
  /** Returns when to call it again, if an edit was deferred. */
  write(data: CardData, save: Save): Promise<Instant | undefined>;
}

/**
 * Minimum interval between edits of a running reboot's card while its title and buttons stay the same: the
 * thread has the details earlier.
 */
const minEditInterval: Millis = 10 * second;

export function createCardWriter(options: WriterOptions): Writer {
  const { gateway, clock, logger, postedMessage } = options;
  const posts = createCardPost(options);
  const moves = createCardMoves(options);
  /** The hash of the edit that is running. */
  let pendingHash: string | undefined;
  let last: { readonly at: Instant; readonly throttleKey: string } | undefined;

  const edit = async (data: CardData, save: Save): Promise<void> => {
    const view = cardOf(options, data);
    const hash = hashOf(view);
    const known = postedMessage.record.card;
    if (known === undefined || (pendingHash ?? known.hash) === hash) return;
    pendingHash = hash;
    const key = throttleKey(data);
    const urgency = last?.throttleKey === key ? 'progress' : urgencyOf(data.reboot.state.phase);
    last = { at: clock.now(), throttleKey: key };
    const ref = { channel: known.channel, ts: known.ts };
    try {
      const result = await gateway.update({ ref, view, urgency });
      if (result === 'updated') postedMessage.note((record) => ({ ...record, card: { ...ref, hash } }));
      if (result === 'missing') await replace(data, save);
    } finally {
      if (pendingHash === hash) pendingHash = undefined;
    }
  };

  /**
   * The card is deleted or no longer editable. The new one has a thread of its own, without the earlier
   * replies.
   */
  const replace = async (data: CardData, save: Save): Promise<void> => {
    logger.info('card is deleted or cannot be edited any more, and is posted anew');
    await postedMessage.update(({ replies, digest }) => ({ replies, ...(digest ? { digest } : {}) }), save);
    await posts.ensure(data, save);
  };

  return {
    write: async (data, save) => {
      await moves.before(data, save);
      await posts.ensure(data, save);
      await moves.after(data, save);
      const next = (last?.at ?? -Infinity) + minEditInterval;
      const onlyDetails = last?.throttleKey === throttleKey(data);
      if (onlyDetails && clock.now() < next)
        return postedMessage.record.card?.hash === hashOf(cardOf(options, data)) ? undefined : next;
      await edit(data, save);
      return undefined;
    },
  };
}

const runningPhases: ReadonlySet<Phase> = new Set(['Draining', 'Rebooting', 'Settling'] as const);

/**
 * A change of it is never deferred. During a reboot: the title and the buttons. Otherwise the whole card,
 * since people decide by it.
 */
function throttleKey(data: CardData): string {
  if (!runningPhases.has(data.reboot.state.phase)) return hashOf(card(data));
  return hashOf({ text: headline(data.reboot), blocks: actions(buttonsFor(data)) });
}

const backgroundPhases: ReadonlySet<Phase> = new Set([
  'Rebooting',
  'Settling',
  'Succeeded',
  'Superseded',
] as const);

/** Phases that may follow a person's decision are updated first. */
const urgencyOf = (phase: Phase): Urgency => (backgroundPhases.has(phase) ? 'phase' : 'decision');
