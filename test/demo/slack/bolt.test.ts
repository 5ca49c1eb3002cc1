import type { App } from '@slack/bolt';
import type { WebAPICallResult } from '@slack/web-api';
import { afterEach, describe, expect, test } from 'vitest';
import { startSlack, type FakeSlack, type SlackOptions } from '../../../demo/slack/slack.ts';
import { cardBlocks, reasonModal, startApp, type RunningApp } from './bolt-app.ts';

type Posted = WebAPICallResult & { readonly ts: string };

const open: { slack?: FakeSlack; app?: RunningApp } = {};

async function start(register?: (app: App) => void, options: Partial<SlackOptions> = {}) {
  const slack = await startSlack({ pageDirectory: 'demo/slack/page', ...options });
  open.slack = slack;
  open.app = await startApp(slack, register);
  return { slack, client: open.app.app.client };
}

const postCard = async (slack: FakeSlack, app: App['client']): Promise<string> => {
  const { ts } = (await app.apiCall('chat.postMessage', {
    channel: slack.channel.id,
    text: 'worker-1 asks for a reboot',
    blocks: cardBlocks,
  })) as Posted;
  return ts;
};

afterEach(async () => {
  await open.app?.stop();
  await open.slack?.close();
  delete open.app;
  delete open.slack;
});

