import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import { call, post, start } from './api-client.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

let slack: FakeSlack;
beforeEach(async () => {
  slack = await start();
});
afterEach(() => slack.close());

describe('tokens and scopes', () => {
  test.each([
    ['no token', '', 'not_authed'],
    ['a token of nobody', 'xoxb-nobody', 'invalid_auth'],
    ['the app-level token', 'app', 'not_allowed_token_type'],
  ])('auth.test with %s is refused', async (_, token, error) => {
    const { status, body } = await call(slack, 'auth.test', {}, token === 'app' ? slack.appToken : token);
    expect([status, body]).toEqual([200, { ok: false, error }]);
  });

  test('apps.connections.open takes the app-level token only', async () => {
    expect((await call(slack, 'apps.connections.open')).body['error']).toBe('not_allowed_token_type');
    expect((await call(slack, 'apps.connections.open', {}, slack.appToken)).body['url']).toMatch(
      /^ws:\/\/127\.0\.0\.1/,
    );
  });

  test('a missing scope is named, with what the token has', async () => {
    const { body, headers } = await call(slack, 'reactions.add', { channel: slack.channel.id });
    expect(body).toMatchObject({ error: 'missing_scope', needed: 'reactions:write' });
    expect(headers.get('x-oauth-scopes')).toContain('chat:write');
  });

  test('unknown methods say so', async () => {
    expect((await call(slack, 'chat.shout')).body['error']).toBe('unknown_method');
  });

  test('JSON and multipart bodies are taken like forms', async () => {
    const json = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: slack.channel.id, blocks: [{ type: 'divider' }], text: 'json' }),
    });
    const form = new FormData();
    form.set('channel', slack.channel.id);
    form.set('text', 'multipart');
    form.set('token', slack.botToken);
    const multipart = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', body: form });
    expect([await json.json(), await multipart.json()]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(slack.messages().map(({ text }) => text)).toEqual(['json', 'multipart']);
  });

  test('the log of calls keeps arguments and never a token', async () => {
    await call(slack, 'chat.postMessage', { token: slack.botToken, channel: 'C0NOWHERE', text: 'x' });
    expect(slack.calls()).toMatchObject([
      { method: 'chat.postMessage', error: 'channel_not_found', status: 200 },
    ]);
    expect(JSON.stringify(slack.calls())).not.toContain(slack.botToken);
  });
});

