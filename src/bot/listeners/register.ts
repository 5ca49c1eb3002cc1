/**
 * Registers the listeners with Bolt, one for each kind of payload, matching every id: Bolt does not
 * acknowledge a payload without a listener, and Slack would show an error.
 */
import type { App, RespondFn } from '@slack/bolt';
import type { Logger } from '../../reboot/ports/logger.ts';
import { type MessageView, noParsing } from '../blocks/blocks.ts';
import type { LinkTo } from '../views/answers/status-rows.ts';
import { onClick } from './clicks.ts';
import type { Replace } from './list-clicks.ts';
import { onCommand } from '../command/on-command.ts';
import { answer, type InteractionHandler } from './interaction-handler.ts';
import {
  clickPayload,
  commandPayload,
  openedPayload,
  submissionPayload,
  suggestionPayload,
} from './payloads.ts';
import { suggest } from './suggestions.ts';
import { readSubmission } from './submissions.ts';

/** Registers running work, so that `stop` can wait for it. */
export type Track = (work: Promise<void>) => Promise<void>;

export interface RegisterOptions {
  readonly app: App;
  readonly handler: InteractionHandler;
  readonly track: Track;
  readonly linkTo: LinkTo;
}

export function register({ app, handler, track, linkTo }: RegisterOptions): void {
  const { logger } = handler;

  app.action(/.*/, async ({ ack, body, respond }) => {
    await acknowledged(logger, () => ack());
    const payload = clickPayload.safeParse(body);
    if (payload.success) await track(onClick(handler, payload.data, replaceWith(respond, logger)));
    else logger.warn('click cannot be read', { err: payload.error });
  });

  app.view(/.*/, async ({ ack, body }) => {
    const payload = submissionPayload.safeParse(body);
    const submission = payload.success ? readSubmission(handler, payload.data) : undefined;
    if (submission && !submission.ok) {
      await acknowledged(logger, () => ack({ response_action: 'errors', errors: { ...submission.errors } }));
      return;
    }
    await acknowledged(logger, () => ack());
    if (submission) await track(submission.execute());
    else logger.warn('modal cannot be read', { err: payload.error });
  });

  app.event('app_home_opened', async ({ body }) => {
    const payload = openedPayload.safeParse(body);
    if (!payload.success) logger.warn('opened home cannot be read', { err: payload.error });
    else if (payload.data.event.tab === 'home')
      await track(handler.home.opened({ userId: payload.data.event.user, teamId: payload.data.team_id }));
  });

  app.options(/.*/, async ({ ack, body }) => {
    const payload = suggestionPayload.safeParse(body);
    const options = payload.success ? await suggest(handler, payload.data) : [];
    // A late answer is ignored by Slack, which then shows no results.
    await acknowledged(logger, () => ack({ options: [...options] }));
  });

  app.command(/.*/, async ({ ack, command, respond }) => {
    await acknowledged(logger, () => ack());
    const payload = commandPayload.safeParse(command);
    const view = payload.success
      ? onCommand(handler, payload.data, linkTo)
      : Promise.resolve(answer('This command cannot be read.'));
    await track(view.then((shown) => respondWith(respond, shown, logger)));
  });
}

/** The ack fails if the socket was lost meanwhile. The decision was made and is carried out all the same. */
async function acknowledged(logger: Logger, ack: () => Promise<void>): Promise<void> {
  try {
    await ack();
  } catch (error) {
    logger.warn('ack did not reach slack', { err: error });
  }
}

/** The only way to change an ephemeral message. In a modal or the App Home there is none. */
const replaceWith =
  (respond: RespondFn | undefined, logger: Logger): Replace =>
  async (view) => {
    try {
      if (respond === undefined) return false;
      await respond({ replace_original: true, ...view, ...noParsing });
      return true;
    } catch (error) {
      logger.warn('list could not be replaced', { err: error });
      return false;
    }
  };

async function respondWith(respond: RespondFn, view: MessageView, logger: Logger): Promise<void> {
  try {
    await respond({ response_type: 'ephemeral', ...view, ...noParsing });
  } catch (error) {
    logger.error('answer to a command could not be shown', { err: error });
  }
}
