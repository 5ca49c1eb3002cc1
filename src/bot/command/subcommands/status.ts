/** `/reboot status`: what every cluster does, or those that have the node or pool. */
import type { KnownBlock } from '@slack/types';
import type { StatusView } from '../../../reboot/ports/decisions.ts';
import { message, type MessageView } from '../../blocks.ts';
import { joined, say } from '../../escape.ts';
import { answer } from '../../listeners/interaction-handler.ts';
import { status as statusView } from '../../views/answers/status-answer.ts';
import { servesNone } from '../clusters.ts';
import type { Invocation } from '../invocation.ts';
import { optionalName, subcommand } from '../subcommand.ts';

export const statusSubcommand = subcommand({
  aliases: [],
  usage: '[NODE or POOL]',
  says: 'what runs, what waits, and for what',
  permission: 'everybody',
  kubectl: '`kubectl get reboots`, `kubectl get nodeagents`',
  parse: optionalName,
  answer: showStatus,
});

async function showStatus(of: string | undefined, { handler, linkTo }: Invocation): Promise<MessageView> {
  const found: StatusView[] = [];
  const refusals: string[] = [];
  for (const decisions of handler.clusters.values()) {
    const reply = await decisions.status(of);
    if (reply.ok) found.push(reply.status);
    else refusals.push(reply.sentence);
  }
  if (found.length === 0) return answer(refusals[0] ?? servesNone);
  return combined(found.map((view) => statusView(view, linkTo)));
}

function combined(views: readonly MessageView[]): MessageView {
  const [only] = views;
  if (views.length === 1 && only) return only;
  const blocks: KnownBlock[] = views.flatMap((view) => view.blocks);
  return message(joined([say`${views.length} clusters`], ''), blocks);
}
