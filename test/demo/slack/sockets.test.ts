import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { objectAt, parseJson, textAt, type JsonObject } from '../../../demo/slack/json.ts';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import { call, post, start } from './api-client.ts';
import { cardBlocks } from './bolt-app.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';

interface RawApp {
  readonly socket: WebSocket;
  readonly received: readonly JsonObject[];
  /** Resolves with the next frame of this type. */
  next(type: string): Promise<JsonObject>;
  ack(envelope: JsonObject, payload?: JsonObject): void;
}

let slack: FakeSlack;
let clock: FakeClock;
let random: () => number;
const apps: RawApp[] = [];

beforeEach(async () => {
  clock = fakeClock();
  random = Math.random;
  slack = await start({ clock, random: () => random() });
});
afterEach(async () => {
  for (const { socket } of apps.splice(0)) socket.terminate();
  await slack.close();
});

async function connect(query = ''): Promise<RawApp> {
  const { body } = await call(slack, 'apps.connections.open', {}, slack.appToken);
  const socket = new WebSocket(`${textAt(body, 'url')}${query}`);
  const received: JsonObject[] = [];
  const waiting: { readonly type: string; readonly resolve: (frame: JsonObject) => void }[] = [];
  socket.on('message', (data: Buffer) => {
    const frame = parseJson(data.toString()) as JsonObject;
    received.push(frame);
    const index = waiting.findIndex(({ type }) => type === frame['type']);
    if (index >= 0) waiting.splice(index, 1)[0]?.resolve(frame);
  });
  const app: RawApp = {
    socket,
    received,
    next: (type) => new Promise((resolve) => waiting.push({ type, resolve })),
    ack: (envelope, payload = {}) =>
      socket.send(JSON.stringify({ envelope_id: envelope['envelope_id'], payload })),
  };
  apps.push(app);
  return app;
}

async function ready(query = ''): Promise<RawApp> {
  const app = await connect(query);
  await app.next('hello');
  return app;
}

const card = () => post(slack, { text: 'card', blocks: cardBlocks });

describe('connections', () => {
  test('each address lets one connection in', async () => {
    const { body } = await call(slack, 'apps.connections.open', {}, slack.appToken);
    const status = (url: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.on('open', () => {
          resolve('open');
          socket.terminate();
        });
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      });
    expect(await status(textAt(body, 'url'))).toBe('open');
    expect(await status(textAt(body, 'url'))).toBe(403);
  });

  test('the eleventh is sent away with too_many_websockets', async () => {
    for (let count = 0; count < 10; count += 1) await ready();
    const last = await connect();
    expect(await last.next('disconnect')).toMatchObject({ reason: 'too_many_websockets' });
    expect(slack.sockets()).toBe(10);
  });

  test('each envelope goes to one of them, as chance will have it', async () => {
    const [first, second] = [await ready(), await ready()];
    const ts = await card();
    random = () => 0.99;
    const toSecond = second.next('interactive');
    const one = slack.as('U0MIA').click({ ts, action: 'Deny' });
    second.ack(await toSecond);
    random = () => 0;
    const toFirst = first.next('interactive');
    const other = slack.as('U0MIA').click({ ts, action: 'Deny' });
    first.ack(await toFirst);
    expect(await Promise.all([one, other])).toEqual([{ kind: 'acked' }, { kind: 'acked' }]);
  });

  test('one that does not answer pings is dropped', async () => {
    const app = await connect();
    // A client that answers nothing, as after its network has gone.
    app.socket.pong = () => undefined;
    await app.next('hello');
    const pinged = new Promise((resolve) => app.socket.once('ping', resolve));
    clock.advance(10_000);
    await pinged;
    clock.advance(10_000);
    await slack.until(() => slack.sockets() === 0, 60_000);
    expect(slack.sockets()).toBe(0);
  });

  test('with debug_reconnects is warned ten seconds before its six minutes are over', async () => {
    const app = await ready('&debug_reconnects=true');
    const goodbye = app.next('disconnect');
    const pings = () => new Promise((resolve) => app.socket.once('ping', resolve));
    for (let passed = 0; passed < 350_000; passed += 10_000) {
      const pinged = pings();
      clock.advance(10_000);
      await pinged;
      await slack.until(() => true, 0);
      app.socket.ping();
      await new Promise((resolve) => app.socket.once('pong', resolve));
    }
    expect(await goodbye).toMatchObject({ reason: 'warning' });
  });
});

describe('what nobody acknowledges', () => {
  test('a button shows a warning after three seconds, and is not sent again', async () => {
    const app = await ready();
    const ts = await card();
    const received = app.next('interactive');
    const pressed = slack.as('U0MIA').click({ ts, action: 'Deny' });
    await received;
    clock.advance(3000);
    expect(await pressed).toEqual({ kind: 'failed', why: 'timeout' });
    clock.advance(600_000);
    expect(app.received.filter(({ type }) => type === 'interactive')).toHaveLength(1);
  });

  test('a command is answered by Slack itself', async () => {
    const app = await ready();
    const received = app.next('slash_commands');
    const seen = slack.as('U0MIA').command('/reboot status');
    await received;
    clock.advance(3000);
    expect(await seen).toMatchObject({ text: '/reboot failed with the error "operation_timeout"' });
  });

  test('a command with nobody connected fails at once', async () => {
    expect(await slack.as('U0MIA').command('/reboot status')).toMatchObject({
      text: '/reboot failed with the error "dispatch_failed"',
    });
    expect(await slack.as('U0MIA').command('/deploy')).toMatchObject({
      text: '/deploy is not a valid command.',
    });
  });

  test('an event is sent again, with the count of attempts', async () => {
    const app = await ready();
    const first = app.next('events_api');
    const opened = slack.as('U0MIA').openHome();
    expect(await first).toMatchObject({ retry_attempt: 0, retry_reason: '' });
    const second = app.next('events_api');
    clock.advance(3000);
    await opened;
    clock.advance(0);
    const again = await second;
    expect(again).toMatchObject({ retry_attempt: 1, retry_reason: 'timeout' });
    expect(objectAt(again, 'payload')).toEqual(objectAt(await first, 'payload'));
  });

  test('an acknowledgement that comes too late changes nothing', async () => {
    const app = await ready();
    const ts = await card();
    slack.delayAcks(5000);
    const received = app.next('interactive');
    const pressed = slack.as('U0MIA').click({ ts, action: 'Deny' });
    app.ack(await received);
    await slack.until(() => slack.frames().some(({ from }) => from === 'app'), 60_000);
    clock.advance(3000);
    expect(await pressed).toEqual({ kind: 'failed', why: 'timeout' });
  });
});

describe('response URLs', () => {
  test('of a click can replace or delete the message, and end after thirty minutes', async () => {
    const app = await ready();
    const ts = await card();
    const received = app.next('interactive');
    const pressed = slack.as('U0MIA').click({ ts, action: 'Deny' });
    const envelope = await received;
    app.ack(envelope);
    await pressed;
    const url = textAt(objectAt(envelope, 'payload'), 'response_url');
    const send = async (body: JsonObject) =>
      (
        await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;
    expect(await send({ text: 'only you' })).toBe(200);
    expect(slack.ephemerals('U0MIA')).toMatchObject([{ text: 'only you' }]);
    expect(await send({ replace_original: true, text: 'denied' })).toBe(200);
    expect(slack.message(ts)?.text).toBe('denied');
    expect(await send({ delete_original: true })).toBe(200);
    expect(slack.message(ts)).toBeUndefined();
    clock.advance(30 * 60_000 + 1);
    expect(await send({ text: 'late' })).toBe(404);
  });
});
