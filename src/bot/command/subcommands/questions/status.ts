/** `/reboot status`: what every cluster does, or those that have the node or pool. */
import type { MessageView } from '../../../blocks/blocks.ts';
import { answer } from '../../../listeners/interaction-handler.ts';
import { awayAnswer as awayView } from '../../../views/answers/away-answer.ts';
import { statusAnswer as statusView } from '../../../views/answers/status-answer.ts';
import { statusOfEach } from '../../clusters.ts';
import type { Invocation } from '../../invocation.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';
import { together } from '../../together.ts';

export const statusSubcommand = subcommand({
  aliases: [],
  usage: '[NODE, POOL or CLUSTER] [PAGE]',
  says: 'what runs, what waits, and for what',
  permission: 'everybody',
  kubectl: '`kubectl get reboots`, `kubectl get nodeagents`',
  ofCluster: [],
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

async function showStatus(
  { of, page }: StatusPage,
  { handler, linkTo, isOneOfSeveral }: Invocation,
): Promise<MessageView> {
  const replies = (await statusOfEach(handler.clusters, of)).map(({ reply }) => reply);
  const found = replies.flatMap((reply) => (reply.ok ? [reply.status] : []));
  const refusals = replies.flatMap((reply) => (reply.ok ? [] : [reply]));
  // A cluster that is away hides no other, and is not hidden by them.
  const away = refusals.flatMap((refusal) => refusal.away ?? []);
  const options = { linkTo, isOneOfSeveral, ...(page === undefined ? {} : { page }) };
  const refused =
    found.length === 0 ? refusals.filter((refusal) => refusal.away === undefined).slice(0, 1) : [];
  return together([
    ...found.map((view) => statusView(view, options)),
    ...refused.map(({ sentence }) => answer(sentence)),
    ...away.map((each) => awayView(each)),
  ]);
}
