/** The Chat port on Slack: one card per Reboot, edited in place, and its thread. */
import type { CardData } from '../reboot/card/card-facts.ts';
import type { Chat } from '../reboot/ports/chat.ts';
import type { Instant } from '../reboot/time/time.ts';
import { createCardWriter, type Writer } from './messages/card-writer.ts';
import { createHaltWriter } from './messages/halt-writer.ts';
import { createSlackDigests, type SlackChatOptions } from './slack-digests.ts';
import {
  findNotice,
  postNotice,
  postNotAppliedNotice,
  postRefusedConfigNotice,
  postUnreadableNotice,
} from './messages/notice-post.ts';
import { createDigestWriter } from './messages/digest-writer.ts';
import { createProgressWriter } from './messages/progress-writer.ts';
import { createRepliesWriter } from './messages/replies-writer.ts';
import { createPostedMessage, type Save, type PostedMessage } from './messages/posted-message.ts';

interface RebootMessages {
  readonly postedMessage: PostedMessage;
  readonly card: Writer;
  readonly thread: Chain;
  /** The digest of a rollout, if the Reboot leads one. */
  readonly rolloutDigest: Chain;
  /** The latest data to show, and how to store the references. */
  latest: { readonly data: CardData; readonly save: Save };
  refreshAt: Instant;
}

/** Writers that run one after the other, in this order. */
interface Chain {
  readonly writers: readonly Writer[];
  writing: Promise<Instant | undefined>;
}

/** Reboots cached between two calls. An evicted one costs at most one superfluous edit. */
const maxCached = 2000;

export function createSlackChat(options: SlackChatOptions): Chat {
  const { clock, sleep, logger, signal, logOf = () => logger } = options;
  const cache = new Map<string, RebootMessages>();

  const messagesOf = (data: CardData, save: Save): RebootMessages => {
    const key = `${data.cluster} ${data.reboot.name}`;
    const known = cache.get(key);
    cache.delete(key);
    const messages = known ?? createMessages(options, data, save);
    cache.set(key, messages);
    const oldest = cache.size > maxCached ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    return messages;
  };

  const update = async (messages: RebootMessages): Promise<void> => {
    const { data, save } = messages.latest;
    await messages.postedMessage.flush(save);
    const cardDue = await messages.card.write(data, save);
    const threadDue = await write(messages, messages.thread);
    const digestDue = await write(messages, messages.rolloutDigest);
    const due = earliest(cardDue, threadDue, digestDue, messages.postedMessage.dueAt());
    if (due !== undefined) refresh(messages, due);
  };

  /** Writes deferred edits when they are due, without another call. */
  const refresh = (messages: RebootMessages, due: Instant): void => {
    if (signal.aborted || due >= messages.refreshAt) return;
    messages.refreshAt = due;
    const run = async (): Promise<void> => {
      if (messages.refreshAt !== due) return;
      messages.refreshAt = Infinity;
      const { cluster, reboot } = messages.latest.data;
      await update(messages).catch((error: unknown) =>
        logOf(cluster).warn('later edit failed', { reboot: reboot.name, err: error }),
      );
    };
    // Rejects only when the bot stops; the next bot renders from the stored state.
    sleep(due - clock.now(), signal).then(run, () => undefined);
  };

  return {
    show: async (data, save) => {
      const messages = messagesOf(data, save);
      messages.postedMessage.merge(data.reboot.chat);
      messages.latest = { data, save };
      await update(messages);
    },
    showDigest: createSlackDigests(options),
    hasNotice: (place, begun) => findNotice(options, place, begun),
    notify: (notice) => postNotice(options.gateway, notice),
    report: (notice) => postUnreadableNotice(options, notice),
    reportConfig: (notice) => postRefusedConfigNotice(options, notice),
    reportNotApplied: (notice) => postNotAppliedNotice(options, notice),
  };
}

function createMessages(options: SlackChatOptions, data: CardData, save: Save): RebootMessages {
  const postedMessage = createPostedMessage(data.reboot.chat, options.clock);
  const log = options.logOf?.(data.cluster) ?? options.logger;
  const logger = log.child({ reboot: data.reboot.name, node: data.reboot.node.name });
  const { gateway, clock, permalink } = options;
  const writer = { gateway, clock, logger, postedMessage, ...(permalink ? { permalink } : {}) };
  return {
    postedMessage,
    card: createCardWriter(writer),
    thread: chain(createRepliesWriter(writer), createProgressWriter(writer)),
    rolloutDigest: chain(createDigestWriter(writer), createHaltWriter(writer)),
    latest: { data, save },
    refreshAt: Infinity,
  };
}

const chain = (...writers: readonly Writer[]): Chain => ({ writers, writing: Promise.resolve(undefined) });

/** Serialised: each run takes the latest data, so that nothing is posted twice or out of order. */
async function write(messages: RebootMessages, part: Chain): Promise<Instant | undefined> {
  const writeAll = async (): Promise<Instant | undefined> => {
    const due: (Instant | undefined)[] = [];
    for (const writer of part.writers)
      due.push(await writer.write(messages.latest.data, messages.latest.save));
    return earliest(...due);
  };
  // A failure rejects the earlier call only.
  part.writing = part.writing.then(writeAll, writeAll);
  return part.writing;
}

function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
