import type { App } from '@slack/bolt';
import { expect, it } from 'vitest';
import type { InteractionHandler } from '../../../src/bot/listeners/interaction-handler.ts';
import { register } from '../../../src/bot/listeners/register.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';

type OnCommand = (args: {
  ack(): Promise<void>;
  respond(message: unknown): Promise<void>;
  command: unknown;
}) => Promise<void>;

it('the text of an answer to a command is not parsed for links and names, as that of a message', async () => {
  let onCommand: OnCommand | undefined;
  const app = {
    action: () => undefined,
    view: () => undefined,
    event: () => undefined,
    options: () => undefined,
    command: (_pattern: RegExp, listener: OnCommand) => {
      onCommand = listener;
    },
  };
  register({
    // What is used of them here; the rest needs a Slack.
    app: app as unknown as App,
    handler: { logger: silentLogger } as InteractionHandler,
    track: (work) => work,
    linkTo: () => undefined,
  });
  const answers: unknown[] = [];
  await onCommand?.({
    ack: async () => undefined,
    respond: async (message) => void answers.push(message),
    command: 'no command of Slack',
  });
  expect(answers).toMatchObject([{ response_type: 'ephemeral', parse: 'none', link_names: false }]);
});
