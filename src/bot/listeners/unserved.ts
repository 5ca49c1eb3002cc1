/** Clicks on messages of clusters that are not in the configuration. */
import type { KnownBlock } from '@slack/types';
import { context } from '../blocks/blocks.ts';
import { noLongerServed } from '../views/cluster-label.ts';
import type { Actor, InteractionHandler } from './interaction-handler.ts';
import type { ClickPayload } from './payloads.ts';
import { unservedCluster } from './unserved-sentence.ts';

/**
 * Answers, and takes the buttons off the message: its store cannot be read, so that this is the one place
 * where a message is made of what it shows. Not while another program may use the Slack app: it may be the
 * one that serves the cluster.
 */
export async function answerUnserved(
  handler: InteractionHandler,
  actor: Actor,
  { cluster, message }: { readonly cluster: string; readonly message: ClickPayload['message'] },
): Promise<void> {
  const isShared = handler.isAppShared();
  await handler.notifyActor(actor, unservedCluster(cluster, [...handler.clusters.keys()], isShared));
  const blocks = message?.blocks;
  if (isShared || message === undefined || blocks === undefined || !('channel' in actor.origin)) return;
  const view = {
    text: message.text ?? cluster,
    blocks: [...blocks.flatMap(withoutButtons), context(noLongerServed({ cluster }))],
  };
  try {
    const ref = { channel: actor.origin.channel, ts: message.ts };
    await handler.gateway.update({ ref, view, urgency: 'decision' });
  } catch (error) {
    handler.logOf(cluster).warn('buttons of a removed cluster not taken away', { err: error });
  }
}

type Shown = NonNullable<NonNullable<ClickPayload['message']>['blocks']>[number];

function withoutButtons(block: Shown): KnownBlock[] {
  if (block.type === 'actions') return [];
  const { accessory: _button, ...rest } = block;
  // A message of ours, as Slack has it.
  return [rest as unknown as KnownBlock];
}
