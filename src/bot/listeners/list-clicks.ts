/** Handler of the button that decides on a list of an answer. */
import { decodeList } from '../payload/list-value.ts';
import { manyAnswer } from '../views/digest/many-answer.ts';
import type { MessageView } from '../blocks/blocks.ts';
import { errorSentence } from '../error-sentence.ts';
import type { Actor, InteractionHandler } from './interaction-handler.ts';
import { unservedCluster } from './unserved-sentence.ts';

/** Shows something in place of the message of the button. False if Slack did not take it. */
export type Replace = (view: MessageView) => Promise<boolean>;

export async function onListClick(
  handler: InteractionHandler,
  actor: Actor,
  { text, replace }: { readonly text: string; readonly replace: Replace },
): Promise<void> {
  const { clusters, directory, logger, logOf } = handler;
  const decoded = decodeList(text);
  if (!decoded.ok) {
    logger.warn('button of a list cannot be read', { field: decoded.field });
    await handler.notifyActor(
      actor,
      'This button cannot be read, so nothing was done. Type the command again.',
    );
    return;
  }
  const { cluster, list } = decoded.value;
  const decisions = clusters.get(cluster);
  if (decisions === undefined) {
    await handler.notifyActor(actor, unservedCluster(cluster, [...clusters.keys()], handler.isAppShared()));
    return;
  }
  try {
    const { person } = await directory.identify(actor.userId, actor.teamId);
    const result = await decisions.decideList(list, person);
    if (result.ok) {
      // The decision was taken: the list is no longer needed.
      const answered = manyAnswer(result);
      if (!(await replace(answered))) await handler.showActor(actor, answered);
    } else await handler.notifyActor(actor, result.rejection.sentence);
  } catch (error) {
    logOf(cluster).error('decision on a list could not be taken', { list, user: actor.userId, err: error });
    await handler.notifyActor(actor, errorSentence(error));
  }
}