describe('chat', () => {
  const channel = 'C0REBOOTS';
  test.each([
    ['nothing to say', { channel }, 'no_text'],
    ['a channel that does not exist', { channel: 'C0NOPE', text: 'x' }, 'channel_not_found'],
    ['a public channel that the app has not joined', { channel: 'C0GENERAL', text: 'x' }, 'not_in_channel'],
    ['a private channel that the app is not in', { channel: 'C0SECRET', text: 'x' }, 'channel_not_found'],
    ['an archived channel', { channel: 'C0ATTIC', text: 'x' }, 'is_archived'],
    ['blocks that are no JSON', { channel, blocks: '[{' }, 'invalid_blocks_format'],
    [
      'metadata without an event type',
      { channel, text: 'x', metadata: { event_payload: {} } },
      'invalid_metadata_schema',
    ],
    ['a reply to nothing', { channel, text: 'x', thread_ts: '1.000001' }, 'cannot_reply_to_message'],
  ])('chat.postMessage with %s is refused', async (_, args, error) => {
    expect((await call(slack, 'chat.postMessage', args)).body['error']).toBe(error);
    expect(slack.messages(channel)).toEqual([]);
  });

  test('fills in what Slack fills in: block ids, emoji, verbatim, the profile of the bot', async () => {
    const { body } = await call(slack, 'chat.postMessage', {
      channel,
      text: 'x',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x' } }],
    });
    expect(body['message']).toMatchObject({
      bot_id: 'B0TUGBOT',
      bot_profile: { name: 'Tugboot' },
      team: 'T0HARBOUR',
      blocks: [{ block_id: expect.stringMatching(/^\w{5}$/) as string, text: { verbatim: false } }],
    });
  });

  test('an update with text alone takes the blocks away; one with blocks alone keeps the text', async () => {
    const blocks = [{ type: 'divider' }];
    const ts = await post(slack, { text: 'first', blocks });
    await call(slack, 'chat.update', { channel, ts, blocks: [{ type: 'divider' }, { type: 'divider' }] });
    expect(slack.message(ts)).toMatchObject({ text: 'first', blocks: [{}, {}] });
    await call(slack, 'chat.update', { channel, ts, text: 'second' });
    expect(slack.message(ts)).toMatchObject({ text: 'second', editedTs: expect.any(String) as string });
    expect(slack.message(ts)?.blocks).toBeUndefined();
  });

  test('an update keeps metadata that it does not mention, and clears it with an empty object', async () => {
    const metadata = { event_type: 'reboot', event_payload: { name: 'a' } };
    const ts = await post(slack, { text: 'x', metadata });
    await call(slack, 'chat.update', { channel, ts, text: 'y' });
    expect(slack.message(ts)?.metadata).toEqual(metadata);
    await call(slack, 'chat.update', { channel, ts, text: 'z', metadata: {} });
    expect(slack.message(ts)?.metadata).toBeUndefined();
  });

  test('an update is refused over 4000 characters, where a post is cut at 40000', async () => {
    const ts = await post(slack, { text: 'x'.repeat(40_001) });
    expect(slack.message(ts)?.text).toHaveLength(40_000);
    const long = { channel, ts, text: '&'.repeat(801) };
    expect((await call(slack, 'chat.update', long)).body['error']).toBe('msg_too_long');
  });

  test('nobody changes the message of a person', async () => {
    const ts = slack.as('U0MIA').say('hello');
    expect((await call(slack, 'chat.update', { channel, ts, text: 'x' })).body['error']).toBe(
      'cant_update_message',
    );
    expect((await call(slack, 'chat.delete', { channel, ts })).body['error']).toBe('cant_delete_message');
  });

  test('a reply cannot be replied to, and may also be sent to the channel', async () => {
    const ts = await post(slack, { text: 'card' });
    const reply = await post(slack, { text: 'failed', thread_ts: ts, reply_broadcast: true });
    const again = await call(slack, 'chat.postMessage', { channel, text: 'x', thread_ts: reply });
    expect(again.body['error']).toBe('cannot_reply_to_message');
    expect(slack.messages().map(({ text }) => text)).toEqual(['card', 'failed']);
    expect(slack.thread(channel, ts).map(({ text }) => text)).toEqual(['failed']);
  });

  test('deleting a message with replies leaves a tombstone', async () => {
    const ts = await post(slack, { text: 'card' });
    await post(slack, { text: 'reply', thread_ts: ts });
    await call(slack, 'chat.delete', { channel, ts });
    expect(slack.message(ts)).toMatchObject({ tombstone: true });
    expect((await call(slack, 'chat.update', { channel, ts, text: 'x' })).body['error']).toBe(
      'message_not_found',
    );
  });

  test('ephemeral messages reach one member and cannot be updated', async () => {
    const { body } = await call(slack, 'chat.postEphemeral', { channel, user: 'U0SAM', text: 'not you' });
    expect(slack.ephemerals('U0SAM')).toMatchObject([{ text: 'not you' }]);
    const update = await call(slack, 'chat.update', { channel, ts: body['message_ts'], text: 'x' });
    expect(update.body['error']).toBe('message_not_found');
    const outsider = await call(slack, 'chat.postEphemeral', { channel, user: 'U0OLD', text: 'x' });
    expect(outsider.body['error']).toBe('user_not_in_channel');
  });

  test('permalinks lead to replies through their thread', async () => {
    const ts = await post(slack, { text: 'card' });
    const reply = await post(slack, { text: 'reply', thread_ts: ts });
    const { body } = await call(slack, 'chat.getPermalink', { channel, message_ts: reply });
    expect(body['permalink']).toBe(
      `https://harbour.slack.com/archives/${channel}/p${reply.replace('.', '')}?thread_ts=${ts}&cid=${channel}`,
    );
  });

  test('every message has a later ts than the one before', async () => {
    const clock = fakeClock();
    const still = await start({ clock });
    const stamps = [still.as('U0MIA').say('a'), still.as('U0MIA').say('b'), still.as('U0MIA').say('c')];
    await still.close();
    expect(stamps).toEqual(stamps.toSorted());
    expect(new Set(stamps).size).toBe(3);
  });
});

