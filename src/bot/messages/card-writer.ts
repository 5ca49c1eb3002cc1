/** Keeps one card: has it posted once, and edits it whenever it would say something else. */
import type { CardData } from '../../reboot/words/card-facts.ts';
import type { Phase } from '../../reboot/state/reboot.ts';
import { second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import { actions } from '../blocks.ts';
import { createCardMoves } from './card-moves.ts';
import { createCardPost, type WriterOptions } from './card-post.ts';
import type { Urgency } from '../connection/gateway.ts';
import { hashOf } from './hash.ts';
import type { Save } from './posted-message.ts';
import { buttonsFor } from '../views/card/buttons.ts';
import { card } from '../views/card/card.ts';
import { headline } from '../views/card/headline.ts';

/** Brings one part of a Reboot's messages up to date. */
export interface Writer {
  /** Returns when it should be called again, if something was put off. */
  write(data: CardData, save: Save): Promise<Instant | undefined>;
}

/**
 * Between two edits of a card whose buttons stay the same while it runs: the thread has the details sooner.
 */
const detailsEvery: Millis = 10 * second;

export function createCardWriter(options: WriterOptions): Writer {
  const { gateway, clock, logger, shown } = options;
  const posts = createCardPost(options);
  const moves = createCardMoves(options);
  /** The hash that the edit under way will leave behind. */
  let wanted: string | undefined;
  let last: { readonly at: Instant; readonly essence: string } | undefined;

  const edit = async (data: CardData, save: Save): Promise<void> => {
    const view = card(data);
    const hash = hashOf(view);
    const known = shown.record.card;
    if (known === undefined || (wanted ?? known.hash) === hash) return;
    wanted = hash;
    last = { at: clock.now(), essence: essence(data) };
    const ref = { channel: known.channel, ts: known.ts };
    try {
      const result = await gateway.update({ ref, view, urgency: urgencyOf(data.reboot.state.phase) });
      if (result === 'updated') await shown.keep((record) => ({ ...record, card: { ...ref, hash } }), save);
      if (result === 'missing') await replace(data, save);
    } finally {
      if (wanted === hash) wanted = undefined;
    }
  };

  /**
   * The card is deleted or can be edited no more. The new one gets a thread of its own, in which old news is
   * not repeated.
   */
  const replace = async (data: CardData, save: Save): Promise<void> => {
    logger.info('card is deleted or cannot be edited any more, and is posted anew');
    await shown.keep(({ replies, digest }) => ({ replies, ...(digest ? { digest } : {}) }), save);
    await posts.ensure(data, save);
  };

  return {
    write: async (data, save) => {
      await moves.before(data, save);
      await posts.ensure(data, save);
      await moves.after(data, save);
      const next = (last?.at ?? -Infinity) + detailsEvery;
      const onlyDetails = last?.essence === essence(data);
      if (onlyDetails && clock.now() < next)
        return shown.record.card?.hash === hashOf(card(data)) ? undefined : next;
      await edit(data, save);
      return undefined;
    },
  };
}

const underWay: ReadonlySet<Phase> = new Set(['Draining', 'Rebooting', 'Settling'] as const);

/**
 * While a reboot is carried out: the title and the buttons. Before and after: everything, since people decide
 * by it.
 */
function essence(data: CardData): string {
  if (!underWay.has(data.reboot.state.phase)) return hashOf(card(data));
  return hashOf({ text: headline(data.reboot), blocks: actions(buttonsFor(data)) });
}

const afterwards: ReadonlySet<Phase> = new Set(['Rebooting', 'Settling', 'Succeeded', 'Superseded'] as const);

/** What a person may have decided a moment ago is repainted first. */
const urgencyOf = (phase: Phase): Urgency => (afterwards.has(phase) ? 'phase' : 'decision');
