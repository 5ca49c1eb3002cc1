/**
 * Keeps the message of one pool digest: posted once, with the intent stored before, and edited when its
 * content changes. What must notify somebody is a reply in its thread.
 */
import type { PoolDigestData } from '../../reboot/pool-digest/message/digest-facts.ts';
import type { DigestChat } from '../../reboot/pool-digest/pool-digest.ts';
import type { Clock } from '../../reboot/time/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { second, toInstant, toTimestamp, type Instant, type Millis } from '../../reboot/time/time.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import type { MessageView } from '../blocks/blocks.ts';
import type { Gateway, Metadata } from '../connection/gateway.ts';
import type { LinkTo } from '../views/answers/status-rows.ts';
import { digest } from '../views/digest/digest.ts';
import { digestButtons } from '../views/digest/digest-buttons.ts';
import { digestTitle } from '../views/digest/digest-headline.ts';
import { findMessage } from './find-message.ts';
import { hashOf } from './hash.ts';
import type { PostedRecord, SaveRecord } from './posted-message.ts';

export interface DigestWriterOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly posted: PostedRecord<DigestChat>;
  readonly linkTo: LinkTo;
}

export interface PoolDigestWriter {
  /** Returns when to call it again, if an edit was deferred. */
  write(data: PoolDigestData, save: SaveDigest): Promise<Instant | undefined>;
}

export type SaveDigest = SaveRecord<DigestChat>;

/** Minimum interval between edits while what can be decided stays the same. */
const minEditInterval: Millis = 5 * second;

type PostedMessage = NonNullable<DigestChat['message']>;

export function createPoolDigestWriter(options: DigestWriterOptions): PoolDigestWriter {
  const { gateway, clock, logger, posted, linkTo } = options;
  let last: { readonly at: Instant; readonly decidable: string } | undefined;

  const saveMessage = (message: PostedMessage, save: SaveDigest): Promise<void> =>
    posted.update(({ posting: _done, ...record }) => ({ ...record, message }), save);

  /** A post that was begun may have arrived. Its content is unknown, so that it will be edited. */
  const adopt = async (data: PoolDigestData, save: SaveDigest): Promise<boolean> => {
    const { posting } = posted.record;
    if (posting === undefined) return false;
    const { channel } = posting;
    const wanted = { channel, since: toInstant(posting.at), metadata: digestMetadata(data) };
    const ts = await findMessage(gateway, logger, wanted);
    if (ts === undefined) return false;
    await saveMessage({ channel, ts, hash: '', revision: 0 }, save);
    return true;
  };

  const post = async (data: PoolDigestData, save: SaveDigest): Promise<void> => {
    if (await adopt(data, save)) return;
    const { channel, revision } = data;
    const posting = { channel, at: toTimestamp(clock.now()) };
    await posted.update(({ message: _gone, ...record }) => ({ ...record, posting }), save);
    const view = digest(data, linkTo);
    // It stands for many cards, so that it goes before those that wait.
    const ref = await gateway.post({ channel, view, metadata: digestMetadata(data), urgency: 'decision' });
    last = { at: clock.now(), decidable: decidableOf(data) };
    await saveMessage({ ...ref, hash: hashOf(view), revision }, save);
  };

  const edit = async (message: PostedMessage, { data, view, save }: PendingEdit): Promise<void> => {
    const { channel, ts } = message;
    const decidable = decidableOf(data);
    const urgency = last?.decidable === decidable ? 'phase' : 'decision';
    last = { at: clock.now(), decidable };
    const result = await gateway.update({ ref: { channel, ts }, view, urgency });
    if (result === 'updated')
      await saveMessage({ channel, ts, hash: hashOf(view), revision: data.revision }, save);
    if (result !== 'missing') return;
    logger.info('digest is deleted or cannot be edited any more, and is posted anew');
    await posted.update(({ message: _gone, replies: _of, ...record }) => record, save);
    await post(data, save);
  };

  return {
    write: async (data, save) => {
      if (posted.record.message === undefined) await post(data, save);
      const { message } = posted.record;
      const view = digest(data, linkTo);
      if (message === undefined) return undefined;
      if (message.hash === hashOf(view)) {
        // A revision can change nothing of what is shown, as after every node is decided.
        if (message.revision < data.revision)
          await saveMessage({ ...message, revision: data.revision }, save);
        return undefined;
      }
      const due = (last?.at ?? -Infinity) + minEditInterval;
      if (last?.decidable === decidableOf(data) && clock.now() < due) return due;
      await edit(message, { data, view, save });
      return undefined;
    },
  };
}

interface PendingEdit {
  readonly data: PoolDigestData;
  readonly view: MessageView;
  readonly save: SaveDigest;
}

/** A change of it is never deferred: what matters most, and what people decide by. */
const decidableOf = (data: PoolDigestData): string =>
  hashOf({
    text: data.counts.running > 0 && data.counts.failed === 0 ? '' : digestTitle(data),
    blocks: [{ type: 'actions', elements: digestButtons(data) }],
  });

export const digestMetadata = ({ cluster, id }: Pick<PoolDigestData, 'cluster' | 'id'>): Metadata => ({
  event_type: metadataTypes.digest,
  event_payload: { cluster, digest: id },
});
