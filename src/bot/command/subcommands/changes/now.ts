/** `/reboot now`: requests a reboot without a signal; it is decided on its card. */
import type { RequestAnswer } from '../../../../reboot/ports/decisions/decisions.ts';
import { isBlank } from '../../../../reboot/words/text.ts';
import { lines, message, type MessageView } from '../../../blocks/blocks.ts';
import { link, say } from '../../../blocks/escape.ts';
import { answer } from '../../../listeners/interaction-handler.ts';
import type { LinkTo } from '../../../views/answers/status-rows.ts';
import { requestedIn } from '../../clusters.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';

interface RequestedReboot {
  readonly node: string;
  readonly reason: string | undefined;
}

export const nowSubcommand = subcommand({
  aliases: ['request'],
  usage: 'NODE [REASON]',
  says: 'ask for a reboot that no signal asks for',
  permission: 'approvers',
  kubectl:
    "`kubectl annotate node NODE tugboot.dev/reboot-requested='REASON'`: the card says that somebody with kubectl asks, and the bot takes the annotation away. With `tugboot.dev/requested-by=\"$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')\"` beside it the card names you: the API server refuses any other name ([security.md](security.md)). It is a wish; somebody still has to approve it",
  parse: ([node, ...words]): Parsed<RequestedReboot> => {
    if (node === undefined) return { ok: false };
    const reason = words.join(' ');
    return { ok: true, parsed: { node, reason: isBlank(reason) ? undefined : reason } };
  },
  answer: async ({ node, reason }, invocation) => {
    const result = await requestedIn(node, invocation, (decisions, caller) =>
      decisions.request(node, reason, caller),
    );
    return result.ok ? requested(result, invocation.linkTo) : answer(result.sentence);
  },
});

function requested(
  { node, card, delayed }: Extract<RequestAnswer, { ok: true }>,
  linkTo: LinkTo,
): MessageView {
  const url = linkTo(card);
  const where =
    url === undefined
      ? say`Its card follows: it is decided there.`
      : say`It is decided on ${link(url, 'its card')}.`;
  const text = say`You asked for a reboot of ${node}. ${where}${delayed === undefined ? say`` : say` ${delayed}`}`;
  return message(text, lines([text]));
}
