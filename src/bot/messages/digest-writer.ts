/**
 * Keeps the message of a rollout: posted once, even if another Reboot leads it, and edited when its content
 * changes.
 */
import type { CardData } from '../../reboot/card/card-facts.ts';
import type { ChatRecord } from '../../reboot/state/chat-record.ts';
import type { RolloutView } from '../../reboot/rollout/rollout-facts.ts';
import { second, type Instant, type Millis } from '../../reboot/time/time.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import type { MessageView } from '../blocks/blocks.ts';
import type { WriterOptions } from './card-post.ts';
import type { Writer } from './card-writer.ts';
import { findMessage } from './find-message.ts';
import { hashOf } from './hash.ts';
import type { Save } from './posted-message.ts';
import { rolloutDigest, rolloutTitle } from '../views/card/rollout-digest.ts';

/** Minimum interval between edits under one title: the cards have the details earlier. */
const minEditInterval: Millis = 5 * second;

type Posted = NonNullable<ChatRecord['digest']>;
type LeaderData = CardData & { readonly rollout: RolloutView };

export function createDigestWriter({ gateway, clock, logger, postedMessage }: WriterOptions): Writer {
  let last: { readonly at: Instant; readonly title: string } | undefined;

  const saveDigest = (digest: Posted, save: Save): Promise<void> =>
    postedMessage.update((record) => ({ ...record, digest }), save);

  /**
   * Searches first: the Reboot that led the rollout may have been pruned, and its successor adopts the
   * message. The content of an adopted message is unknown, so that it is edited.
   */
  const post = async (data: LeaderData, view: MessageView, save: Save): Promise<Posted> => {
    const { target, pool, beganAt } = data.rollout;
    const metadata = {
      event_type: metadataTypes.rollout,
      event_payload: { cluster: data.cluster, pool, target },
    };
    const { channel } = data;
    const earlier = await findMessage(gateway, logger, { channel, metadata, since: beganAt });
    const posted =
      earlier === undefined
        ? {
            ...(await gateway.post({ channel, view, metadata, urgency: 'phase' })),
            target,
            hash: hashOf(view),
          }
        : { channel, ts: earlier, target, hash: '' };
    await saveDigest(posted, save);
    if (earlier === undefined) last = { at: clock.now(), title: rolloutTitle(data.rollout) };
    return posted;
  };

  const edit = async (posted: Posted, { data, view, save }: PendingEdit): Promise<void> => {
    const { channel, ts, target } = posted;
    last = { at: clock.now(), title: rolloutTitle(data.rollout) };
    const result = await gateway.update({ ref: { channel, ts }, view, urgency: 'phase' });
    if (result === 'updated') await saveDigest({ channel, ts, target, hash: hashOf(view) }, save);
    if (result === 'missing') await post(data, view, save);
  };

  const show = async (data: LeaderData, save: Save): Promise<Instant | undefined> => {
    const view = rolloutDigest({ ...data, leader: data.reboot.name });
    const known = postedMessage.record.digest;
    const posted = known?.target === data.rollout.target ? known : await post(data, view, save);
    if (posted.hash === hashOf(view)) return undefined;
    const due = (last?.at ?? -Infinity) + minEditInterval;
    if (last?.title === rolloutTitle(data.rollout) && clock.now() < due) return due;
    await edit(posted, { data, view, save });
    return undefined;
  };

  return {
    write: async (data, save) =>
      data.rollout === undefined ? undefined : show({ ...data, rollout: data.rollout }, save),
  };
}

interface PendingEdit {
  readonly data: LeaderData;
  readonly view: MessageView;
  readonly save: Save;
}