describe('reading', () => {
  test('history is newest first, without replies, a page at a time', async () => {
    const first = await post(slack, { text: '1' });
    await post(slack, { text: 'reply', thread_ts: first });
    await post(slack, { text: '2' });
    await post(slack, { text: '3' });
    const page = await call(slack, 'conversations.history', { channel: slack.channel.id, limit: 2 });
    const cursor = (page.body['response_metadata'] as { next_cursor: string }).next_cursor;
    const rest = await call(slack, 'conversations.history', { channel: slack.channel.id, limit: 2, cursor });
    expect([page.body['messages'], rest.body['messages']]).toMatchObject([
      [{ text: '3' }, { text: '2' }],
      [{ text: '1', reply_count: 1, thread_ts: first }],
    ]);
    const wrong = await call(slack, 'conversations.history', {
      channel: slack.channel.id,
      cursor: 'nonsense',
    });
    expect(wrong.body['error']).toBe('invalid_cursor');
  });

  test('replies begin with their parent, and a thread that is not there is named', async () => {
    const ts = await post(slack, { text: 'card' });
    await post(slack, { text: 'reply', thread_ts: ts });
    const { body } = await call(slack, 'conversations.replies', { channel: slack.channel.id, ts });
    expect(body['messages']).toMatchObject([{ text: 'card' }, { text: 'reply', thread_ts: ts }]);
    const none = await call(slack, 'conversations.replies', { channel: slack.channel.id, ts: '1.000001' });
    expect(none.body['error']).toBe('thread_not_found');
  });

  test('tells guests, strangers, bots and leavers apart', async () => {
    const info = async (user: string) => (await call(slack, 'users.info', { user })).body['user'];
    expect(await info('U0GIO')).toMatchObject({ is_restricted: true });
    expect(await info('U0KIM')).toMatchObject({ is_stranger: true, team_id: 'T0PARTNER' });
    expect(await info('U0OLD')).toMatchObject({ deleted: true });
    expect(await info(slack.botUser)).toMatchObject({ is_bot: true });
  });

  test('groups are read as an administrator left them', async () => {
    slack.admin.setUsergroup({ id: 'S0ONCALL', handle: 'sre-oncall', name: 'SRE on call', users: ['U0SAM'] });
    const { body } = await call(slack, 'usergroups.users.list', { usergroup: 'S0ONCALL' });
    expect(body['users']).toEqual(['U0SAM']);
  });
});

describe('limits and faults', () => {
  test('a tier 2 method answers 20 times a minute, then 429 with the seconds to wait', async () => {
    const clock = fakeClock();
    const strict = await start({ clock, rateLimits: true });
    const answers = [];
    for (let count = 0; count < 21; count += 1) answers.push(await call(strict, 'users.list'));
    const refused = answers.at(-1);
    expect(answers.slice(0, 20).every(({ status }) => status === 200)).toBe(true);
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([429, '3']);
    clock.advance(3000);
    expect((await call(strict, 'users.list')).status).toBe(200);
    await strict.close();
  });

  test('posting is limited per channel: another channel is not held up', async () => {
    const strict = await start({
      clock: fakeClock(),
      rateLimits: true,
      scopes: ['chat:write', 'chat:write.public'],
    });
    const to = async (channel: string) =>
      (await call(strict, 'chat.postMessage', { channel, text: 'x' })).status;
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push(await to('C0REBOOTS'));
    statuses.push(await to('C0GENERAL'));
    await strict.close();
    expect(statuses).toEqual([200, 200, 200, 429, 200]);
  });

  test('injected answers come as often as asked for, and the work is done or not as said', async () => {
    slack.faults.add({ method: 'chat.postMessage', do: { status: 429, retryAfter: 7 } });
    slack.faults.add({ method: 'chat.postMessage', do: { status: 500 } });
    slack.faults.add({ method: 'chat.postMessage', do: { error: 'fatal_error' } });
    slack.faults.add({ method: 'chat.postMessage', do: 'reset' });
    slack.faults.add({ method: 'chat.postMessage', do: 'reset-after' });
    const attempt = (text: string) => call(slack, 'chat.postMessage', { channel: slack.channel.id, text });
    const limited = await attempt('1');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await attempt('2')).status).toBe(500);
    expect((await attempt('3')).body['error']).toBe('fatal_error');
    await expect(attempt('4')).rejects.toThrow('fetch failed');
    await expect(attempt('5')).rejects.toThrow('fetch failed');
    await attempt('6');
    expect(slack.messages().map(({ text }) => text)).toEqual(['5', '6']);
    expect(slack.calls().map(({ status }) => status)).toEqual([429, 500, 200, 0, 0, 200]);
  });

  test('a call that hangs is logged, and closing the fake ends it', async () => {
    slack.faults.add({ method: 'api.test', do: 'hang' });
    const hanging = call(slack, 'api.test');
    const ended = expect(hanging).rejects.toThrow('fetch failed');
    await slack.until(() => slack.calls().length === 1, 60_000);
    await slack.close();
    await ended;
    slack = await start();
  });
});
