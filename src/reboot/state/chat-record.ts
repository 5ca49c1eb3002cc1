import { z } from 'zod';
import { type Stored, text, time } from '../schema/field.ts';

const id = (description: string) => text(description, 256);

const ref = { channel: id('ID of the channel.'), ts: id('Slack timestamp of the message.') };
const messageRef = z.object(ref);
export type MessageRef = Stored<typeof messageRef>;

const hash = id('Hash of its content.');

/**
 * References to the messages of a Reboot, with hashes of their content. An empty reference means that a post
 * was started and may have succeeded. It is not repeated.
 */
export const chatRecord = z
  .object({
    card: z
      .object({ ...ref, hash })
      .meta({ description: 'The card.' })
      .exactOptional(),
    former: messageRef
      .meta({
        description:
          'The previous card, which had scrolled out of sight. Kept until it is edited to link to the new card.',
      })
      .exactOptional(),
    posting: z
      .object({ channel: id('ID of the channel.'), at: time('When the post was started.') })
      .meta({
        description:
          'A first post was started and may have succeeded. The channel is searched before another post.',
      })
      .exactOptional(),
    progress: z
      .object({ ts: ref.ts, hash, at: time('When it was last edited.') })
      .meta({ description: 'The progress message in the thread.' })
      .exactOptional(),
    digest: z
      .object({ ...ref, target: id('The kernel that names the rollout.'), hash })
      .meta({ description: 'The digest message of a rollout, in the Reboot that leads the rollout.' })
      .exactOptional(),
    replies: z.record(z.string(), z.string().meta({ maxLength: 256 })).meta({
      description: 'Slack timestamps of the replies already posted in the thread, by key.',
      maxProperties: 1000,
    }),
  })
  .meta({ description: 'References of our messages, and hashes of their content.' });
export type ChatRecord = Stored<typeof chatRecord>;
