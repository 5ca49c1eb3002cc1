/**
 * Posts to the channel that a rollout is halted, since an edit notifies nobody. Once for each stage, in the
 * thread of the digest.
 */
import type { CardData } from '../../reboot/card/card-facts.ts';
import { metadataTypes } from '../payload/action-ids.ts';
import type { WriterOptions } from './card-post.ts';
import type { Writer } from './card-writer.ts';
import { findMessage } from './find-message.ts';
import { rolloutHalt } from '../views/card/rollout-digest.ts';

export function createHaltWriter({ gateway, logger, postedMessage }: WriterOptions): Writer {
  const post = async (data: CardData, key: string): Promise<string | undefined> => {
    const { rollout, cluster, approvers } = data;
    const { digest } = postedMessage.record;
    if (rollout?.halted === undefined || digest?.target !== rollout.target) return undefined;
    const metadata = {
      event_type: metadataTypes.reply,
      event_payload: { cluster, reboot: `rollout of ${rollout.pool}`, key },
    };
    const place = { channel: digest.channel, threadTs: digest.ts, metadata };
    const earlier = await findMessage(gateway, logger, { ...place, since: rollout.beganAt });
    if (earlier !== undefined) return earlier;
    const view = rolloutHalt({ cluster, rollout, approvers, sentence: rollout.halted.sentence });
    return (await gateway.post({ ...place, view, broadcast: true, urgency: 'decision' })).ts;
  };

  return {
    write: async (data, save) => {
      const key = `halt@${data.rollout?.target}@${data.rollout?.stage}`;
      if (data.rollout?.halted === undefined || postedMessage.record.replies[key]) return undefined;
      const ts = await post(data, key);
      if (ts !== undefined)
        await postedMessage.update(
          (record) => ({ ...record, replies: { ...record.replies, [key]: ts } }),
          save,
        );
      return undefined;
    },
  };
}