describe('a real Bolt app in Socket Mode', () => {
  test('posts a message, changes it and reads it back with its metadata', async () => {
    const { slack, client } = await start();
    const metadata = { event_type: 'reboot', event_payload: { name: 'worker-1-4f1c' } };
    const posted = await client.apiCall('chat.postMessage', {
      channel: slack.channel.id,
      text: 'waits',
      metadata,
    });
    await client.chat.update({ channel: slack.channel.id, ts: (posted as Posted).ts, text: 'done' });
    const history = await client.conversations.history({
      channel: slack.channel.id,
      include_all_metadata: true,
    });

    expect(slack.messages().map(({ text }) => text)).toEqual(['done']);
    expect(history.messages?.[0]).toMatchObject({ text: 'done', metadata, edited: { user: slack.botUser } });
  });

  test('hears the click on a button and takes the buttons away', async () => {
    const { slack, client } = await start((app) => {
      app.action('approve', async ({ ack, body, client: own, action }) => {
        await ack();
        if (body.type !== 'block_actions' || body.channel === undefined || action.type !== 'button') return;
        const ts = String(body.message?.ts);
        await own.chat.update({
          channel: body.channel.id,
          ts,
          text: `${String(action.value)} by ${body.user.id}`,
        });
      });
    });
    const ts = await postCard(slack, client);
    const pressed = await slack.as(slack.users.mia).click({ ts, action: 'Approve now' });
    await slack.until(() => slack.message(ts)?.blocks === undefined, 60_000);

    expect(pressed).toEqual({ kind: 'acked' });
    expect(slack.message(ts)?.text).toBe('worker-1 by U0MIA');
  });

  test('a click that is not confirmed never reaches the app', async () => {
    const { slack, client } = await start();
    const ts = await postCard(slack, client);
    expect(await slack.as('U0MIA').click({ ts, action: 'Approve now', confirm: false })).toEqual({
      kind: 'cancelled',
    });
    expect(slack.frames().filter(({ body }) => body['type'] === 'interactive')).toEqual([]);
  });

  test('answers a command with the text that the app acknowledges with', async () => {
    const { slack } = await start((app) => {
      app.command('/reboot', async ({ ack, command }) => ack(`you said ${command.text}`));
    });
    const seen = await slack.as('U0LEE').command('/reboot why @mia <b>');
    expect(seen).toMatchObject({ kind: 'ephemeral', text: 'you said why <@U0MIA|mia> &lt;b&gt;' });
    expect(slack.ephemerals('U0MIA')).toEqual([]);
  });

  test('answers a command through its response URL five times and no more', async () => {
    const { slack } = await start((app) => {
      app.command('/reboot', async ({ ack, command }) => {
        await ack();
        for (let use = 0; use < 6; use += 1) {
          await fetch(command.response_url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ text: `answer ${use}` }),
          });
        }
      });
    });
    await slack.as('U0LEE').command('/reboot status');
    const uses = () => slack.calls().filter(({ method }) => method === 'response_url');
    await slack.until(() => uses().length === 6, 60_000);
    expect(uses().map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404]);
    expect(slack.calls().at(-1)).toMatchObject({ method: 'response_url', status: 404, error: 'used_url' });
  });

  test('shows a modal, refuses what is entered, and closes it once it is right', async () => {
    const { slack, client } = await start((app) => {
      app.action('deny', async ({ ack, body, client: own }) => {
        await ack();
        if (body.type !== 'block_actions') return;
        await own.views.open({ trigger_id: body.trigger_id, view: structuredClone(reasonModal) as never });
      });
      app.view('reason', async ({ ack, view }) => {
        const said = view.state.values['why']?.['text']?.value ?? '';
        if (said.includes('because')) await ack();
        else await ack({ response_action: 'errors', errors: { why: 'Say because.' } });
      });
    });
    const ts = await postCard(slack, client);
    const lee = slack.as('U0LEE');
    await lee.click({ ts, action: 'Deny' });
    await slack.until(() => lee.modal() !== undefined, 60_000);

    expect(await lee.submitModal()).toEqual({
      kind: 'errors',
      errors: { why: 'Please complete this required field.' },
    });
    expect(await lee.submitModal({ values: { 'Why not?': 'no' } })).toMatchObject({ kind: 'errors' });
    expect(await lee.submitModal({ values: { 'Why not?': 'nope' } })).toEqual({
      kind: 'errors',
      errors: { why: 'Say because.' },
    });
    expect(await lee.submitModal({ values: { text: 'because of a backup' } })).toEqual({ kind: 'closed' });
    expect(lee.modal()).toBeUndefined();
  });

  test('is told of an opened Home and publishes it', async () => {
    const { slack } = await start((app) => {
      app.event('app_home_opened', async ({ event, client: own }) => {
        await own.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Reboots' } }] },
        });
      });
    });
    await slack.as('U0MIA').openHome();
    const home = await slack.until(() => slack.as('U0MIA').home(), 60_000);
    expect(home.body['blocks']).toMatchObject([{ type: 'header', text: { text: 'Reboots', emoji: true } }]);
  });

  test('comes back after Slack asks for a new connection', async () => {
    const { slack } = await start((app) => {
      app.command('/reboot', async ({ ack }) => ack('still here'));
    });
    slack.disconnect('refresh_requested');
    await slack.until(() => slack.sockets() === 0, 60_000);
    await slack.until(() => slack.sockets() === 1, 60_000);
    expect(await slack.as('U0MIA').command('/reboot status')).toMatchObject({ text: 'still here' });
  });

  test('comes back after its connection is cut', async () => {
    const { slack } = await start((app) => {
      app.command('/reboot', async ({ ack }) => ack('still here'));
    });
    slack.dropSockets();
    await slack.until(() => slack.sockets() === 0, 60_000);
    await slack.until(() => slack.sockets() === 1, 60_000);
    expect(await slack.as('U0MIA').command('/reboot status')).toMatchObject({ text: 'still here' });
    expect(slack.calls().filter(({ method }) => method === 'apps.connections.open')).toHaveLength(2);
  });

  test('gets the same envelope twice when told to, as the real one may do', async () => {
    let clicks = 0;
    const { slack, client } = await start((app) => {
      app.action('deny', async ({ ack }) => {
        clicks += 1;
        await ack();
      });
    });
    const ts = await postCard(slack, client);
    slack.duplicateNextEnvelope();
    await slack.as('U0MIA').click({ ts, action: 'deny' });
    await slack.until(() => clicks === 2 || undefined, 60_000);
    expect(clicks).toBe(2);
  });

  test('is refused with 429 and Retry-After beyond one post per second and channel', async () => {
    const { slack, client } = await start();
    const posts = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) =>
        client.apiCall('chat.postMessage', { channel: slack.channel.id, text: `${index}` }),
      ),
    );
    const refused = posts.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ reason: { code: 'slack_webapi_rate_limited_error', retryAfter: 1 } });
    expect(slack.messages()).toHaveLength(3);
  });

  test('prints what Slack says about bad blocks', async () => {
    const { slack, client } = await start();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }];
    await expect(
      client.apiCall('chat.postMessage', { channel: slack.channel.id, text: 'x', blocks }),
    ).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        errors: ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
      },
    });
  });
});
