import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { FakeSlack } from '../../../demo/slack/slack.ts';

export interface RunningApp {
  readonly app: App;
  stop(): Promise<void>;
}

/** A real Bolt app, built as our own is: its own receiver, so that client options are not shared. */
export async function startApp(
  slack: FakeSlack,
  register: (app: App) => void = () => undefined,
): Promise<RunningApp> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    clientPingTimeout: 900,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: { slackApiUrl: slack.apiUrl, rejectRateLimitedCalls: true, retryConfig: { retries: 0 } },
    logLevel: LogLevel.ERROR,
  });
  register(app);
  await app.start();
  return {
    app,
    async stop() {
      await app.stop();
      await slack.until(() => slack.sockets() === 0, 5000, 'the end of the socket');
    },
  };
}

/** A card as our own looks: a section and buttons, one of them with a confirmation. */
export const cardBlocks = [
  { type: 'section', text: { type: 'mrkdwn', text: '*worker-1 asks for a reboot*' } },
  {
    type: 'actions',
    block_id: 'decide',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        style: 'primary',
        value: 'worker-1',
        text: { type: 'plain_text', text: 'Approve now' },
        confirm: {
          title: { type: 'plain_text', text: 'Reboot worker-1?' },
          text: { type: 'mrkdwn', text: '14 pods move.' },
          confirm: { type: 'plain_text', text: 'Approve' },
          deny: { type: 'plain_text', text: 'Go back' },
        },
      },
      { type: 'button', action_id: 'deny', style: 'danger', text: { type: 'plain_text', text: 'Deny' } },
    ],
  },
] as const;

export const reasonModal = {
  type: 'modal',
  callback_id: 'reason',
  title: { type: 'plain_text', text: 'Deny the reboot' },
  submit: { type: 'plain_text', text: 'Deny' },
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Why not?' },
      element: { type: 'plain_text_input', action_id: 'text', multiline: true, min_length: 3 },
    },
  ],
} as const;
