/**
 * Keeps the progress message of a thread: posted once, then edited at a rate that is readable and within
 * Slack's limits.
 */
import type { CardData } from '../../reboot/card/card-facts.ts';
import type { ChatRecord } from '../../reboot/state/chat-record.ts';
import type { Phase, Reboot } from '../../reboot/state/reboot.ts';
import { second, toInstant, toTimestamp, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { MessageView } from '../blocks/blocks.ts';
import type { WriterOptions } from './card-post.ts';
import type { Writer } from './card-writer.ts';
import { hashOf } from './hash.ts';
import { postReply } from './reply-post.ts';
import type { Save } from './posted-message.ts';
import { progress } from '../views/card/thread.ts';
import { isOwed } from '../../reboot/state/clean-up.ts';

const firstInterval: Millis = 2 * second;
const maxInterval: Millis = 30 * second;

type Posted = NonNullable<ChatRecord['progress']>;

export function createProgressWriter(options: WriterOptions): Writer {
  const { gateway, clock, postedMessage } = options;
  /** The phase shown in the message, and since when; the edit interval grows from it. */
  let current: { readonly phase: Phase; readonly since: Instant } | undefined;

  const withProgress =
    (posted: Posted) =>
    (record: ChatRecord): ChatRecord => ({ ...record, progress: posted });

  const post = async (data: CardData, view: MessageView, save: Save): Promise<void> => {
    const earlier = postedMessage.record.progress;
    const at = toTimestamp(clock.now());
    if (earlier === undefined) await postedMessage.update(withProgress({ ts: '', hash: '', at }), save);
    const begun = earlier === undefined ? {} : { begun: toInstant(earlier.at) };
    const ts = await postReply(options, data, { key: 'progress', view, ...begun });
    // The content of a found message is unknown. The next interval starts now, since the post may have been
    // queued.
    const hash = earlier === undefined ? hashOf(view) : '';
    postedMessage.note(withProgress({ ts, hash, at: toTimestamp(clock.now()) }));
  };

  const edit = async (
    data: CardData,
    view: MessageView,
    { ts, save }: { ts: string; save: Save },
  ): Promise<void> => {
    const { phase } = data.reboot.state;
    const isNewPhase = current?.phase !== phase;
    if (isNewPhase) current = { phase, since: clock.now() };
    const at = toTimestamp(clock.now());
    const ref = { channel: postedMessage.record.card?.channel ?? data.channel, ts };
    const result = await gateway.update({ ref, view, urgency: isNewPhase ? 'phase' : 'progress' });
    if (result === 'updated') postedMessage.note(withProgress({ ts, hash: hashOf(view), at }));
    if (result === 'missing') {
      await postedMessage.update(({ progress: _deleted, ...record }) => record, save);
      await post(data, view, save);
    }
  };

  /** A new phase is shown at once, except where the next change is expected within moments. */
  const dueAt = ({ reboot }: CardData, last: Instant): Instant => {
    const { state } = reboot;
    if (current?.phase === state.phase) return nextEdit(last, current.since);
    if (!isTransient(reboot)) return -Infinity;
    current = { phase: state.phase, since: clock.now() };
    return clock.now() + firstInterval;
  };

  const show = async (data: CardData, view: MessageView, save: Save): Promise<Instant | undefined> => {
    const { phase } = data.reboot.state;
    if (!postedMessage.record.progress?.ts) {
      await post(data, view, save);
      current = { phase, since: clock.now() };
    }
    const posted = postedMessage.record.progress;
    if (posted === undefined || posted.hash === hashOf(view)) return undefined;
    const due = dueAt(data, toInstant(posted.at));
    if (clock.now() < due) return due;
    await edit(data, view, { ts: posted.ts, save });
    return undefined;
  };

  return {
    write: async (data, save) => {
      const view = progress(data);
      return view && show(data, view, save);
    },
  };
}

/**
 * States that change within moments: a returning node lacks things that are ready a second later, and a
 * succeeded reboot is cleaned up at once.
 */
const isTransient = ({ state, cleanup }: Reboot): boolean =>
  state.phase === 'Settling' || (state.phase === 'Succeeded' && isOwed(cleanup));

/** The interval doubles within a phase: 2 s, 4 s, 8 s …, at most 30 s. */
const nextEdit = (last: Instant, since: Instant): Instant =>
  last + Math.min(maxInterval, Math.max(0, last - since) + firstInterval);
