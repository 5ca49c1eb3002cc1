/** `/reboot status`: what every cluster does, or those that have the node or pool. */
import type { KnownBlock } from '@slack/types';
import type { StatusView } from '../../../reboot/ports/decisions.ts';
import { message, type MessageView } from '../../blocks.ts';
import { joined, say } from '../../escape.ts';
import { answer } from '../../listeners/interaction-handler.ts';
import { statusAnswer as statusView } from '../../views/answers/status-answer.ts';
import { servesNone } from '../clusters.ts';
import type { Invocation } from '../invocation.ts';
import { type Parsed, subcommand } from '../subcommand.ts';

export const statusSubcommand = subcommand({
  aliases: [],
  usage: '[NODE or POOL] [PAGE]',
  says: 'what runs, what waits, and for what',
  permission: 'everybody',
  kubectl: '`kubectl get reboots`, `kubectl get nodeagents`',
  parse: parsePage,
  answer: showStatus,
});

interface StatusPage {
  readonly of?: string;
  readonly page?: number;
}

/** The number of a page is the last word: `2`, or `workers 2`. */
function parsePage(words: readonly string[]): Parsed<StatusPage> {
  const last = words.at(-1);
  if (last === undefined || words.length > 2 || !/^[1-9]\d{0,3}$/.test(last)) return named(words[0]);
  return {
    ok: true,
    parsed: { ...named(words.length > 1 ? words[0] : undefined).parsed, page: Number(last) },
  };
}

const named = (of: string | undefined) => ({ ok: true, parsed: of === undefined ? {} : { of } }) as const;

async function showStatus({ of, page }: StatusPage, { handler, linkTo }: Invocation): Promise<MessageView> {
  const found: StatusView[] = [];
  const refusals: string[] = [];
  for (const decisions of handler.clusters.values()) {
    const reply = await decisions.status(of);
    if (reply.ok) found.push(reply.status);
    else refusals.push(reply.sentence);
  }
  if (found.length === 0) return answer(refusals[0] ?? servesNone);
  return combined(found.map((view) => statusView(view, { linkTo, ...(page === undefined ? {} : { page }) })));
}

function combined(views: readonly MessageView[]): MessageView {
  const [only] = views;
  if (views.length === 1 && only) return only;
  const blocks: KnownBlock[] = views.flatMap((view) => view.blocks);
  return message(joined([say`${views.length} clusters`], ''), blocks);
}
