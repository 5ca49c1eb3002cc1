/** The messages of the pool digests: one writer for each, the latest data wins. */
import type { PoolDigestData } from '../reboot/pool-digest/message/digest-facts.ts';
import type { DigestChat } from '../reboot/pool-digest/pool-digest.ts';
import type { Chat } from '../reboot/ports/chat.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Clock, Instant } from '../reboot/time/time.ts';
import type { MessageRef } from '../reboot/state/chat-record.ts';
import type { Sleep } from '../timing/sleep.ts';
import type { Gateway } from './connection/gateway.ts';
import { createDigestRepliesWriter } from './messages/digest-replies-writer.ts';
import {
  createPoolDigestWriter,
  type PoolDigestWriter,
  type SaveDigest,
} from './messages/pool-digest-writer.ts';
import { bothReplies, createPostedRecord, later, type PostedRecord } from './messages/posted-message.ts';

export interface SlackChatOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
  /** The log of a cluster; `logger` if absent. */
  readonly logOf?: (cluster: string) => Logger;
  readonly signal: AbortSignal;
  /** The permalink of a message; undefined while the workspace's address is unknown. */
  readonly permalink?: (ref: MessageRef) => string | undefined;
}

interface DigestMessages {
  readonly posted: PostedRecord<DigestChat>;
  readonly writers: readonly PoolDigestWriter[];
  latest: { readonly data: PoolDigestData; readonly save: SaveDigest };
  writing: Promise<unknown>;
  refreshAt: Instant;
}

/** There is one for each pool; closed ones are not shown again. */
const maxCached = 200;

export function createSlackDigests(options: SlackChatOptions): Chat['showDigest'] {
  const { clock, sleep, logger, signal, logOf = () => logger } = options;
  const cache = new Map<string, DigestMessages>();

  const messagesOf = (data: PoolDigestData, save: SaveDigest): DigestMessages => {
    const key = `${data.cluster} ${data.id}`;
    const messages = cache.get(key) ?? createMessages(options, data, save);
    cache.delete(key);
    cache.set(key, messages);
    const oldest = cache.size > maxCached ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    return messages;
  };

  const writeAll = async (messages: DigestMessages): Promise<void> => {
    for (const writer of messages.writers) {
      const { data, save } = messages.latest;
      const due = await writer.write(data, save);
      if (due !== undefined) refresh(messages, due);
    }
  };

  /** Serialised, so that nothing is posted twice. A failure rejects the earlier call only. */
  const update = (messages: DigestMessages): Promise<void> => {
    const run = (): Promise<void> => writeAll(messages);
    const written = messages.writing.then(run, run);
    messages.writing = written.catch(() => undefined);
    return written;
  };

  /** Writes deferred edits when they are due, without another call. */
  const refresh = (messages: DigestMessages, due: Instant): void => {
    if (signal.aborted || due >= messages.refreshAt) return;
    messages.refreshAt = due;
    const run = async (): Promise<void> => {
      if (messages.refreshAt !== due) return;
      messages.refreshAt = Infinity;
      const { id, cluster } = messages.latest.data;
      await update(messages).catch((error: unknown) =>
        logOf(cluster).warn('later edit of a digest failed', { digest: id, err: error }),
      );
    };
    // Rejects only when the bot stops; the next bot renders from the stored state.
    sleep(due - clock.now(), signal).then(run, () => undefined);
  };

  return async (data, save) => {
    const messages = messagesOf(data, save);
    messages.posted.merge(data.chat);
    messages.latest = { data, save };
    await messages.posted.flush(save);
    await update(messages);
  };
}

function createMessages(options: SlackChatOptions, data: PoolDigestData, save: SaveDigest): DigestMessages {
  const { gateway, clock, permalink } = options;
  const log = options.logOf?.(data.cluster) ?? options.logger;
  const isLost = (ours: DigestChat, stored: DigestChat): boolean =>
    ours.message !== undefined && stored.message === undefined;
  const posted = createPostedRecord(data.chat, { merged, isLost }, clock);
  const writer = {
    gateway,
    clock,
    posted,
    logger: log.child({ digest: data.id, pool: data.pool }),
    linkTo: (card: MessageRef | undefined) => (card === undefined ? undefined : permalink?.(card)),
  };
  return {
    posted,
    writers: [createPoolDigestWriter(writer), createDigestRepliesWriter(writer)],
    latest: { data, save },
    writing: Promise.resolve(),
    refreshAt: Infinity,
  };
}

function merged(ours: DigestChat, stored: DigestChat, base: DigestChat): DigestChat {
  const message = later(ours.message, stored.message, base.message);
  const posting = stored.posting ?? ours.posting;
  return {
    ...(message ? { message } : {}),
    ...(posting && !message ? { posting } : {}),
    replies: bothReplies(ours.replies ?? {}, stored.replies ?? {}),
  };
}
