/** Keeps the replies in the thread of a pool digest: each is posted once and never edited. */
import type { PoolDigestData } from '../../reboot/pool-digest/message/digest-facts.ts';
import { second } from '../../reboot/time/time.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import { digestReplies, type DigestReply } from '../views/digest/digest-replies.ts';
import { findMessage } from './find-message.ts';
import type { DigestWriterOptions, PoolDigestWriter, SaveDigest } from './pool-digest-writer.ts';

export function createDigestRepliesWriter({
  gateway,
  logger,
  posted,
  linkTo,
}: DigestWriterOptions): PoolDigestWriter {
  const remember = (key: string, ts: string, save: SaveDigest): Promise<void> =>
    posted.update((record) => ({ ...record, replies: { ...record.replies, [key]: ts } }), save);

  const post = async (
    data: PoolDigestData,
    { key, view, broadcast }: DigestReply,
    save: SaveDigest,
  ): Promise<void> => {
    const known = posted.record.replies?.[key];
    const { message } = posted.record;
    if (known || message === undefined) return;
    const { channel, ts: threadTs } = message;
    const metadata = {
      event_type: metadataTypes.reply,
      event_payload: { cluster: data.cluster, digest: data.id, key },
    };
    const place = { channel, threadTs, metadata };
    // An empty timestamp: a post was begun and its result is unknown. It is newer than the message.
    const earlier =
      known === undefined
        ? undefined
        : await findMessage(gateway, logger, { ...place, since: Number(threadTs) * second });
    if (known === undefined) await remember(key, '', save);
    const urgency = broadcast ? 'decision' : 'phase';
    const ts = earlier ?? (await gateway.post({ ...place, view, broadcast: broadcast ?? false, urgency })).ts;
    await remember(key, ts, save);
  };

  return {
    write: async (data, save) => {
      for (const reply of digestReplies(data, linkTo)) await post(data, reply, save);
      return undefined;
    },
  };
}
