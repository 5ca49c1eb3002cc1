/**
 * Keeps the progress message of a thread: posted once, then edited at a pace that a person can read and
 * Slack's limits allow.
 */
import type { CardData } from '../../reboot/words/card-facts.ts';
import type { ChatRecord } from '../../reboot/state/chat-record.ts';
import type { Phase, RebootState } from '../../reboot/state/reboot.ts';
import { second, toInstant, toTimestamp, type Instant, type Millis } from '../../reboot/ports/time.ts';
import type { MessageView } from '../blocks.ts';
import type { WriterOptions } from './card-post.ts';
import type { Writer } from './card-writer.ts';
import { hashOf } from './hash.ts';
import { postReply } from './reply-post.ts';
import type { Save } from './posted-message.ts';
import { progress } from '../views/card/thread.ts';

const firstPause: Millis = 2 * second;
const longestPause: Millis = 30 * second;

type Posted = NonNullable<ChatRecord['progress']>;

export function createProgressWriter(options: WriterOptions): Writer {
  const { gateway, clock, shown } = options;
  /** The phase that the message tells of, and since when: what the pauses grow from. */
  let told: { readonly phase: Phase; readonly since: Instant } | undefined;

  const keep = (posted: Posted, save: Save): Promise<void> =>
    shown.keep((record) => ({ ...record, progress: posted }), save);

  const post = async (data: CardData, view: MessageView, save: Save): Promise<void> => {
    const earlier = shown.record.progress;
    const at = toTimestamp(clock.now());
    if (earlier === undefined) await keep({ ts: '', hash: '', at }, save);
    const begun = earlier === undefined ? {} : { begun: toInstant(earlier.at) };
    const ts = await postReply(options, data, { key: 'progress', view, ...begun });
    // Of a message that was found, what it says is not known. The next pause counts from now: posting may
    // have had to wait.
    const hash = earlier === undefined ? hashOf(view) : '';
    await keep({ ts, hash, at: toTimestamp(clock.now()) }, save);
  };

  const edit = async (
    data: CardData,
    view: MessageView,
    { ts, save }: { ts: string; save: Save },
  ): Promise<void> => {
    const { phase } = data.reboot.state;
    const isNews = told?.phase !== phase;
    if (isNews) told = { phase, since: clock.now() };
    const at = toTimestamp(clock.now());
    const ref = { channel: shown.record.card?.channel ?? data.channel, ts };
    const result = await gateway.update({ ref, view, urgency: isNews ? 'phase' : 'progress' });
    if (result === 'updated') await keep({ ts, hash: hashOf(view), at }, save);
    if (result === 'missing') {
      await shown.keep(({ progress: _deleted, ...record }) => record, save);
      await post(data, view, save);
    }
  };

  /** A new phase is told at once, save where the next news is expected within a moment. */
  const dueAt = ({ reboot: { state } }: CardData, last: Instant): Instant => {
    if (told?.phase === state.phase) return nextEdit(last, told.since);
    if (!isPassing(state)) return -Infinity;
    told = { phase: state.phase, since: clock.now() };
    return clock.now() + firstPause;
  };

  const show = async (data: CardData, view: MessageView, save: Save): Promise<Instant | undefined> => {
    const { phase } = data.reboot.state;
    if (!shown.record.progress?.ts) {
      await post(data, view, save);
      told = { phase, since: clock.now() };
    }
    const posted = shown.record.progress;
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
 * The first look at a node that is back finds things missing that are there a second later; ends are tidied
 * up at once.
 */
const isPassing = (state: RebootState): boolean =>
  state.phase === 'Settling' || (state.phase === 'Succeeded' && !state.tidied);

/** The pauses double within a phase: 2 s, 4 s, 8 s …, and never exceed 30 s. */
const nextEdit = (last: Instant, since: Instant): Instant =>
  last + Math.min(longestPause, Math.max(0, last - since) + firstPause);
