/** The slash command. Answers are ephemeral. */
import type { StatusView } from '../../reboot/ports/decisions.ts';
import type { KnownBlock } from '@slack/types';
import { message, type MessageView } from '../blocks.ts';
import { joined, say } from '../escape.ts';
import { asTyped } from '../slash-text.ts';
import { help, isSubcommand, type Subcommand } from '../views/answers/help.ts';
import { status, type LinkTo } from '../views/answers/status-answer.ts';
import { approval, decideByName, denial, snoozing } from './decide-command.ts';
import { answer, errorSentence, type InteractionHandler } from './interaction-handler.ts';
import { showPreview, showWhy, showWindows } from './explain-command.ts';
import { pauseByName, requestByName, resumeByName } from './hold-command.ts';
import type { CommandPayload } from './payloads.ts';
import type { Invocation } from './invocation.ts';

const handlers: Readonly<Record<Subcommand, (invocation: Invocation) => Promise<MessageView>>> = {
  status: (invocation) => showStatus(invocation),
  help: async ({ payload }) => help(payload.command),
  why: showWhy,
  plan: showPreview,
  windows: showWindows,
  now: requestByName,
  pause: pauseByName,
  resume: resumeByName,
  approve: (invocation) => decideByName(invocation, ([mode]) => approval(mode)),
  snooze: (invocation) =>
    decideByName(invocation, ([span]) => snoozing(span, invocation.handler.clock.now())),
  deny: (invocation) => decideByName(invocation, (rest) => denial(rest.join(' '))),
};

export async function onCommand(
  handler: InteractionHandler,
  payload: CommandPayload,
  linkTo: LinkTo,
): Promise<MessageView> {
  const [first = 'status', ...words] = asTyped(payload.text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const subcommand = first.toLowerCase();
  if (!isSubcommand(subcommand)) return help(payload.command, first);
  try {
    return await handlers[subcommand]({ handler, payload, words, linkTo });
  } catch (error) {
    handler.logger.error('command failed', { subcommand, user: payload.user_id, err: error });
    return answer(errorSentence(error));
  }
}

async function showStatus({ handler, words, linkTo }: Invocation): Promise<MessageView> {
  const [of] = words;
  const found: StatusView[] = [];
  const refusals: string[] = [];
  for (const decisions of handler.clusters.values()) {
    const reply = await decisions.status(of);
    if (reply.ok) found.push(reply.status);
    else refusals.push(reply.sentence);
  }
  if (found.length === 0) return answer(refusals[0] ?? 'This Tugboot serves no cluster.');
  return combined(found.map((view) => status(view, linkTo)));
}

function combined(views: readonly MessageView[]): MessageView {
  const [only] = views;
  if (views.length === 1 && only) return only;
  const blocks: KnownBlock[] = views.flatMap((view) => view.blocks);
  return message(joined([say`${views.length} clusters`], ''), blocks);
}
