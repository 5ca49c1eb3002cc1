/** The slash command. Answers are ephemeral. */
import type { MessageView } from '../blocks/blocks.ts';
import { errorSentence } from '../error-sentence.ts';
import { answer, type InteractionHandler } from '../listeners/interaction-handler.ts';
import type { CommandPayload } from '../listeners/payloads.ts';
import { commandText } from './slash-text.ts';
import { helpAnswer } from '../views/answers/help.ts';
import type { LinkTo } from '../views/answers/status-rows.ts';
import { narrowed } from './clusters.ts';
import { subcommandNamed, subcommands } from './subcommands.ts';

export async function onCommand(
  handler: InteractionHandler,
  payload: CommandPayload,
  linkTo: LinkTo,
): Promise<MessageView> {
  const [first = 'status', ...words] = commandText(payload.text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const named = subcommandNamed(first.toLowerCase());
  if (named === undefined) return helpAnswer(subcommands, payload.command, first);
  try {
    const place = narrowed(words[0], handler.clusters);
    const isOneOfSeveral = handler.clusters.size > 1;
    const invocation = { handler, payload, words, linkTo, isOneOfSeveral };
    if (place === undefined) return (await named.run(invocation)) ?? helpAnswer(subcommands, payload.command);
    const { cluster, clusters, name } = place;
    const [, ...rest] = words;
    const whole = name === undefined ? named.ofCluster : [name];
    if (whole === undefined)
      return answer(`That needs a name in cluster ${cluster}, as in ${cluster}/NODE. Nothing was done.`);
    const view = await named.run({
      ...invocation,
      handler: { ...handler, clusters },
      words: [...whole, ...rest],
    });
    return view ?? helpAnswer(subcommands, payload.command);
  } catch (error) {
    handler.logger.error('command failed', { subcommand: first, user: payload.user_id, err: error });
    return answer(errorSentence(error));
  }
}
